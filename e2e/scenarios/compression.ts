/** Compression of both transports: what is sent is smaller, and arrives as it was. */

import { expect } from "vitest";
import type { Socket } from "socket.io";
import type { LocalContext } from "../harness/context.ts";
import { bytes, crowd, flushed, join, localScenario, settled, type LocalScenario } from "../harness/scenario.ts";
import { trafficOf } from "../harness/traffic.ts";
import { inbox } from "../harness/waiting.ts";

const TEXT = "all hands on deck, ".repeat(5_000);
const BINARY = Buffer.from(TEXT);
/** What either becomes is smaller by far, whatever else is sent meanwhile. */
const SMALL = TEXT.length / 4;

/** A server that compresses and a client that may, and what goes over the wire between them. */
async function compressing(context: LocalContext) {
  const {
    client: { Fetch, NodeWebSocket },
    transportMode,
  } = context;
  const server = await context.createServer({ perMessageDeflate: true, httpCompression: true });
  const traffic = trafficOf(server.io);

  // Of Socket.IO's HTTP transports this is the one that accepts compression in Node.js.
  const transports = { polling: [Fetch], websocket: [NodeWebSocket], upgrade: [Fetch, NodeWebSocket] };
  const pair = await join(context, server, "/", { transports: transports[transportMode] });
  await settled(context, pair.socket);
  return { ...pair, ...traffic, io: server.io };
}

/** Whether the server may compress what it sends: over polling that is for the client to say. */
const accepts = ({ transportMode }: LocalContext, { handshake }: Socket): boolean =>
  transportMode !== "polling" || "accept-encoding" in handshake.headers;

const isBinary = (value: unknown): boolean => Buffer.from(bytes(value)).equals(BINARY);

export const compressionScenarios: readonly LocalScenario[] = [
  localScenario("what a server sends is small on the wire, and arrives as it was", async (context) => {
    const { io, client, socket, written } = await compressing(context);
    const received = inbox(client, "log");
    written();
    for (const sender of [socket, io]) {
      sender.emit("log", TEXT);
      expect((await received.next())[0] === TEXT).toBe(true);
      if (accepts(context, socket)) expect(written()).toBeLessThan(SMALL);
      sender.emit("log", BINARY);
      expect(isBinary((await received.next())[0])).toBe(true);
      if (accepts(context, socket)) expect(written()).toBeLessThan(SMALL);
    }
  }),

  localScenario("what a client sends is small on a WebSocket, and arrives as it was", async (context) => {
    const { client, socket, read } = await compressing(context);
    const received = inbox(socket, "log");
    read();
    client.emit("log", TEXT);
    expect((await received.next())[0] === TEXT).toBe(true);
    if (context.transportMode !== "polling") expect(read()).toBeLessThan(SMALL);
    client.emit("log", BINARY);
    expect(isBinary((await received.next())[0])).toBe(true);
    if (context.transportMode !== "polling") expect(read()).toBeLessThan(SMALL);
    client.compress(false).emit("log", TEXT);
    expect((await received.next())[0] === TEXT).toBe(true);
    expect(read()).toBeGreaterThan(TEXT.length);
  }),

  localScenario("compress(false) is said of one event, of a socket and of a broadcast", async (context) => {
    const { io, client, socket, written } = await compressing(context);
    const received = inbox(client, "log");
    for (const sender of [socket, io, io.to(socket.id)]) {
      await settled(context, socket);
      written();
      sender.compress(false).emit("log", TEXT);
      expect((await received.next())[0] === TEXT).toBe(true);
      // Over a WebSocket only hawser heeds it.
      if (context.transportMode === "polling") expect(written()).toBeGreaterThan(TEXT.length);
      await settled(context, socket);
      written();
      sender.emit("log", TEXT);
      expect((await received.next())[0] === TEXT).toBe(true);
      if (accepts(context, socket)) expect(written()).toBeLessThan(SMALL);
    }
  }),

  localScenario("with compression 200 events of all sizes arrive in order, broadcasts among them", async (context) => {
    const server = await context.createServer({
      perMessageDeflate: { threshold: 64 },
      httpCompression: { threshold: 64 },
    });
    const pairs = await crowd(context, server, 2);
    const boxes = pairs.map(({ client }) => inbox(client, "part"));
    const upward = inbox(pairs[0]!.socket, "part");
    for (let number = 0; number < 200; number++) {
      const text = "x".repeat((number * 37) % 500);
      pairs[0]!.client.emit("part", number, text);
      if (number % 3 === 0) server.io.emit("part", number, text);
      else for (const { socket } of pairs) socket.compress(number % 2 === 0).emit("part", number, text);
    }
    const expected = Array.from({ length: 200 }, (_, number) => [number, "x".repeat((number * 37) % 500)]);
    for (const box of [...boxes, upward]) expect(await box.take(200)).toEqual(expected);
    await Promise.all(pairs.map(flushed));
  }),
];
