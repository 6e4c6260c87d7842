import { beforeEach, describe, expect, it } from "vitest";
import { ReceiveQueue } from "../src/index.ts";

let queue: ReceiveQueue;

beforeEach(() => {
  queue = new ReceiveQueue("a test", 1000);
});

describe("a receive queue", () => {
  it("keeps what arrives until it is asked for, in order", async () => {
    queue.push("a");
    queue.push("b");
    expect(await queue.next()).toBe("a");
    expect(await queue.next()).toBe("b");
  });

  it("gives what arrives to those who wait, in order", async () => {
    const both = Promise.all([queue.next(), queue.next()]);
    queue.push("a");
    queue.push("b");
    expect(await both).toEqual(["a", "b"]);
    expect(queue.waiting).toEqual([]);
  });

  it("takes the first that matches, and leaves those before it", async () => {
    queue.push("2");
    queue.push("40{}");
    expect(await queue.next(/^40/)).toBe("40{}");
    expect(queue.waiting).toEqual(["2"]);
    expect(queue.all).toEqual(["2", "40{}"]);
  });

  it("passes by those who wait for something else", async () => {
    const pong = queue.next("3");
    const any = queue.next();
    queue.push("2");
    expect(await any).toBe("2");
    queue.push("3");
    expect(await pong).toBe("3");
  });

  it("does not give away what has been dealt with", async () => {
    const next = queue.next();
    queue.push("2", true);
    queue.push("4a");
    expect(await next).toBe("4a");
    expect(queue.all).toEqual(["2", "4a"]);
  });

  it("shows what did arrive when something did not come in time", async () => {
    queue.push("0{}");
    queue.push(Buffer.from([1, 2]));
    await queue.next("0{}");
    await expect(queue.next("3probe", { timeout: 5 })).rejects.toThrow(
      'waited for "3probe" from a test: not within 5 ms; arrived so far:\n  taken   0{}\n  waiting <2 bytes> 0102',
    );
    queue.push("3probe");
    expect(queue.waiting).toContain("3probe");
  });

  it("says so at once when nothing more can come, but gives what is there", async () => {
    const waiting = expect(queue.next()).rejects.toThrow("a frame from a test: closed; nothing arrived at all");
    queue.end("closed");
    queue.end("closed again");
    await waiting;
    await expect(queue.next(/a/)).rejects.toThrow("waited for /a/ from a test: closed;");
    queue.push("late");
    expect(await queue.next()).toBe("late");
  });
});
