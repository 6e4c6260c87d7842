import { FakeClock } from "@hawser/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { DeadlineQueue } from "../../src/deadline-queue.ts";
import { Acks, type AckOptions } from "../../src/io/acks.ts";

let clock: FakeClock;
let acks: Acks;
let log: string[];

beforeEach(() => {
  clock = new FakeClock();
  log = [];
  acks = new Acks(new DeadlineQueue(clock), (callback, args) => callback(...args));
});

/** Waits for the answer to `id`, and writes it down. */
function register(id: number, options: AckOptions = { errorFirst: false }): void {
  acks.register(
    id,
    (...args) => {
      const shown = args.map((arg) => (arg instanceof Error ? (arg as Error & { code: string }).code : String(arg)));
      log.push(`${id}: ${shown.join(" ")}`);
    },
    options,
  );
}

describe("an answer", () => {
  it("is handed to the callback that waits for it, once", () => {
    register(1);
    register(2);
    acks.settle(2, ["b", "c"]);
    acks.settle(2, ["again"]);
    expect(log).toEqual(["2: b c"]);
    expect(acks.size).toBe(1);
  });

  it("comes after a null where an error would come first", () => {
    register(1, { errorFirst: true });
    acks.settle(1, ["a"]);
    expect(log).toEqual(["1: null a"]);
  });

  it("that nobody waits for is ignored", () => {
    acks.settle(7, ["a"]);
    expect(log).toEqual([]);
  });

  it("may be awaited anew for the same id from within the callback", () => {
    acks.register(1, () => register(1), { errorFirst: false });
    acks.settle(1, []);
    expect(acks.size).toBe(1);
    acks.settle(1, ["second"]);
    expect(log).toEqual(["1: second"]);
  });
});

describe("a time limit", () => {
  it("tells the callback when it is over, and a late answer is ignored", () => {
    register(1, { errorFirst: true, timeout: 100 });
    clock.advance(99);
    expect(log).toEqual([]);
    clock.advance(1);
    expect(log).toEqual(["1: ERR_ACK_TIMEOUT"]);
    acks.settle(1, ["late"]);
    expect(log).toEqual(["1: ERR_ACK_TIMEOUT"]);
    expect(acks.size).toBe(0);
  });

  it("has the message that Socket.IO's users know", () => {
    let error: unknown;
    acks.register(1, (argument) => (error = argument), { errorFirst: true, timeout: 1 });
    clock.advance(1);
    expect(error).toMatchObject({ message: "operation has timed out" });
  });

  it("is over when the answer comes", () => {
    register(1, { errorFirst: true, timeout: 100 });
    acks.settle(1, ["a"]);
    clock.advance(1000);
    expect(log).toEqual(["1: null a"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("is told of before the callback is", () => {
    register(1, { errorFirst: true, timeout: 100 });
    acks.onExpired = (id) => log.push(`expired ${id}, ${acks.size} left`);
    clock.advance(100);
    expect(log).toEqual(["expired 1, 0 left", "1: ERR_ACK_TIMEOUT"]);
  });

  it("frees a plain callback uncalled", () => {
    register(1, { errorFirst: false, timeout: 100 });
    clock.advance(100);
    expect(log).toEqual([]);
    expect(acks.size).toBe(0);
  });

  it("of 0 is over in a millisecond, and none lasts for ever", () => {
    register(1, { errorFirst: true, timeout: 0 });
    register(2, { errorFirst: true });
    clock.advance(1_000_000);
    expect(log).toEqual(["1: ERR_ACK_TIMEOUT"]);
    expect(acks.size).toBe(1);
  });
});

describe("when no answer will come any more", () => {
  it("error-first callbacks are told, plain ones are freed uncalled, and no timer is left", () => {
    register(1, { errorFirst: true });
    register(2);
    register(3, { errorFirst: true, timeout: 100 });
    acks.disconnect();
    expect(log).toEqual(["1: ERR_DISCONNECTED", "3: ERR_DISCONNECTED"]);
    expect(acks.size).toBe(0);
    expect(clock.armedTimers).toBe(0);
  });

  it("the error has the message that Socket.IO's users know", () => {
    let error: unknown;
    acks.register(1, (argument) => (error = argument), { errorFirst: true });
    acks.disconnect();
    expect(error).toMatchObject({ message: "socket has been disconnected" });
  });

  it("those whose packet still waits to be sent are kept", () => {
    register(1, { errorFirst: true });
    register(2, { errorFirst: true, timeout: 100 });
    acks.disconnect((id) => id === 2);
    expect(log).toEqual(["1: ERR_DISCONNECTED"]);
    acks.settle(2, ["after all"]);
    expect(log).toEqual(["1: ERR_DISCONNECTED", "2: null after all"]);
  });

  it("one that is registered by a callback meanwhile is not concerned", () => {
    acks.register(1, () => register(2, { errorFirst: true }), { errorFirst: true });
    acks.disconnect();
    expect(log).toEqual([]);
    expect(acks.size).toBe(1);
  });

  it("each is told once, even if a callback says the same again", () => {
    acks.register(1, () => (log.push("1"), acks.disconnect()), { errorFirst: true });
    register(2, { errorFirst: true });
    acks.disconnect();
    expect(log).toEqual(["1", "2: ERR_DISCONNECTED"]);
  });
});

it("when the event can't be sent at all, the callback is freed uncalled, whatever its time limit", () => {
  register(1, { errorFirst: true, timeout: 100 });
  acks.forget(1);
  acks.forget(2);
  clock.advance(100);
  acks.disconnect();
  expect(log).toEqual([]);
  expect(clock.armedTimers).toBe(0);
});

describe("when the event was not sent", () => {
  it("the callback is freed uncalled", () => {
    register(1, { errorFirst: true });
    acks.abandon(1);
    acks.abandon(2);
    expect(acks.size).toBe(0);
    acks.disconnect();
    expect(log).toEqual([]);
  });

  it("it is left to its time limit, if it has one", () => {
    register(1, { errorFirst: true, timeout: 100 });
    register(2, { errorFirst: true, timeout: 100 });
    acks.abandon(1);
    acks.abandon(2);
    expect(acks.size).toBe(2);
    clock.advance(100);
    expect(log).toEqual(["1: ERR_ACK_TIMEOUT", "2: ERR_ACK_TIMEOUT"]);
  });
});
