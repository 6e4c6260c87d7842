import { FakeClock } from "@hawser/testing";
import { beforeEach, expect, it } from "vitest";
import { DeadlineQueue } from "../src/deadline-queue.ts";
import { Deadline } from "../src/deadlines.ts";

let clock: FakeClock;
let queue: DeadlineQueue;

/** A deadline that acts when it expires. */
class Alarm extends Deadline {
  override readonly expire: () => void;

  constructor(act: () => void = () => {}) {
    super();
    this.expire = act;
  }
}

beforeEach(() => {
  clock = new FakeClock();
  queue = new DeadlineQueue(clock);
});

it("takes one timer of the clock for all, and none when none is counting", () => {
  const alarms = [10, 10, 20, 30, 5].map((duration) => {
    const alarm = new Alarm();
    queue.start(alarm, duration);
    return alarm;
  });
  expect(clock.armedDelays).toEqual([5]);
  expect(queue.size).toBe(4);
  for (const alarm of alarms) {
    queue.stop(alarm);
  }
  expect(clock.armedTimers).toBe(0);
  expect(queue.size).toBe(0);
});

it("lets an exception surface, which delays the others at most to the next timer", () => {
  const log: string[] = [];
  const thrown = new Error("from expire");
  const throwing = new Alarm(() => {
    throw thrown;
  });
  queue.start(throwing, 100);
  queue.start(new Alarm(() => log.push(`b at ${clock.now()}`)), 100);
  queue.start(new Alarm(() => log.push(`c at ${clock.now()}`)), 150);
  expect(() => clock.advance(100)).toThrow(thrown);
  clock.advance(50);
  expect(log).toEqual(["b at 101", "c at 150"]);
});
