import { beforeEach, describe, expect, it } from "vitest";
import { RecoveryLog, type BroadcastOptions, type RecoveryLogLimits, type Room } from "../src/index.ts";

let now: number;

beforeEach(() => {
  now = 0;
});

const logWith = (limits: Partial<RecoveryLogLimits> = {}): RecoveryLog =>
  new RecoveryLog("p", { maxAge: 1000, maxPackets: 100, maxBytes: 1000, ...limits }, () => now);

const to = (rooms: Room[] = [], except?: Room[]): BroadcastOptions => ({
  rooms: new Set(rooms),
  ...(except && { except: new Set(except) }),
});

/** Appends events named by the numbers from `from` on, each of 10 bytes. */
function append(log: RecoveryLog, count: number, from = 0): void {
  for (let index = from; index < from + count; index++) {
    log.append(to(), [index], 10);
  }
}

describe("what was missed", () => {
  it("is all that came after a position, in order", () => {
    const log = logWith();
    append(log, 3);
    const { position } = log;
    append(log, 2, 3);
    expect(log.since(position, new Set())).toEqual([[3], [4]]);
    expect(log.since(log.position, new Set())).toEqual([]);
    expect(log.since(0, new Set())).toHaveLength(5);
  });

  it("is what was for the socket's rooms, as a broadcast would have it", () => {
    const log = logWith();
    log.append(to(), ["everybody"], 1);
    log.append(to(["red"]), ["red"], 1);
    log.append(to(["green"]), ["green"], 1);
    log.append(to(["green", "blue"]), ["green or blue"], 1);
    log.append(to([], ["red"]), ["not red"], 1);
    log.append(to(["blue"], ["green"]), ["blue but not green"], 1);
    expect(log.since(0, new Set(["red", "blue"]))).toEqual([
      ["everybody"],
      ["red"],
      ["green or blue"],
      ["blue but not green"],
    ]);
  });

  it("is unknown once the log does not reach back that far", () => {
    const log = logWith({ maxPackets: 2 });
    append(log, 3);
    expect(log.since(0, new Set())).toBeUndefined();
    expect(log.since(1, new Set())).toEqual([[1], [2]]);
  });
});

describe("an offset", () => {
  it("stands for a position, and only for one of this log", () => {
    const log = logWith();
    append(log, 40);
    for (let position = 0; position <= 40; position++) {
      expect(log.positionOf(log.offsetOf(position))).toBe(position);
    }
    for (const offset of [
      "",
      "p",
      "p-1",
      "p 1",
      "p01",
      "p1.5",
      "pzz",
      "q1",
      "P1",
      "p1x!",
      "p__proto__",
      log.offsetOf(41),
    ]) {
      expect(log.positionOf(offset)).toBeUndefined();
    }
  });

  it("stays good while older events are dropped", () => {
    const log = logWith({ maxPackets: 10 });
    append(log, 1000);
    const offset = log.offsetOf(log.position - 2);
    expect(log.since(log.positionOf(offset) as number, new Set())).toEqual([[998], [999]]);
  });
});

describe("the log forgets", () => {
  it("the oldest beyond so many events", () => {
    const log = logWith({ maxPackets: 3 });
    append(log, 10);
    expect(log.size).toBe(3);
    expect(log.bytes).toBe(30);
    expect(log.position).toBe(10);
    expect(log.since(7, new Set())).toEqual([[7], [8], [9]]);
  });

  it("the oldest beyond so many bytes, even the last one", () => {
    const log = logWith({ maxBytes: 25 });
    append(log, 10);
    expect(log.size).toBe(2);
    log.append(to(), ["large"], 100);
    expect(log.size).toBe(0);
    expect(log.bytes).toBe(0);
    expect(log.since(10, new Set())).toBeUndefined();
    expect(log.since(11, new Set())).toEqual([]);
  });

  it("what is too old", () => {
    const log = logWith();
    append(log, 2);
    now = 600;
    append(log, 2, 2);
    now = 1001;
    expect(log.since(1, new Set())).toBeUndefined();
    expect(log.since(2, new Set())).toEqual([[2], [3]]);
    expect(log.size).toBe(2);
  });

  it("at a cost per event that does not grow", () => {
    const log = logWith({ maxPackets: 1000, maxBytes: Infinity });
    append(log, 100_000);
    expect(log.size).toBe(1000);
    expect(log.since(99_999, new Set())).toEqual([[99_999]]);
  });
});
