import { format } from "node:util";
import createDebug from "debug";
import { afterEach, describe, expect, it } from "vitest";
import { debugFor } from "../src/debug.ts";

const { log } = createDebug;

afterEach(() => {
  createDebug.disable();
  createDebug.log = log;
});

describe("debug output", () => {
  /** What a part says that has an old and a new scope while `enabled` is. */
  function said(enabled: string): string[] {
    const lines: string[] = [];
    createDebug.log = (line: string, ...args: unknown[]) => lines.push(format(line, ...args));
    createDebug.enable(enabled);
    debugFor("part", "socket.io-client:part")("said %s", "something");
    return lines;
  }

  it("is silent unless it is wanted", () => {
    expect(said("")).toEqual([]);
    expect(said("hawser-client:other,socket.io-client")).toEqual([]);
  });

  it.each(["hawser-client:part", "hawser-client:*", "socket.io-client:part", "socket.io-client*", "*"])(
    "is enabled by %s",
    (scopes) => {
      expect(said(scopes)).toEqual([expect.stringMatching(/hawser-client:part.* said something/)]);
    },
  );
});
