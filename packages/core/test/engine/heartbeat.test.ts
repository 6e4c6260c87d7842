import { FakeClock } from "@hawser/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { DeadlineQueue } from "../../src/deadline-queue.ts";
import { AnsweringHeartbeat } from "../../src/engine/answering-heartbeat.ts";
import type { Heartbeat, HeartbeatPort } from "../../src/engine/heartbeat.ts";
import { PingingHeartbeat } from "../../src/engine/pinging-heartbeat.ts";

const INTERVAL = 25_000;
const TIMEOUT = 20_000;

let clock: FakeClock;
let log: string[];
let heartbeat: Heartbeat;

function create(pinger: boolean): void {
  const deadlines = new DeadlineQueue(clock);
  const port: HeartbeatPort = {
    sendPacket: ({ type }) => log.push(`${type} at ${clock.now()}`),
    abort: (reason, cause) => log.push(`${(cause as { code?: string })?.code ?? reason} at ${clock.now()}`),
  };
  heartbeat = pinger
    ? new PingingHeartbeat(deadlines, port, INTERVAL, TIMEOUT)
    : new AnsweringHeartbeat(deadlines, port, INTERVAL + TIMEOUT);
  heartbeat.start();
}

beforeEach(() => {
  clock = new FakeClock();
  log = [];
});

describe("the end that pings", () => {
  beforeEach(() => create(true));

  it("sends the first ping when the interval is over, and gives up if no pong comes within the timeout", () => {
    clock.advance(INTERVAL + TIMEOUT - 1);
    expect(log).toEqual(["ping at 25000"]);
    clock.advance(1);
    expect(log).toEqual(["ping at 25000", "ping timeout at 45000"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("rests for the interval after each pong, so that the period is the interval and the round trip", () => {
    clock.advance(INTERVAL + 100);
    expect(heartbeat.receive("pong")).toBe(true);
    clock.advance(INTERVAL);
    expect(log).toEqual(["ping at 25000", "ping at 50100"]);
  });

  it("accepts a pong at the last moment", () => {
    clock.advance(INTERVAL + TIMEOUT - 1);
    heartbeat.receive("pong");
    clock.advance(TIMEOUT);
    expect(log).toEqual(["ping at 25000"]);
  });

  it("takes a pong that nobody asked for as it takes any: the next ping is due after the interval", () => {
    clock.advance(10_000);
    expect(heartbeat.receive("pong")).toBe(true);
    clock.advance(INTERVAL - 1);
    expect(log).toEqual([]);
    clock.advance(1);
    expect(log).toEqual(["ping at 35000"]);
  });

  it("gives a peer that is heard while it owes a pong the timeout anew, once for each ping", () => {
    clock.advance(INTERVAL);
    expect(heartbeat.extendable).toBe(true);
    clock.advance(15_000);
    heartbeat.extend?.();
    expect(heartbeat.extendable).toBe(false);
    clock.advance(15_000);
    heartbeat.receive("pong");
    clock.advance(INTERVAL);
    expect(heartbeat.extendable).toBe(true);
    clock.advance(15_000);
    heartbeat.extend?.();
    clock.advance(TIMEOUT);
    expect(log).toEqual(["ping at 25000", "ping at 80000", "ping timeout at 115000"]);
  });

  it("gives it no more time while it owes nothing", () => {
    expect(heartbeat.extendable).toBe(false);
    clock.advance(INTERVAL);
    heartbeat.receive("pong");
    expect(heartbeat.extendable).toBe(false);
    heartbeat.stop();
    expect(heartbeat.extendable).toBe(false);
  });

  it("takes a ping for a violation", () => {
    expect(heartbeat.receive("ping")).toBe(false);
    expect(log).toEqual(["ERR_HEARTBEAT_DIRECTION at 0"]);
  });

  it("is silent once it is stopped, whatever arrives", () => {
    clock.advance(INTERVAL);
    heartbeat.stop();
    expect(clock.armedTimers).toBe(0);
    expect(heartbeat.extendable).toBe(false);
    heartbeat.receive("pong");
    clock.advance(100_000);
    expect(log).toEqual(["ping at 25000"]);
  });
});

describe("the end that answers", () => {
  beforeEach(() => create(false));

  it("answers each ping, and gives up if none comes within interval and timeout together", () => {
    clock.advance(INTERVAL);
    expect(heartbeat.receive("ping")).toBe(true);
    clock.advance(INTERVAL + TIMEOUT - 1);
    expect(log).toEqual(["pong at 25000"]);
    clock.advance(1);
    expect(log).toEqual(["pong at 25000", "ping timeout at 70000"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("begins to wait when the session opens, not with the first ping", () => {
    clock.advance(INTERVAL + TIMEOUT);
    expect(log).toEqual(["ping timeout at 45000"]);
  });

  it("does not take pongs", () => {
    expect(heartbeat.receive("pong")).toBe(false);
    clock.advance(INTERVAL + TIMEOUT);
    expect(log).toEqual(["ping timeout at 45000"]);
  });

  it("answers nothing once it is stopped", () => {
    heartbeat.stop();
    heartbeat.receive("ping");
    clock.advance(100_000);
    expect(log).toEqual([]);
    expect(clock.armedTimers).toBe(0);
  });
});

describe("a heartbeat is overdue", () => {
  /** Time goes by although no timer fires, as in a page that is hidden or a laptop that sleeps. */
  function sleep(milliseconds: number): void {
    const now = clock.now() + milliseconds;
    clock.now = () => now;
  }

  it("when its deadline has passed although no timer has said so", () => {
    create(false);
    sleep(INTERVAL + TIMEOUT);
    expect(heartbeat.overdue).toBe(false);
    sleep(1);
    expect(heartbeat.overdue).toBe(true);
  });

  it("for the end that pings only while it awaits a pong", () => {
    create(true);
    sleep(100_000);
    expect(heartbeat.overdue).toBe(false);
    heartbeat.expire();
    expect(heartbeat.overdue).toBe(false);
    sleep(TIMEOUT + 1);
    expect(heartbeat.overdue).toBe(true);
  });

  it("no longer when it is stopped", () => {
    create(false);
    sleep(100_000);
    heartbeat.stop();
    expect(heartbeat.overdue).toBe(false);
  });
});
