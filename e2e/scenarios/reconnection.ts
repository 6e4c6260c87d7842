/** The client's Manager: how it comes back, how often it tries, and what it tells. */

import { expect } from "vitest";
import {
  flushed,
  inboxOfSockets,
  join,
  localScenario,
  pair,
  settled,
  type LocalScenario,
} from "../harness/scenario.ts";
import type { RunningServer } from "../harness/context.ts";
import { inbox, Inbox, type Listenable } from "../harness/waiting.ts";

/** Closes a server and waits until its client has noticed. */
async function closeUnder(server: RunningServer, client: Listenable): Promise<void> {
  const lost = inbox(client, "disconnect");
  const closed = server.close();
  await lost.next();
  await closed;
}

export const reconnectionScenarios: readonly LocalScenario[] = [
  localScenario(
    "while the server is away the Manager tells of each attempt, and then of the one that succeeds",
    async (context) => {
      const { server, client, socket } = await pair(context);
      await settled(context, socket);
      const manager = client.io as unknown as Listenable;
      const told = new Inbox("what the Manager tells");
      for (const event of ["reconnect_attempt", "reconnect_error", "reconnect"]) {
        manager.on(event, (value: unknown) => told.put(event, value instanceof Error || value));
      }
      const [connected, errors] = [inbox(client, "connect"), inbox(client, "connect_error")];
      await closeUnder(server, client);
      expect(await told.take(4)).toEqual([
        ["reconnect_attempt", 1],
        ["reconnect_error", true],
        ["reconnect_attempt", 2],
        ["reconnect_error", true],
      ]);
      expect((await errors.take(2)).every(([error]) => error instanceof Error)).toBe(true);
      expect([client.connected, client.active]).toEqual([false, true]);

      const { io } = await context.createServer();
      const connections = inbox(io, "connection");
      await connected.next();
      const rest = told.drain();
      const attempts = rest.filter(([event]) => event === "reconnect_attempt").at(-1)![1];
      expect(rest.at(-1)).toEqual(["reconnect", attempts]);
      const [again] = await connections.next();
      await flushed({ client, socket: again });
    },
  ),

  localScenario("after so many attempts the Manager gives up, and starts again when it is told to", async (context) => {
    const { server, client, socket } = await pair(context, {}, { reconnectionAttempts: 2 });
    await settled(context, socket);
    const manager = client.io as unknown as Listenable;
    const [attempts, failed] = [inbox(manager, "reconnect_attempt"), inbox(manager, "reconnect_failed")];
    await closeUnder(server, client);
    await failed.next();
    expect(attempts.drain()).toEqual([[1], [2]]);

    const { io } = await context.createServer();
    const connections = inbox(io, "connection");
    const connected = inbox(client, "connect");
    client.connect();
    const [again] = await connections.next();
    await connected.next();
    await flushed({ client, socket: again });
    expect(attempts.size).toBe(0);
  }),

  localScenario("without reconnection a lost client stays away until it is told to connect", async (context) => {
    const { io, client, socket } = await pair(context, {}, { reconnection: false });
    await settled(context, socket);
    const attempts = inbox(client.io as unknown as Listenable, "reconnect_attempt");
    const [lost, connections, connected] = [
      inbox(client, "disconnect"),
      inbox(io, "connection"),
      inbox(client, "connect"),
    ];
    socket.conn.close();
    expect((await lost.next())[0]).toBe("transport close");
    client.connect();
    const [again] = await connections.next();
    await connected.next();
    expect(attempts.size).toBe(0);
    await flushed({ client, socket: again });
  }),

  localScenario(
    "all namespaces of a connection come back, each as somebody new, with what they had to say",
    async (context) => {
      const server = await context.createServer();
      const names = ["/", "/orders", "/users"];
      for (const name of names) server.io.of(name);
      const pairs = [];
      for (const name of names) pairs.push(await join(context, server, name, { forceNew: false }));
      await settled(context, pairs[0]!.socket);
      const connected = pairs.map(({ client }) => inbox(client, "connect"));
      const lost = pairs.map(({ client }) => inbox(client, "disconnect"));
      const later = names.map((name) => inboxOfSockets(server.io.of(name), "meanwhile"));
      pairs[0]!.socket.conn.close();
      for (const [index, box] of lost.entries()) {
        expect((await box.next())[0]).toBe("transport close");
        pairs[index]!.client.emit("meanwhile", names[index]);
      }
      for (const box of connected) await box.next();
      for (const [index, box] of later.entries()) expect(await box.next()).toEqual([names[index]]);
      const sockets = names.map((name) => [...server.io.of(name).sockets.values()]);
      expect(sockets.map(({ length }) => length)).toEqual([1, 1, 1]);
      expect(new Set(sockets.map(([socket]) => socket!.conn)).size).toBe(1);
    },
  ),

  localScenario("a client that leaves while its Manager tries ends the trying", async (context) => {
    const { server, client, socket } = await pair(context);
    await settled(context, socket);
    const attempts = inbox(client.io as unknown as Listenable, "reconnect_attempt");
    const errors = inbox(client, "connect_error");
    await closeUnder(server, client);
    await errors.next();
    client.disconnect();
    attempts.drain();
    errors.drain();
    const { io } = await context.createServer();
    const connections = inbox(io, "connection");
    const other = context.connect();
    await inbox(other, "connect").next();
    expect(connections.size).toBe(1);
    expect([client.active, attempts.size, errors.size]).toEqual([false, 0, 0]);
  }),

  localScenario("a Manager that opens tells its callback how it went", async (context) => {
    const server = await context.createServer();
    const client = context.connect("/", { autoConnect: false });
    const outcome = new Inbox("the outcome");
    client.io.open(outcome.put);
    const [error] = await outcome.next();
    expect(error).toBeUndefined();
    client.io._close();
    await server.close();
    const other = context.connect("/", { autoConnect: false });
    other.io.open(outcome.put);
    expect((await outcome.next())[0]).toBeInstanceOf(Error);
    expect(other.active).toBe(false);
  }),
];
