/** What this package shares with `socket.io-adapter`, held against it. */

import * as official from "socket.io-adapter";
import { expect, it } from "vitest";
import * as hawser from "../src/index.ts";

it("all of its exports are there", () => {
  expect(Object.keys(hawser)).toEqual(expect.arrayContaining(Object.keys(official)));
});

it("the types of messages are the same", () => {
  expect(hawser.MessageType).toEqual(official.MessageType);
});

it.each(["Adapter", "SessionAwareAdapter", "ClusterAdapter", "ClusterAdapterWithHeartbeat"] as const)(
  "%s has the same public and protected methods",
  (name) => {
    const methods = (prototype: object): string[] => {
      const names: string[] = [];
      for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
        names.push(...Object.getOwnPropertyNames(at));
      }
      return names;
    };
    const secrets = [
      "_del",
      "_encode",
      "apply",
      "computeExceptSids",
      "addOffsetIfNecessary",
      "scheduleHeartbeat",
      "removeNode",
    ];
    const expected = methods(official[name].prototype).filter((method) => !secrets.includes(method));
    expect(methods(hawser[name].prototype)).toEqual(expect.arrayContaining(expected));
  },
);
