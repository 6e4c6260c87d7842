import { FakeClock } from "@hawser/testing";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { DeadlineQueue } from "../src/deadline-queue.ts";
import { DeadlineTimers } from "../src/deadline-timers.ts";
import { Deadline, type Deadlines } from "../src/deadlines.ts";

let clock: FakeClock;
let deadlines: Deadlines;
let log: string[];

/** A deadline that writes down when it expires. */
class Alarm extends Deadline {
  readonly name: string;
  readonly #act: () => void;

  constructor(name: string, act: () => void = () => {}) {
    super();
    this.name = name;
    this.#act = act;
  }

  override expire(): void {
    log.push(`${this.name} at ${clock.now()}`);
    this.#act();
  }
}

describe.each([
  ["a queue", DeadlineQueue],
  ["timers", DeadlineTimers],
])("counted by %s:", (_, Implementation) => {
  beforeEach(() => {
    clock = new FakeClock();
    deadlines = new Implementation(clock);
    log = [];
  });

  describe("a deadline", () => {
    it("expires once, when its time has come", () => {
      const alarm = new Alarm("a");
      deadlines.start(alarm, 100);
      expect(alarm.armed).toBe(true);
      expect(alarm.due).toBe(100);
      clock.advance(99);
      expect(log).toEqual([]);
      clock.advance(1);
      clock.advance(1000);
      expect(log).toEqual(["a at 100"]);
    });

    it("is disarmed by the time it expires", () => {
      const alarm = new Alarm("a", () => log.push(`armed: ${alarm.armed}`));
      deadlines.start(alarm, 100);
      clock.advance(100);
      expect(log).toEqual(["a at 100", "armed: false"]);
    });

    it("counts anew when it is armed again", () => {
      const alarm = new Alarm("a");
      deadlines.start(alarm, 100);
      clock.advance(60);
      deadlines.start(alarm, 100);
      clock.advance(99);
      expect(log).toEqual([]);
      clock.advance(1);
      expect(log).toEqual(["a at 160"]);
    });

    it("can be armed again for another duration", () => {
      const alarm = new Alarm("a");
      deadlines.start(alarm, 100);
      deadlines.start(alarm, 10);
      clock.advance(1000);
      expect(log).toEqual(["a at 10"]);
    });

    it("does not expire once it is stopped", () => {
      const alarm = new Alarm("a");
      deadlines.start(alarm, 100);
      deadlines.stop(alarm);
      expect(alarm.armed).toBe(false);
      clock.advance(1000);
      expect(log).toEqual([]);
    });

    it("may be stopped when it is not counting", () => {
      const alarm = new Alarm("a");
      deadlines.stop(alarm);
      deadlines.start(alarm, 100);
      clock.advance(100);
      deadlines.stop(alarm);
      expect(log).toEqual(["a at 100"]);
    });

    it.each([0, -5, 0.2, NaN])("of %d ms counts as one of 1 ms", (duration) => {
      deadlines.start(new Alarm("a"), duration);
      clock.advance(1);
      expect(log).toEqual(["a at 1"]);
    });

    it("of Infinity never expires, and stops the one that was counting", () => {
      const alarm = new Alarm("a");
      deadlines.start(alarm, 100);
      deadlines.start(alarm, Infinity);
      expect(alarm.armed).toBe(false);
      expect(clock.armedTimers).toBe(0);
    });

    it("is waited for in several steps where it is further off than a timer can count", () => {
      const days = 30 * 24 * 60 * 60 * 1000;
      deadlines.start(new Alarm("a"), days);
      expect(clock.armedDelays).toEqual([2 ** 31 - 1]);
      clock.advance(days);
      expect(log).toEqual([`a at ${days}`]);
    });

    it("is not early where the clock counts fractions", () => {
      clock = new (class extends FakeClock {
        override now(): number {
          return super.now() + 0.4;
        }
      })();
      const fractional = new Implementation(clock);
      fractional.start(new Alarm("a"), 1.5);
      expect(clock.armedDelays).toEqual([2]);
    });
  });

  describe("several deadlines", () => {
    it("of one duration expire in the order in which they were armed", () => {
      const [a, b, c] = [new Alarm("a"), new Alarm("b"), new Alarm("c")];
      for (const alarm of [a, b, c]) {
        deadlines.start(alarm, 100);
      }
      deadlines.start(a, 100);
      clock.advance(100);
      expect(log).toEqual(["b at 100", "c at 100", "a at 100"]);
    });

    it("of different durations expire in the order in which they are due", () => {
      deadlines.start(new Alarm("slow"), 100);
      deadlines.start(new Alarm("quick"), 10);
      clock.advance(50);
      deadlines.start(new Alarm("late"), 20);
      clock.advance(50);
      expect(log).toEqual(["quick at 10", "late at 70", "slow at 100"]);
    });

    it.each([0, 1, 2])("lose none when number %d in the queue is stopped", (index) => {
      const alarms = ["a", "b", "c"].map((name) => new Alarm(name));
      for (const alarm of alarms) {
        deadlines.start(alarm, 100);
      }
      deadlines.stop(alarms[index] as Alarm);
      deadlines.start(new Alarm("d"), 100);
      clock.advance(100);
      expect(log).toEqual(["a at 100", "b at 100", "c at 100", "d at 100"].filter((_, other) => other !== index));
    });
  });

  describe("from within an expiry", () => {
    it("the deadline may arm itself anew", () => {
      const alarm = new Alarm("a", () => deadlines.start(alarm, 100));
      deadlines.start(alarm, 100);
      clock.advance(300);
      expect(log).toEqual(["a at 100", "a at 200", "a at 300"]);
    });

    it("others may be armed, sooner and later than those that count", () => {
      const sooner = new Alarm("sooner");
      const alarm = new Alarm("a", () => {
        deadlines.start(sooner, 5);
        deadlines.start(new Alarm("later"), 500);
      });
      deadlines.start(alarm, 100);
      deadlines.start(new Alarm("b"), 200);
      clock.advance(1000);
      expect(log).toEqual(["a at 100", "sooner at 105", "b at 200", "later at 600"]);
    });

    it("one that is due at the same moment may be stopped, and then does not expire", () => {
      const victim = new Alarm("victim");
      deadlines.start(new Alarm("a", () => deadlines.stop(victim)), 100);
      deadlines.start(victim, 100);
      clock.advance(1000);
      expect(log).toEqual(["a at 100"]);
      expect(clock.armedTimers).toBe(0);
    });

    it("one that is due at the same moment may be armed anew, and then waits", () => {
      const other = new Alarm("other");
      deadlines.start(new Alarm("a", () => deadlines.start(other, 100)), 100);
      deadlines.start(other, 100);
      clock.advance(1000);
      expect(log).toEqual(["a at 100", "other at 200"]);
    });
  });

  it("every deadline expires exactly when it is due, whatever was armed, re-armed and stopped before", () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant("start" as const), alarm: fc.nat(4), duration: fc.constantFrom(3, 10, 10, 20) }),
      fc.record({ act: fc.constant("stop" as const), alarm: fc.nat(4) }),
      fc.record({ act: fc.constant("advance" as const), by: fc.nat(15) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        clock = new FakeClock();
        deadlines = new Implementation(clock);
        log = [];
        const alarms = Array.from({ length: 5 }, (_, index) => new Alarm(String(index)));
        const due = new Map<number, number>();
        const expected: string[] = [];
        for (const step of steps) {
          if (step.act === "start") {
            deadlines.start(alarms[step.alarm] as Alarm, step.duration);
            due.set(step.alarm, clock.now() + step.duration);
          } else if (step.act === "stop") {
            deadlines.stop(alarms[step.alarm] as Alarm);
            due.delete(step.alarm);
          } else {
            clock.advance(step.by);
            for (const [alarm, moment] of due) {
              if (moment <= clock.now()) {
                expected.push(`${alarm} at ${moment}`);
                due.delete(alarm);
              }
            }
            expect([...log].sort()).toEqual([...expected].sort());
          }
          expect(clock.armedTimers > 0).toBe(due.size > 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
