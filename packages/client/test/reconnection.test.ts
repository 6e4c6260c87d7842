import { DeadlineTimers } from "@hawser/core";
import { FakeClock } from "@hawser/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { Reconnection } from "../src/reconnection.ts";

let clock: FakeClock;
let reconnection: Reconnection;
let calls: string[];

function make(enabled = true, maxAttempts = Infinity, jitter = 0): Reconnection {
  const port = {
    onReconnectAttempt: (attempt: number) => calls.push(`attempt ${attempt} at ${clock.now()}`),
    onReconnectGivenUp: () => calls.push("given up"),
  };
  const backoff = { min: 1000, max: 5000, jitter, random: () => 0.25 };
  return new Reconnection(new DeadlineTimers(clock), port, enabled, maxAttempts, backoff);
}

beforeEach(() => {
  clock = new FakeClock();
  calls = [];
  reconnection = make();
});

describe("a reconnection", () => {
  it("waits longer from attempt to attempt, up to the limit, until one succeeds", () => {
    reconnection.begin();
    reconnection.lost();
    for (const wait of [1000, 2000, 4000, 5000, 5000]) {
      expect(reconnection.state).toBe("waiting");
      clock.advance(wait);
      expect(reconnection.state).toBe("attempting");
      reconnection.lost();
    }
    clock.advance(5000);
    expect(reconnection.succeed()).toBe(6);
    expect(reconnection.state).toBe("watching");
    expect(calls).toEqual([1000, 3000, 7000, 12000, 17000, 22000].map((at, index) => `attempt ${index + 1} at ${at}`));
  });

  it("begins anew with the first delay after a success", () => {
    reconnection.begin();
    reconnection.lost();
    clock.advance(1000);
    reconnection.lost();
    clock.advance(2000);
    reconnection.succeed();
    reconnection.lost();
    clock.advance(1000);
    expect(calls.at(-1)).toBe("attempt 1 at 4000");
  });

  it("strays from its delays by the jitter", () => {
    reconnection = make(true, Infinity, 0.5);
    reconnection.begin();
    reconnection.lost();
    expect(clock.armedDelays).toEqual([875]);
  });

  it("gives up after the last attempt, and begins anew when asked to", () => {
    reconnection = make(true, 2);
    reconnection.begin();
    reconnection.lost();
    clock.advance(1000);
    reconnection.lost();
    clock.advance(2000);
    reconnection.lost();
    expect(calls.at(-1)).toBe("given up");
    expect(reconnection.state).toBe("off");
    expect(clock.armedTimers).toBe(0);
    reconnection.begin();
    reconnection.lost();
    clock.advance(1000);
    expect(calls.at(-1)).toBe("attempt 1 at 4000");
  });

  it("does nothing if it is switched off", () => {
    reconnection = make(false);
    reconnection.begin();
    reconnection.lost();
    expect([reconnection.state, clock.armedTimers]).toEqual(["off", 0]);
  });

  it("does nothing for a connection that nobody wanted", () => {
    reconnection.lost();
    expect([reconnection.state, clock.armedTimers]).toEqual(["off", 0]);
  });

  it("ends when it is stopped, whether waiting or attempting", () => {
    reconnection.begin();
    reconnection.lost();
    reconnection.stop();
    clock.advance(60_000);
    expect(calls).toEqual([]);
    reconnection.begin();
    reconnection.lost();
    clock.advance(1000);
    reconnection.stop();
    reconnection.lost();
    clock.advance(60_000);
    expect(calls).toHaveLength(1);
  });

  it("takes someone else's attempt for its own while it waits", () => {
    reconnection.begin();
    reconnection.lost();
    clock.advance(500);
    reconnection.begin();
    expect([reconnection.state, clock.armedTimers]).toEqual(["attempting", 0]);
    expect(reconnection.succeed()).toBe(1);
  });

  it("counts no attempts for a first connection", () => {
    reconnection.begin();
    expect(reconnection.succeed()).toBeUndefined();
  });
});
