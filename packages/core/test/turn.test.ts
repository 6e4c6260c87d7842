import { FakeClock } from "@hawser/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { Turn, type Inbox, type Outlet } from "../src/turn.ts";

let clock: FakeClock;
let turn: Turn;
let log: string[];

const inbox = (name: string, drain: () => void = () => {}): Inbox => ({
  drain() {
    log.push(`drain ${name}`);
    drain();
  },
});

const outlet = (name: string, flush: () => void = () => {}): Outlet => ({
  flush() {
    log.push(`flush ${name}`);
    flush();
  },
});

beforeEach(() => {
  clock = new FakeClock();
  turn = new Turn(clock);
  log = [];
});

describe("a turn", () => {
  it("is deferred, and comes once however much waits for it", () => {
    turn.awaitDrain(inbox("a"));
    turn.awaitFlush(outlet("a"));
    turn.awaitDrain(inbox("b"));
    expect(log).toEqual([]);
    expect(clock.deferredCallbacks).toBe(1);
    clock.runDeferred();
    expect(log).toEqual(["drain a", "drain b", "flush a"]);
    expect(clock.deferredCallbacks).toBe(0);
  });

  it("needs no timer", () => {
    turn.awaitDrain(inbox("a"));
    expect(clock.armedTimers).toBe(0);
  });

  it("drains all inboxes before it flushes the first outlet, those filled by a drain too", () => {
    turn.awaitFlush(outlet("a"));
    turn.awaitDrain(
      inbox("a", () => {
        turn.awaitFlush(outlet("b"));
        turn.awaitDrain(inbox("c", () => turn.awaitDrain(inbox("d"))));
      }),
    );
    turn.awaitDrain(inbox("b"));
    clock.runDeferred();
    expect(log).toEqual(["drain a", "drain b", "drain c", "drain d", "flush a", "flush b"]);
  });

  it("leaves what a flush brings about to the next one", () => {
    turn.awaitFlush(
      outlet("a", () => {
        turn.awaitDrain(inbox("later"));
        turn.awaitFlush(outlet("later"));
      }),
    );
    turn.awaitFlush(outlet("b"));
    clock.runDeferred();
    expect(log).toEqual(["flush a", "flush b", "drain later", "flush later"]);
  });

  it("comes again for what is asked after it", () => {
    turn.awaitDrain(inbox("a"));
    clock.runDeferred();
    turn.awaitDrain(inbox("a"));
    clock.runDeferred();
    expect(log).toEqual(["drain a", "drain a"]);
  });
});

describe("an exception", () => {
  const fail = (what: string) => (): never => {
    throw new Error(what);
  };

  it("from one connection's drain or flush is not felt by the others", () => {
    turn.awaitDrain(inbox("a", fail("drain")));
    turn.awaitDrain(inbox("b"));
    turn.awaitFlush(outlet("a", fail("flush")));
    turn.awaitFlush(outlet("b"));
    expect(() => clock.runDeferred()).toThrow("drain");
    expect(log).toEqual(["drain a", "drain b", "flush a", "flush b"]);
    expect(() => clock.runDeferred()).toThrow("flush");
  });

  it("does not keep the next turn from coming", () => {
    turn.awaitDrain(inbox("a", fail("drain")));
    expect(() => clock.runDeferred()).toThrow("drain");
    turn.awaitDrain(inbox("b"));
    clock.runDeferred();
    expect(log).toEqual(["drain a", "drain b"]);
  });
});
