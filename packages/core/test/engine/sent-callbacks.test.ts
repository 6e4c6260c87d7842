import { describe, expect, it } from "vitest";
import { SentCallbacks } from "../../src/index.ts";

/** Callbacks by their names, while so many packets are in the outbox. */
function callbacksOf(queued: number, ...names: (string | undefined)[]): SentCallbacks<string> {
  const callbacks = new SentCallbacks<string>(queued);
  for (const name of names) {
    if (name !== undefined) {
      callbacks.add(name);
    }
    callbacks.countPacket();
  }
  return callbacks;
}

describe("callbacks of what was sent", () => {
  it("are taken once each, in order, when their messages have left", () => {
    const callbacks = callbacksOf(0, "a", "b", "c");
    expect(callbacks.take(3)).toEqual([]);
    expect(callbacks.take(1)).toEqual(["a", "b"]);
    expect(callbacks.take(1)).toEqual([]);
    expect(callbacks.take(0)).toEqual(["c"]);
    expect(callbacks.take(0)).toEqual([]);
  });

  it("are not mistaken for those of other packets, be these in the outbox already or between them", () => {
    const callbacks = callbacksOf(2, "a", undefined, "b");
    expect(callbacks.take(3)).toEqual([]);
    expect(callbacks.take(2)).toEqual(["a"]);
    expect(callbacks.take(1)).toEqual([]);
    expect(callbacks.take(0)).toEqual(["b"]);
  });
});
