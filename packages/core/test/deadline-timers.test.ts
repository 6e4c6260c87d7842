import { FakeClock } from "@hawser/testing";
import { expect, it } from "vitest";
import { DeadlineTimers } from "../src/deadline-timers.ts";
import { Deadline } from "../src/deadlines.ts";

/** A deadline that acts when it expires. */
class Alarm extends Deadline {
  override readonly expire: () => void;

  constructor(act: () => void = () => {}) {
    super();
    this.expire = act;
  }
}

it("take a timer of the clock for each, and none when none is counting", () => {
  const clock = new FakeClock();
  const timers = new DeadlineTimers(clock);
  const alarms = [new Alarm(), new Alarm()];
  for (const alarm of alarms) {
    timers.start(alarm, 10);
  }
  expect(clock.armedTimers).toBe(2);
  for (const alarm of alarms) {
    timers.stop(alarm);
  }
  expect(clock.armedTimers).toBe(0);
});

it("let an exception surface, which delays no other", () => {
  const clock = new FakeClock();
  const timers = new DeadlineTimers(clock);
  const thrown = new Error("from expire");
  const throwing = new Alarm(() => {
    throw thrown;
  });
  const log: number[] = [];
  timers.start(throwing, 100);
  timers.start(new Alarm(() => log.push(clock.now())), 100);
  expect(() => clock.advance(100)).toThrow(thrown);
  clock.advance(50);
  expect(log).toEqual([100]);
});

it("are not early where the platform's timer is", () => {
  const clock = new (class extends FakeClock {
    override setTimer(callback: () => void, delay: number): unknown {
      return super.setTimer(callback, delay > 5 ? delay - 5 : delay);
    }
  })();
  const log: number[] = [];
  new DeadlineTimers(clock).start(new Alarm(() => log.push(clock.now())), 10);
  clock.advance(9);
  expect(log).toEqual([]);
  clock.advance(1);
  expect(log).toEqual([10]);
});
