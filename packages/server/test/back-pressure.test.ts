/** What becomes visible, and what becomes of events, when a client takes them more slowly than they are sent. */

import type { RawTcp } from "@hawser/testing";
import { describe, expect, it } from "vitest";
import type { Socket } from "../src/index.ts";
import { nextEvent, settled, TestServer, until } from "./fixture.ts";
import { frame, upgradeRequest } from "./websocket-bytes.ts";

const KIBIBYTES_64 = "x".repeat(65_536);

/** A client over a WebSocket that has stopped reading, and its socket. */
async function stalled(server: TestServer): Promise<{ tcp: RawTcp; socket: Socket }> {
  const tcp = await server.tcp();
  tcp.write(upgradeRequest());
  await tcp.until('"maxPayload"');
  const connected = nextEvent(server.io, "connection") as Promise<[Socket]>;
  tcp.write(frame("40"));
  const [socket] = await connected;
  await tcp.until('40{"sid"');
  tcp.pause();
  return { tcp, socket };
}

/** Sends until the operating system takes no more; returns how many events were sent. */
async function fill(socket: Socket): Promise<number> {
  let sent = 0;
  while (socket.conn.bufferedAmount < 1_000_000) {
    socket.emit("data", sent++, KIBIBYTES_64);
    await settled();
  }
  return sent;
}

describe("a client that reads nothing", () => {
  it("shows in the bytes that wait for it, and in those of the server", async () => {
    const server = await TestServer.start();
    const { socket } = await stalled(server);
    expect(socket.conn.bufferedAmount).toBe(0);
    expect(server.io.engine.bufferedAmount).toBe(0);
    await fill(socket);
    const waiting = socket.conn.bufferedAmount;
    socket.emit("more", KIBIBYTES_64);
    expect(socket.conn.bufferedAmount).toBe(waiting + `2["more","${KIBIBYTES_64}"]`.length);
    const other = await stalled(server);
    other.socket.emit("data", KIBIBYTES_64);
    expect(server.io.engine.bufferedAmount).toBe(socket.conn.bufferedAmount + other.socket.conn.bufferedAmount);
  });

  it("loses nothing: all that was sent arrives, in order, once it reads again", async () => {
    const server = await TestServer.start();
    const { tcp, socket } = await stalled(server);
    const sent = await fill(socket);
    const drained = nextEvent(socket.conn, "drain");
    const drainedAtServer = nextEvent(server.io.engine, "drain");
    tcp.resume();
    for (let number = 0; number < sent; number++) {
      await tcp.until(`42["data",${number},`);
    }
    await drained;
    expect(await drainedAtServer).toEqual([socket.conn]);
    expect(socket.conn.bufferedAmount).toBe(0);
    expect(server.io.engine.bufferedAmount).toBe(0);
  });

  it("gets no volatile events meanwhile", async () => {
    const server = await TestServer.start();
    const { tcp, socket } = await stalled(server);
    await fill(socket);
    const waiting = socket.conn.bufferedAmount;
    socket.volatile.emit("lost");
    server.io.volatile.emit("lost");
    expect(socket.conn.bufferedAmount).toBe(waiting);
    socket.emit("last");
    tcp.resume();
    await tcp.until('42["last"]');
    expect(tcp.received).not.toContain("lost");
  });

  it("holds up nobody else", async () => {
    const server = await TestServer.start();
    const { socket } = await stalled(server);
    await fill(socket);
    const other = await server.join();
    server.io.emit("news");
    await other.client.next('42["news"]');
    expect(other.socket.conn.bufferedAmount).toBe(0);
  });

  it("is forgotten, with all that waited, when it goes", async () => {
    const server = await TestServer.start();
    const { tcp, socket } = await stalled(server);
    await fill(socket);
    const { conn } = socket;
    const closed = nextEvent(conn, "close");
    tcp.reset();
    await closed;
    expect(conn.bufferedAmount).toBe(0);
    expect(server.io.engine.bufferedAmount).toBe(0);
  });
});

describe("a client over polling", () => {
  it("has everything waiting for it while it does not poll", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    const stopped = client.stopPolling();
    socket.emit("answers the poll that waits");
    await stopped;
    await until(() => !socket.conn.transport.writable);
    socket.emit("data", "four");
    await settled();
    expect(socket.conn.bufferedAmount).toBe('2["data","four"]'.length);
    const drained = nextEvent(socket.conn, "drain");
    client.startPolling();
    await client.next('42["data","four"]');
    await drained;
    expect(socket.conn.bufferedAmount).toBe(0);
  });
});

describe("the engine's flush and drain", () => {
  it("tell of every session, after that session's own", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    const seen: unknown[] = [];
    const { engine } = server.io;
    engine.on("flush", (conn, packets: unknown[]) => seen.push(["engine flush", conn === socket.conn, packets.length]));
    engine.on("drain", (conn) => seen.push(["engine drain", conn === socket.conn]));
    socket.conn.on("flush", () => seen.push(["flush"]));
    socket.conn.on("drain", () => seen.push(["drain"]));
    socket.emit("a");
    expect(seen).toEqual([["flush"], ["engine flush", true, 1], ["drain"], ["engine drain", true]]);
  });

  it("do not keep events of one tick from leaving together", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const flushes: number[] = [];
    server.io.engine.on("flush", (_conn, packets: unknown[]) => flushes.push(packets.length));
    socket.emit("a");
    socket.emit("b");
    await client.next('42["b"]');
    expect(flushes).toEqual([2]);
  });
});

it("the engine's clients are its sessions by their ids", async () => {
  const server = await TestServer.start();
  const { client, socket } = await server.join();
  expect(Object.entries(server.io.engine.clients)).toEqual([[client.sid, socket.conn]]);
  expect("constructor" in server.io.engine.clients).toBe(false);
});
