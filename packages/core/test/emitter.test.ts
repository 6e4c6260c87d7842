import { describe, expect, it } from "vitest";
import { Emitter } from "../src/emitter.ts";
import type { DefaultEventsMap } from "../src/events.ts";

interface ReservedEvents {
  connect: (id: string) => void;
}

class TestEmitter extends Emitter<DefaultEventsMap, DefaultEventsMap, ReservedEvents> {
  connect(id: string): void {
    this.emitReserved("connect", id);
  }

  receive(event: string | number, ...args: unknown[]): void {
    this.emitUntyped(event, ...args);
  }
}

/** As the client's socket: what is emitted is sent. */
class SendingEmitter extends TestEmitter {
  readonly sent: unknown[][] = [];

  override emit(event: string | symbol, ...args: unknown[]): this {
    this.sent.push([event, ...args]);
    return this;
  }
}

/** A listener that writes down what it was called with, and under which name. */
function recorder(): { calls: unknown[][]; as: (name: string) => (...args: unknown[]) => void } {
  const calls: unknown[][] = [];
  return {
    calls,
    as:
      (name) =>
      (...args) =>
        calls.push([name, ...args]),
  };
}

describe("Emitter", () => {
  it("calls the listeners of an event in the order in which they were added, with all arguments", () => {
    const { calls, as } = recorder();
    const emitter = new TestEmitter().on("event", as("first")).on("event", as("second")).on("other", as("other"));

    emitter.emit("event", 1, "two", [3]);

    expect(calls).toEqual([
      ["first", 1, "two", [3]],
      ["second", 1, "two", [3]],
    ]);
  });

  it("keeps the listeners of one instance apart from those of another", () => {
    const { calls, as } = recorder();
    new TestEmitter().on("event", as("other instance"));

    new TestEmitter().emit("event");

    expect(calls).toEqual([]);
  });

  it("calls listeners with the emitter as `this`", () => {
    const emitter = new TestEmitter();
    const receivers: unknown[] = [];
    emitter.on("event", function (this: unknown) {
      receivers.push(this);
    });

    emitter.emit("event");

    expect(receivers[0]).toBe(emitter);
  });

  it("calls a listener that was added with once a single time", () => {
    const { calls, as } = recorder();
    const emitter = new TestEmitter().once("event", as("once"));

    emitter.emit("event", "first");
    emitter.emit("event", "second");

    expect(calls).toEqual([["once", "first"]]);
  });

  it("removes one listener, also one that was added with once", () => {
    const { calls, as } = recorder();
    const [always, once, kept] = [as("always"), as("once"), as("kept")];
    const emitter = new TestEmitter().on("event", always).once("event", once).on("event", kept);

    emitter.off("event", always).off("event", once).emit("event");

    expect(calls).toEqual([["kept"]]);
  });

  it.each(["off", "removeListener", "removeEventListener", "removeAllListeners"] as const)(
    "removes the listeners of one event with %s(event), and all with %s()",
    (remove) => {
      const { as } = recorder();
      const emitter = new TestEmitter().on("a", as("1")).on("a", as("2")).on("b", as("3")).on("c", as("4"));

      emitter[remove]("a");
      expect(emitter.hasListeners("a")).toBe(false);
      expect(emitter.listenerCount()).toBe(2);

      emitter[remove]();
      expect(emitter.hasListeners()).toBe(false);
    },
  );

  it("tells which listeners an event has", () => {
    const { as } = recorder();
    const [first, second] = [as("first"), as("second")];
    const emitter = new TestEmitter().on("event", first).addEventListener("event", second);

    expect(emitter.listeners("event")).toEqual([first, second]);
    expect(emitter.listenerCount("event")).toBe(2);
    expect(emitter.hasListeners("event")).toBe(true);
    expect(emitter.listeners("other")).toEqual([]);
    expect(emitter.hasListeners("other")).toBe(false);
  });

  it("still calls the listeners that are removed while the event is emitted, but not those that are added", () => {
    const { calls, as } = recorder();
    const [removed, added] = [as("removed"), as("added")];
    const emitter = new TestEmitter();
    emitter.on("event", () => emitter.off("event", removed).on("event", added)).on("event", removed);

    emitter.emit("event");

    expect(calls).toEqual([["removed"]]);
  });

  it("does not throw when nobody listens to an error", () => {
    expect(() => new TestEmitter().emit("error", new Error("unheard"))).not.toThrow();
  });

  it("returns itself from emit, so that calls can be chained", () => {
    const emitter = new TestEmitter();
    expect(emitter.emit("event").emit("event")).toBe(emitter);
  });

  it("calls the listeners of received events and of the library's own where emit sends", () => {
    const { calls, as } = recorder();
    const emitter = new SendingEmitter().on("connect", as("connect")).on("event", as("event"));

    emitter.emit("event", "sent");
    emitter.receive("event", "received");
    emitter.connect("id");

    expect(emitter.sent).toEqual([["event", "sent"]]);
    expect(calls).toEqual([
      ["event", "received"],
      ["connect", "id"],
    ]);
  });

  it("takes a number and its digits for the same name", () => {
    const { calls, as } = recorder();
    const [one, digit] = [1 as unknown as string, "1"];
    const number = as("number");
    const emitter = new TestEmitter().on(one, number).once(digit, as("digit"));

    emitter.receive(1, "first");
    emitter.receive("1", "second");
    expect(calls).toEqual([
      ["number", "first"],
      ["digit", "first"],
      ["number", "second"],
    ]);
    expect([emitter.listeners(one), emitter.listeners(digit)]).toEqual([[number], [number]]);

    emitter.off(digit, number);
    expect(emitter.hasListeners(one)).toBe(false);
  });

  it.each(["off", "removeListener", "removeEventListener", "removeAllListeners"] as const)(
    "removes nothing with %s if what is to be removed is undefined",
    (remove) => {
      const { as } = recorder();
      const emitter = new TestEmitter().on("a", as("1")).on("b", as("2"));
      const off = emitter[remove] as (...args: unknown[]) => unknown;

      expect(off.call(emitter, "a", undefined)).toBe(emitter);
      off.call(emitter, undefined);
      off.call(emitter, undefined, as("3"));
      expect(emitter.listenerCount()).toBe(2);
    },
  );
});
