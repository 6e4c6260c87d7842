/** Volatile events: what may be lost, and what may not. */

import { expect } from "vitest";
import { bytes, crowd, flushed, localScenario, pair, settled, type LocalScenario } from "../harness/scenario.ts";
import { inbox, Inbox, until } from "../harness/waiting.ts";

const TIMED_OUT = "operation has timed out";

export const volatileScenarios: readonly LocalScenario[] = [
  localScenario(
    "a volatile event arrives where nothing is in its way, binary too, in both directions",
    async (context) => {
      const { client, socket } = await pair(context);
      const [atServer, atClient] = [inbox(socket, "position"), inbox(client, "position")];
      await settled(context, socket);
      socket.volatile.emit("position", 1, Buffer.from([2]));
      const [number, binary] = await atClient.next();
      expect([number, bytes(binary)]).toEqual([1, [2]]);
      await until(() => client.io.engine.transport.writable, "a writable transport");
      client.volatile.emit("position", 3, Buffer.from([4]));
      const [otherNumber, otherBinary] = await atServer.next();
      expect([otherNumber, bytes(otherBinary)]).toEqual([3, [4]]);
    },
  ),

  localScenario(
    "a volatile broadcast arrives where nothing is in its way, in the rooms that were asked for",
    async (context) => {
      const server = await context.createServer();
      const pairs = await crowd(context, server, 3);
      const boxes = pairs.map(({ client }) => inbox(client, "position"));
      await pairs[0]!.socket.join("deck");
      await pairs[1]!.socket.join("deck");
      await Promise.all(pairs.map(({ socket }) => settled(context, socket)));
      server.io.to("deck").volatile.emit("position", 1);
      expect([await boxes[0]!.next(), await boxes[1]!.next()]).toEqual([[1], [1]]);
      await Promise.all(pairs.map(flushed));
      expect(boxes.map((box) => box.size)).toEqual([0, 0, 0]);
    },
  ),

  localScenario("a volatile question that is dropped fails when its time is over", async (context) => {
    await context.createServer();
    const client = context.connect("/", { autoConnect: false });
    const outcome = new Inbox("the outcome");
    client.volatile.timeout(20).emit("question", outcome.put);
    expect(client.sendBuffer).toEqual([]);
    const promise = client.timeout(20).volatile.emitWithAck("question");
    await expect(promise).rejects.toThrow(TIMED_OUT);
    expect((await outcome.next())[0].message).toBe(TIMED_OUT);
  }),

  localScenario("volatile is said of one event, not of those after it, at both ends", async (context) => {
    const { io } = await context.createServer();
    const client = context.connect("/", { autoConnect: false });
    client.volatile.emit("dropped");
    client.emit("kept");
    client.volatile.volatile.emit("dropped");
    client.emit("kept too");
    const received = new Inbox("events");
    io.on("connection", (socket) => socket.onAny(received.put));
    client.connect();
    expect(await received.take(2)).toEqual([["kept"], ["kept too"]]);
  }),

  localScenario(
    "a volatile event of a client that is being let in waits, for its transport is ready",
    async (context) => {
      const { io } = await context.createServer();
      const held = new Inbox("a client at the door");
      io.use((_socket, next) => held.put(next));
      const received = new Inbox("events");
      io.on("connection", (socket) => socket.onAny(received.put));
      const client = context.connect();
      const [letIn] = await held.next();
      await until(() => client.io.engine.transport.writable, "a writable transport");
      client.volatile.emit("position", 1);
      letIn();
      expect(await received.next()).toEqual(["position", 1]);
    },
  ),
];
