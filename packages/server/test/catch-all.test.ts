import type { DefaultEventsMap } from "@hawser/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { CatchAllEmitter, type CatchAllListener } from "../src/catch-all.ts";
import { UserErrors } from "../src/user-errors.ts";

class Probe extends CatchAllEmitter<DefaultEventsMap, DefaultEventsMap, {}> {
  readonly errors: unknown[] = [];
  readonly #userErrors = new UserErrors("contain", (error) => this.errors.push(error) > 0);

  incoming(...event: unknown[]): void {
    this.notifyIncoming(event, this.#userErrors, { phase: "event" });
  }

  outgoing(...event: unknown[]): void {
    this.notifyOutgoing(event, this.#userErrors, { phase: "event" });
  }

  onRejection(): void {}
}

let probe: Probe;

beforeEach(() => {
  probe = new Probe();
});

const DIRECTIONS = [
  {
    direction: "incoming",
    notify: (...event: unknown[]) => probe.incoming(...event),
    other: (...event: unknown[]) => probe.outgoing(...event),
    append: (listener: CatchAllListener) => probe.onAny(listener),
    prepend: (listener: CatchAllListener) => probe.prependAny(listener),
    remove: (listener?: CatchAllListener) => probe.offAny(listener),
    list: () => probe.listenersAny(),
  },
  {
    direction: "outgoing",
    notify: (...event: unknown[]) => probe.outgoing(...event),
    other: (...event: unknown[]) => probe.incoming(...event),
    append: (listener: CatchAllListener) => probe.onAnyOutgoing(listener),
    prepend: (listener: CatchAllListener) => probe.prependAnyOutgoing(listener),
    remove: (listener?: CatchAllListener) => probe.offAnyOutgoing(listener),
    list: () => probe.listenersAnyOutgoing(),
  },
];

describe.each(DIRECTIONS)(
  "catch-all listeners of $direction events",
  ({ notify, other, append, prepend, remove, list }) => {
    it("are called in order, those that were prepended first", () => {
      const seen: string[] = [];
      for (const name of ["a", "b"]) {
        expect(append(() => seen.push(name))).toBe(probe);
        expect(prepend(() => seen.push(`prepended ${name}`))).toBe(probe);
      }
      notify("event");
      expect(seen).toEqual(["prepended b", "prepended a", "a", "b"]);
    });

    it("are handed the name and the arguments, and nothing of the other direction", () => {
      const listener = vi.fn<(...args: unknown[]) => void>();
      append(listener);
      notify("event", 1, "2");
      other("other");
      expect(listener).toHaveBeenCalledExactlyOnceWith("event", 1, "2");
    });

    it("are called as often as they were added, and removed once at a time", () => {
      const listener = vi.fn<(...args: unknown[]) => void>();
      append(listener);
      append(listener);
      notify("event");
      expect(remove(listener)).toBe(probe);
      notify("event");
      expect(listener).toHaveBeenCalledTimes(3);
      remove();
      notify("event");
      expect(listener).toHaveBeenCalledTimes(3);
    });

    it("stay when one is removed that was never added", () => {
      const listener = vi.fn<(...args: unknown[]) => void>();
      remove(listener);
      append(listener);
      remove(() => {});
      expect(list()).toEqual([listener]);
    });

    it("that are added or removed while they are called count from the next event", () => {
      const late = vi.fn<(...args: unknown[]) => void>();
      const once = vi.fn<() => void>(() => {
        remove(once);
        append(late);
      });
      append(once);
      notify("first");
      expect(late).not.toHaveBeenCalled();
      notify("second");
      expect(once).toHaveBeenCalledTimes(1);
      expect(late).toHaveBeenCalledExactlyOnceWith("second");
    });

    it("are called although another one failed, and the errors are told", async () => {
      const failures = [new Error("thrown"), new Error("rejected")];
      const last = vi.fn<(...args: unknown[]) => void>();
      append(() => {
        throw failures[0];
      });
      append(() => Promise.reject(failures[1]));
      append(last);
      notify("event");
      await new Promise((resolve) => setImmediate(resolve));
      expect(last).toHaveBeenCalledTimes(1);
      expect(probe.errors).toEqual(failures);
    });
  },
);

it("nobody is called where nobody listens", () => {
  probe.incoming("event");
  probe.outgoing("event");
  expect([...probe.listenersAny(), ...probe.listenersAnyOutgoing()]).toEqual([]);
});
