/** Recovery of a lost connection: the client comes back as if it had not been away. */

import { expect } from "vitest";
import type { ServerOptions } from "socket.io";
import type { LocalContext } from "../harness/context.ts";
import {
  bytes,
  flushed,
  inboxOfSockets,
  join,
  localScenario,
  settled,
  type LocalScenario,
  type Pair,
} from "../harness/scenario.ts";
import { inbox, until, type Inbox } from "../harness/waiting.ts";

/** Comes back when it is told to, and not before. */
const BY_HAND = { reconnection: false };

/** A client that has received an event, and so can say where it was. */
async function recoverable(context: LocalContext, options: Partial<ServerOptions> = {}) {
  const server = await context.createServer({ connectionStateRecovery: {}, ...options });
  const pair = await join(context, server, "/", BY_HAND);
  const first = inbox(pair.client, "first");
  pair.socket.emit("first", 1);
  await first.next();
  await flushed(pair);
  await settled(context, pair.socket);
  return { ...pair, server, io: server.io, connections: inbox(server.io, "connection") };
}

/** Loses the connection, though nobody wants that. */
async function lose({ client, socket }: Pair): Promise<void> {
  const [left, lost] = [inbox(socket, "disconnect"), inbox(client, "disconnect")];
  socket.conn.close();
  await left.next();
  await lost.next();
}

/** Lets the client come back. */
async function comeBack<Client extends Pair["client"]>(client: Client, connections: Inbox): Promise<Pair<Client>> {
  const connected = inbox(client, "connect");
  client.connect();
  const [socket] = await connections.next();
  await connected.next();
  client.off("connect", connected.put);
  return { client, socket };
}

export const recoveryScenarios: readonly LocalScenario[] = [
  localScenario("a client that was lost comes back with its id, rooms and data", async (context) => {
    const { client, socket, connections, ...pair } = await recoverable(context);
    const id = client.id;
    socket.data.name = "ada";
    await socket.join(["deck", "galley"]);
    expect([client.recovered, socket.recovered]).toEqual([false, false]);
    await lose({ client, socket });
    expect(client.id).toBeUndefined();
    const { socket: again } = await comeBack(client, connections);
    expect([client.recovered, again.recovered]).toEqual([true, true]);
    expect([client.id, again.id]).toEqual([id, id]);
    expect(again.data).toEqual({ name: "ada" });
    expect([...again.rooms].toSorted()).toEqual([id, "deck", "galley"].toSorted());
    expect(again).not.toBe(socket);
    expect([...pair.io.of("/").sockets.keys()]).toEqual([id]);
    await flushed({ client, socket: again });
  }),

  localScenario("it gets what it missed, in order, and nothing that was not for it", async (context) => {
    const { io, client, socket, connections } = await recoverable(context);
    await socket.join("deck");
    const id = client.id!;
    const received = inbox(client, "news");
    socket.emit("news", "before");
    await received.next();
    await lose({ client, socket });
    io.emit("news", "to all", { nested: [1, null] });
    io.to("deck").emit("news", "to a room", Buffer.from([1, 2]));
    io.to("galley").emit("news", "to another room");
    io.to(id).emit("news", "to its own room");
    io.except("deck").emit("news", "to others");
    io.volatile.emit("news", "to whoever is there", 1);
    io.of("/other").emit("news", "elsewhere");
    const { socket: again } = await comeBack(client, connections);
    io.emit("news", "after");
    const news = await received.take(4);
    expect(news.map(([what]) => what)).toEqual(["to all", "to a room", "to its own room", "after"]);
    expect(news[0]![1]).toEqual({ nested: [1, null] });
    expect(bytes(news[1]![1])).toEqual([1, 2]);
    await flushed({ client, socket: again });
    expect(received.size).toBe(0);
  }),

  localScenario("it may be lost and come back again and again, and receives each event once", async (context) => {
    const { io, client, connections, ...pair } = await recoverable(context);
    const received = inbox(client, "number");
    let { socket } = pair;
    const id = client.id;
    let number = 0;
    for (let round = 0; round < 4; round++) {
      io.emit("number", number++);
      await received.take(1);
      await lose({ client, socket });
      // One round in which nothing is missed.
      if (round !== 2) io.emit("number", number++);
      ({ socket } = await comeBack(client, connections));
      expect([client.recovered, client.id]).toEqual([true, id]);
      if (round !== 2) expect((await received.next())[0]).toBe(number - 1);
      await settled(context, socket);
    }
    await flushed({ client, socket });
    expect(received.size).toBe(0);
  }),

  localScenario("what a client emitted while it was away follows", async (context) => {
    const { io, client, socket, connections } = await recoverable(context);
    const arrived = inboxOfSockets(io.of("/"), "report");
    await lose({ client, socket });
    client.emit("report", 1);
    const answer = client.timeout(8_000).emitWithAck("question", 2);
    io.on("connection", (again) =>
      again.on("question", (value: number, reply: (to: number) => void) => reply(value * 21)),
    );
    await comeBack(client, connections);
    expect(await arrived.next()).toEqual([1]);
    expect(await answer).toBe(42);
  }),

  localScenario("namespaces recover by themselves, those of a pattern too", async (context) => {
    const server = await context.createServer({ connectionStateRecovery: {} });
    server.io.of(/^\/ship-\d+$/);
    const nsp = server.io.of("/ship-1");
    const pair = await join(context, server, "/ship-1", BY_HAND);
    const received = inbox(pair.client, "news");
    nsp.emit("news", 0);
    await received.next();
    await settled(context, pair.socket);
    const { id } = pair.client;
    const connections = inbox(nsp, "connection");
    await lose(pair);
    nsp.emit("news", 1);
    server.io.of("/ship-2").emit("news", 2);
    const { socket } = await comeBack(pair.client, connections);
    expect([socket.recovered, pair.client.id]).toEqual([true, id]);
    expect((await received.next())[0]).toBe(1);
  }),

  localScenario("whoever has left, or was sent away, comes back as somebody new", async (context) => {
    const { client, connections, ...pair } = await recoverable(context);
    let { socket } = pair;
    for (const leave of [() => client.disconnect(), () => socket.disconnect()]) {
      const { id } = client;
      const [left, lost] = [inbox(socket, "disconnect"), inbox(client, "disconnect")];
      leave();
      await left.next();
      await lost.next();
      ({ socket } = await comeBack(client, connections));
      expect([client.recovered, socket.recovered]).toEqual([false, false]);
      expect(client.id).not.toBe(id);
      expect(socket.rooms.size).toBe(1);
    }
  }),

  localScenario("whoever comes back too late is somebody new, and has missed what was sent", async (context) => {
    const options = { connectionStateRecovery: { maxDisconnectionDuration: 5 } };
    const { io, client, socket, connections } = await recoverable(context, options);
    const { id } = client;
    const received = inbox(client, "news");
    await lose({ client, socket });
    io.emit("news", "missed");
    const lostAt = Date.now();
    await until(() => Date.now() > lostAt + 5, "the time to be over");
    const { socket: again } = await comeBack(client, connections);
    expect([client.recovered, again.recovered]).toEqual([false, false]);
    expect(client.id).not.toBe(id);
    await flushed({ client, socket: again });
    expect(received.size).toBe(0);
  }),

  localScenario("after a restart of the server everybody is somebody new", async (context) => {
    const { server, client, socket } = await recoverable(context);
    const { id } = client;
    const lost = inbox(client, "disconnect");
    const closed = server.close();
    await lost.next();
    await closed;
    expect(socket.connected).toBe(false);
    const restarted = await context.createServer({ connectionStateRecovery: {} });
    const { socket: again } = await comeBack(client, inbox(restarted.io, "connection"));
    expect([client.recovered, again.recovered]).toEqual([false, false]);
    expect(client.id).not.toBe(id);
    await flushed({ client, socket: again });
  }),

  ...(
    [
      ["do not see a recovered socket", {}, [false]],
      ["see it too if that is wished", { skipMiddlewares: false }, [false, true]],
    ] as const
  ).map(([what, connectionStateRecovery, expected]) =>
    localScenario(`middlewares ${what}`, async (context) => {
      const server = await context.createServer({ connectionStateRecovery });
      const seen: boolean[] = [];
      server.io.use((socket, next) => {
        seen.push(socket.recovered);
        next();
      });
      const pair = await join(context, server, "/", BY_HAND);
      const first = inbox(pair.client, "first");
      pair.socket.emit("first", 1);
      await first.next();
      await settled(context, pair.socket);
      await lose(pair);
      const { socket } = await comeBack(pair.client, inbox(server.io, "connection"));
      expect(socket.recovered).toBe(true);
      expect(seen).toEqual(expected);
    }),
  ),

  localScenario("without the option nobody recovers", async (context) => {
    const server = await context.createServer();
    const pair = await join(context, server, "/", BY_HAND);
    const first = inbox(pair.client, "first");
    pair.socket.emit("first", "a text");
    await first.next();
    await settled(context, pair.socket);
    const { id } = pair.client;
    await lose(pair);
    const { socket } = await comeBack(pair.client, inbox(server.io, "connection"));
    // Socket.IO's client leaves it undefined where no server offers to recover.
    expect([Boolean(pair.client.recovered), socket.recovered]).toEqual([false, false]);
    expect(pair.client.id).not.toBe(id);
  }),
];
