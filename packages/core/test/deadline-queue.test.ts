import { FakeClock } from "@hawser/testing";
import { beforeEach, expect, it } from "vitest";
import { DeadlineQueue } from "../src/deadline-queue.ts";
import { Deadline } from "../src/deadlines.ts";

let clock: FakeClock;
let deadlines: DeadlineQueue;
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

beforeEach(() => {
  clock = new FakeClock();
  deadlines = new DeadlineQueue(clock);
  log = [];
});

  it("deadlines share one timer of the clock, and leave none when none is counting", () => {
    const alarms = [10, 10, 20, 30, 5].map((duration) => {
      const alarm = new Alarm("a");
      deadlines.start(alarm, duration);
      return alarm;
    });
    expect(clock.armedDelays).toEqual([5]);
    expect(deadlines.size).toBe(4);
    for (const alarm of alarms) {
      deadlines.stop(alarm);
    }
    expect(clock.armedTimers).toBe(0);
    expect(deadlines.size).toBe(0);
  });

  it("an exception surfaces, and delays the others at most to the next timer", () => {
    const thrown = new Error("from expire");
    const alarm = new Alarm("a", () => {
      throw thrown;
    });
    deadlines.start(alarm, 100);
    deadlines.start(new Alarm("b"), 100);
    deadlines.start(new Alarm("c"), 150);
    expect(() => clock.advance(100)).toThrow(thrown);
    clock.advance(50);
    expect(log).toEqual(["a at 100", "b at 101", "c at 150"]);
  });
});