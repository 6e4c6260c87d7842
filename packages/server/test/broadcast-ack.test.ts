import { DeadlineQueue } from "@hawser/core";
import { FakeClock } from "@hawser/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { BroadcastAck } from "../src/broadcast-ack.ts";

let clock: FakeClock;
let deadlines: DeadlineQueue;
const callback = vi.fn<(...args: unknown[]) => void>();

beforeEach(() => {
  clock = new FakeClock();
  deadlines = new DeadlineQueue(clock);
  callback.mockReset();
});

const pending = (single = false): BroadcastAck => new BroadcastAck(deadlines, callback, 1000, single);

describe("the answers to a broadcast are complete when", () => {
  it("all nodes have said how many sockets it went to, and as many have answered", () => {
    const ack = pending();
    ack.setServerCount(2);
    ack.addClientCount(1);
    ack.addResponse("a");
    ack.addClientCount(2);
    ack.addResponse("b");
    expect(callback).not.toHaveBeenCalled();
    ack.addResponse("c");
    expect(callback).toHaveBeenCalledExactlyOnceWith(null, ["a", "b", "c"]);
    expect(deadlines.size).toBe(0);
  });

  it("how many nodes there are is known last", () => {
    const ack = pending();
    ack.addClientCount(1);
    ack.addResponse("a");
    expect(callback).not.toHaveBeenCalled();
    ack.setServerCount(1);
    expect(callback).toHaveBeenCalledExactlyOnceWith(null, ["a"]);
  });

  it("answers are there before their number", () => {
    const ack = pending();
    ack.setServerCount(1);
    ack.addResponse("a");
    ack.addClientCount(1);
    expect(callback).toHaveBeenCalledExactlyOnceWith(null, ["a"]);
  });

  it("a node that came meanwhile has said its number, too", () => {
    const ack = pending();
    ack.setServerCount(1);
    ack.addClientCount(1);
    ack.addClientCount(1);
    ack.addResponse("a");
    expect(callback).not.toHaveBeenCalled();
    ack.addResponse("b");
    expect(callback).toHaveBeenCalledExactlyOnceWith(null, ["a", "b"]);
  });

  it("it went to nobody", () => {
    const ack = pending();
    ack.setServerCount(1);
    ack.addClientCount(0);
    expect(callback).toHaveBeenCalledExactlyOnceWith(null, []);
  });
});

it("when the time is up, those that came are handed over with the error, and later ones ignored", () => {
  const ack = pending();
  ack.setServerCount(1);
  ack.addClientCount(2);
  ack.addResponse("a");
  clock.advance(1000);
  const error: unknown = expect.objectContaining({ message: "operation has timed out", code: "ERR_ACK_TIMEOUT" });
  expect(callback).toHaveBeenCalledExactlyOnceWith(error, ["a"]);
  ack.addResponse("b");
  expect(callback.mock.calls[0]?.[1]).toEqual(["a"]);
  expect(callback).toHaveBeenCalledTimes(1);
});

it("an event that can't be sent has no outcome", () => {
  pending().abandon();
  clock.advance(1000);
  expect(callback).not.toHaveBeenCalled();
  expect(deadlines.size).toBe(0);
});

it("an event for one socket has one answer instead of a list", () => {
  const ack = pending(true);
  ack.setServerCount(1);
  ack.addClientCount(1);
  ack.addResponse("a");
  expect(callback).toHaveBeenCalledExactlyOnceWith(null, "a");
});
