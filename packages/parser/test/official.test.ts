/** What this package shares with `socket.io-parser`, held against it. */

import fc from "fast-check";
import * as official from "socket.io-parser";
import { describe, expect, it } from "vitest";
import * as hawser from "../src/index.ts";

describe("the exports of socket.io-parser", () => {
  it("are all there", () => {
    expect(Object.keys(hawser)).toEqual(expect.arrayContaining(Object.keys(official)));
  });

  it("of which the numbers are the same", () => {
    expect(hawser.PacketType).toEqual(official.PacketType);
    expect(hawser.protocol).toBe(official.protocol);
  });

  it("of which the classes have the same methods, public ones at least", () => {
    const methods = (prototype: object): string[] => {
      const names: string[] = [];
      for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
        names.push(...Object.getOwnPropertyNames(at));
      }
      return names;
    };
    const secrets = ["encodeAsString", "encodeAsBinary", "decodeString", "tryParse"];
    for (const name of ["Encoder", "Decoder"] as const) {
      const expected = methods(official[name].prototype).filter((method) => !secrets.includes(method));
      expect(methods(hawser[name].prototype)).toEqual(expect.arrayContaining(expected));
    }
  });
});

describe("isPacketValid", () => {
  const NAMES = ["a", "connect", "disconnect", "disconnecting", "newListener", "constructor", 7, true, null, undefined];

  const fields = fc.record(
    {
      type: fc.oneof(fc.integer({ min: -1, max: 7 }), fc.constantFrom(0.5, NaN, "2", undefined, null)),
      nsp: fc.constantFrom("/", "/admin", "", undefined, null, 1, {}),
      id: fc.constantFrom(undefined, 0, 1, 1.5, -1, "1", null),
      data: fc.oneof(
        fc.constantFrom(undefined, null, "text", {}, { message: "no" }, [], 0, new Date(0), new Map()),
        fc.constantFrom(...NAMES).map((name) => [name, 1]),
      ),
    },
    { requiredKeys: [] },
  );

  it("is of the same opinion, whatever the packet", () => {
    fc.assert(
      fc.property(fields, (packet) => {
        expect(hawser.isPacketValid(packet as hawser.UncheckedPacket)).toBe(
          official.isPacketValid(packet as official.Packet),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the errors of a decoder", () => {
  it.each([
    '51-["a"]|2["a"]',
    "rope",
    "2{}",
    "2[",
    '1"a"',
    '5-["a"]',
    '50-["a"]',
    '511-["a"]',
    '51-["a",{"_placeholder":true,"num":3}]|rope',
  ])("have the same messages: %s", (frames) => {
    const messageOf = (decoder: { add(frame: unknown): void }): string => {
      try {
        for (const frame of frames.split("|")) {
          decoder.add(frame === "rope" ? Buffer.from(frame) : frame);
        }
      } catch (error) {
        return (error as Error).message;
      }
      return "none";
    };
    expect(messageOf(new hawser.Decoder())).toBe(messageOf(new official.Decoder()));
  });

  it("name what is neither text nor binary", () => {
    for (const decoder of [new hawser.Decoder(), new official.Decoder()]) {
      expect(() => decoder.add(42)).toThrow("Unknown type: 42");
    }
    expect(() => new hawser.Decoder().add(null)).toThrow("Unknown type: null");
  });
});
