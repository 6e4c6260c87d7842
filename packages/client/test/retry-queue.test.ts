import { beforeEach, describe, expect, it } from "vitest";
import type { Socket } from "../src/socket.ts";
import { SHORTLY, TestServer } from "./fixture.ts";

let server: TestServer;
let socket: Socket;
let outcomes: unknown[];

beforeEach(() => {
  server = new TestServer();
  outcomes = [];
});

/** A socket that sends everything again, up to twice. */
function connect(options: { ackTimeout?: number } = { ackTimeout: 1000 }): void {
  socket = server.manager().socket("/", { retries: 2, ...options });
  server.settle();
}

/** What the server has received since the CONNECT. */
function sent(): unknown[] {
  return server.connection.received.slice(1);
}

function acknowledge(id: number, ...args: unknown[]): void {
  server.connection.send(`3${id}${JSON.stringify(args)}`);
  server.settle();
}

const note =
  (name: string) =>
  (error: Error | null, answer?: unknown): unknown =>
    outcomes.push([name, error?.message ?? answer]);

describe("events with retries", () => {
  it("leave one after the other, each when the one before it is acknowledged", () => {
    connect();
    socket.emit("a", 1, note("a"));
    socket.emit("b", 2);
    server.settle();
    expect(sent()).toEqual(['20["a",1]']);
    acknowledge(0, "yes");
    expect([sent(), outcomes]).toEqual([['20["a",1]', '21["b",2]'], [["a", "yes"]]]);
  });

  it("are sent again when no answer comes in time, until it does", () => {
    connect();
    socket.emit("a", note("a"));
    server.clock.advance(1000 + SHORTLY);
    expect(sent()).toEqual(['20["a"]', '21["a"]']);
    acknowledge(1, "at last");
    server.clock.advance(10_000);
    expect([sent().length, outcomes]).toEqual([2, [["a", "at last"]]]);
  });

  it("are given up after so many retries, and the next one has its turn", () => {
    connect();
    socket.emit("a", note("a"));
    socket.emit("b");
    server.clock.advance(3000 + SHORTLY);
    expect(outcomes).toEqual([["a", "operation has timed out"]]);
    expect(sent()).toEqual(['20["a"]', '21["a"]', '22["a"]', '23["b"]']);
  });

  it("take their time limit from timeout(), if that is called", () => {
    connect();
    socket.timeout(100).emit("a", note("a"));
    server.clock.advance(100 + SHORTLY);
    expect(sent()).toHaveLength(2);
  });

  it("wait for the connection, and are sent again after a lost one, before connect is told", () => {
    connect({});
    const order: unknown[] = [];
    socket.emit("a", note("a"));
    server.settle();
    server.connection.session.abort();
    server.settle();
    socket.emit("b");
    socket.on("connect", () => socket.volatile.emit("c"));
    socket.onAnyOutgoing((event) => order.push(event));
    server.clock.advance(1000 + SHORTLY);
    expect(sent()).toEqual(['21["a"]', '2["c"]']);
    expect(order).toEqual(["a", "c"]);
    acknowledge(1, "yes");
    expect([sent().at(-1), outcomes]).toEqual(['22["b"]', [["a", "yes"]]]);
  });

  it("take an answer for an answer even without a time limit", () => {
    connect({});
    socket.emit("a", note("a"));
    server.settle();
    acknowledge(0, "not an error");
    expect(outcomes).toEqual([["a", "not an error"]]);
  });

  it("resolve emitWithAck()", async () => {
    connect();
    const answer = socket.emitWithAck("a");
    server.clock.advance(1000 + SHORTLY);
    acknowledge(1, "yes");
    await expect(answer).resolves.toBe("yes");
  });

  it("do not hold up volatile events", () => {
    connect();
    socket.emit("a");
    socket.volatile.emit("b");
    server.settle();
    expect(sent()).toEqual(['20["a"]', '2["b"]']);
  });

  it("that can't be encoded throw, and do not hold up the others", () => {
    connect();
    expect(() => socket.emit("a", 1n)).toThrow(TypeError);
    socket.emit("b");
    server.settle();
    expect(sent()).toEqual(['21["b"]']);
  });

  it("go on although a callback throws", () => {
    connect();
    socket.emit("a", () => {
      throw new Error("callback");
    });
    socket.emit("b");
    server.settle();
    server.connection.send("30[]");
    expect(() => server.settle()).toThrow("callback");
    server.settle();
    expect(sent()).toEqual(['20["a"]', '21["b"]']);
  });
});
