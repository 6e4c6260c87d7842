import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../src/index.ts";

let clock: FakeClock;
let log: string[];
const note = (text: string) => (): void => void log.push(`${text} at ${clock.now()}`);

beforeEach(() => {
  clock = new FakeClock();
  log = [];
});

describe("timers", () => {
  it("fire in the order in which they are due, each at its moment", () => {
    clock.setTimer(note("late"), 20);
    clock.setTimer(note("early"), 10);
    clock.advance(30);
    expect(log).toEqual(["early at 10", "late at 20"]);
    expect(clock.now()).toBe(30);
  });

  it("due at one moment fire in the order in which they were set", () => {
    clock.setTimer(note("first"), 10);
    clock.setTimer(note("other"), 5);
    clock.setTimer(note("second"), 10);
    clock.advance(10);
    expect(log).toEqual(["other at 5", "first at 10", "second at 10"]);
  });

  it("do not fire before they are due, nor twice", () => {
    clock.setTimer(note("timer"), 10);
    clock.advance(9);
    expect(log).toEqual([]);
    clock.advance(1);
    clock.advance(100);
    expect(log).toEqual(["timer at 10"]);
  });

  it("set by a timer fire within the same advance if they are due by its end", () => {
    clock.setTimer(() => {
      clock.setTimer(note("within"), 10);
      clock.setTimer(note("beyond"), 11);
    }, 10);
    clock.advance(20);
    expect(log).toEqual(["within at 20"]);
  });

  it("do not fire once they are cleared, even by a timer of the same moment", () => {
    clock.setTimer(() => clock.clearTimer(second), 10);
    const second = clock.setTimer(note("second"), 10);
    clock.advance(10);
    clock.clearTimer(second);
    clock.clearTimer(undefined);
    expect(log).toEqual([]);
  });

  it("of infinite delay never fire", () => {
    clock.setTimer(note("never"), Infinity);
    clock.advance(1e9);
    expect(log).toEqual([]);
    expect(clock.armedTimers).toBe(1);
  });

  it("are refused if the delay is not a number, as a forgotten option would be", () => {
    expect(() => clock.setTimer(note("timer"), undefined as unknown as number)).toThrow(RangeError);
    expect(() => clock.setTimer(note("timer"), NaN)).toThrow(RangeError);
  });

  it("are counted while they are armed, and what a fake device delivers is not", () => {
    const cleared = clock.setTimer(note("cleared"), 30);
    clock.setTimer(note("fired"), 10);
    clock.setTimer(note("left"), 20);
    clock.deliver(note("device"), 15);
    expect(clock.armedTimers).toBe(3);
    expect(clock.armedDelays).toEqual([10, 20, 30]);
    clock.clearTimer(cleared);
    clock.advance(15);
    expect(clock.armedDelays).toEqual([5]);
    expect(log).toEqual(["fired at 10", "device at 15"]);
  });
});

describe("deferred callbacks", () => {
  it("wait for the test", () => {
    clock.defer(note("deferred"));
    expect(log).toEqual([]);
    expect(clock.deferredCallbacks).toBe(1);
    clock.runDeferred();
    expect(log).toEqual(["deferred at 0"]);
    expect(clock.deferredCallbacks).toBe(0);
  });

  it("run before the first timer and after each one", () => {
    clock.defer(note("before"));
    clock.setTimer(() => clock.defer(note("after the first")), 10);
    clock.setTimer(note("second"), 10);
    clock.advance(10);
    expect(log).toEqual(["before at 0", "after the first at 10", "second at 10"]);
  });

  it("that defer again run in the same turn, in order", () => {
    clock.defer(() => {
      log.push("first");
      clock.defer(note("third"));
    });
    clock.defer(note("second"));
    clock.runDeferred();
    expect(log).toEqual(["first", "second at 0", "third at 0"]);
  });

  it("that defer without end are an error", () => {
    const again = (): void => clock.defer(again);
    again();
    expect(() => clock.runDeferred()).toThrow("endless loop");
  });
});

describe("the clock", () => {
  it("stops at timers that set themselves anew without delay", () => {
    const again = (): void => void clock.setTimer(again, 0);
    clock.setTimer(again, 5);
    expect(() => clock.advance(10)).toThrow("fired at 5 ms: an endless loop");
  });

  it("lets a timer recur for as long as time passes", () => {
    let count = 0;
    const again = (): void => {
      count++;
      clock.setTimer(again, 1);
    };
    clock.setTimer(again, 1);
    clock.advance(50_000);
    expect(count).toBe(50_000);
  });

  it("passes on an exception and keeps what was due after it", () => {
    clock.setTimer(() => {
      throw new Error("oops");
    }, 10);
    clock.setTimer(note("next"), 20);
    expect(() => clock.advance(30)).toThrow("oops");
    expect(clock.now()).toBe(10);
    clock.advance(10);
    expect(log).toEqual(["next at 20"]);
  });

  it("is not moved by the callbacks that it runs", () => {
    clock.setTimer(() => clock.advance(1), 10);
    expect(() => clock.advance(10)).toThrow("only the test itself moves the clock");
    clock.defer(() => clock.runDeferred());
    expect(() => clock.runDeferred()).toThrow("only the test itself moves the clock");
  });

  it.each([-1, NaN, Infinity])("does not advance by %s", (milliseconds) => {
    expect(() => clock.advance(milliseconds)).toThrow(RangeError);
  });
});
