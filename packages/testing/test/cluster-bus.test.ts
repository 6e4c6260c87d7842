import { describe, expect, it, vi } from "vitest";
import { ClusterBus, type BusMessage } from "../src/index.ts";

interface Note extends BusMessage {
  readonly text: unknown;
}

/** Joins members that write down what reaches them, as `uid <- text @ offset`. */
function joined(...uids: string[]): { bus: ClusterBus<Note, Note>; log: string[] } {
  const bus = new ClusterBus<Note, Note>();
  const log: string[] = [];
  for (const uid of uids) {
    bus.join({
      uid,
      onMessage: ({ text }, offset) => log.push(`${uid} <- ${String(text)} @ ${offset}`),
      onResponse: ({ text }) => log.push(`${uid} <- ${String(text)}`),
    });
  }
  return { bus, log };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a bus", () => {
  it("brings a message to all but its sender, in a later turn, with its place in the order of all", async () => {
    const { bus, log } = joined("a", "b", "c");
    const offsets = [bus.publish({ uid: "a", text: "one" }), bus.publish({ uid: "b", text: "two" })];
    expect(log).toEqual([]);
    expect(await Promise.all(offsets)).toEqual(["1", "2"]);
    expect(log).toEqual(["b <- one @ 1", "c <- one @ 1", "a <- two @ 2", "c <- two @ 2"]);
    expect(bus.published).toEqual([
      { uid: "a", text: "one" },
      { uid: "b", text: "two" },
    ]);
  });

  it("brings a response to one member, and to nobody if there is none of that name", async () => {
    const { bus, log } = joined("a", "b", "c");
    await bus.respond("b", { uid: "a", text: "yes" });
    await bus.respond("nobody", { uid: "a", text: "yes" });
    await turn();
    expect(log).toEqual(["b <- yes"]);
  });

  it("gives each a copy of its own, with binary data", async () => {
    const bus = new ClusterBus<Note, Note>();
    const texts: unknown[] = [];
    for (const uid of ["b", "c"]) {
      bus.join({ uid, onMessage: ({ text }) => texts.push(text), onResponse: () => {} });
    }
    const text = Buffer.from("rope");
    await bus.publish({ uid: "a", text });
    text.fill(0);
    await turn();
    expect(texts).toEqual([Buffer.from("rope"), Buffer.from("rope")]);
    expect(texts[0]).not.toBe(texts[1]);
  });

  it("refuses when it is told to, and what can't be copied", async () => {
    const { bus, log } = joined("a", "b");
    await expect(bus.publish({ uid: "a", text: () => {} })).rejects.toThrow("could not be cloned");
    bus.refusal = new Error("down");
    await expect(bus.publish({ uid: "a", text: "one" })).rejects.toBe(bus.refusal);
    await expect(bus.respond("b", { uid: "a", text: "one" })).rejects.toBe(bus.refusal);
    await turn();
    expect(log).toEqual([]);
    expect(bus.published).toEqual([]);
  });

  it("loses, repeats, delays and reorders as it is told", async () => {
    vi.useFakeTimers();
    try {
      const { bus, log } = joined("a", "b", "c");
      bus.faults = ({ from, to, payload }) => {
        expect(from).toBe("a");
        return to === "c" ? [] : payload.text === "one" ? [20] : [0, 10];
      };
      await bus.publish({ uid: "a", text: "one" });
      await bus.publish({ uid: "a", text: "two" });
      await vi.advanceTimersByTimeAsync(10);
      expect(log).toEqual(["b <- two @ 2", "b <- two @ 2"]);
      await vi.advanceTimersByTimeAsync(10);
      expect(log.slice(2)).toEqual(["b <- one @ 1"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("brings nothing to a member that has left, not even what was under way", async () => {
    const { bus, log } = joined("a", "b", "c");
    void bus.publish({ uid: "a", text: "one" });
    bus.leave("b");
    await turn();
    expect(log).toEqual(["c <- one @ 1"]);
  });
});
