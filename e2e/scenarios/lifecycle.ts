/** How conversations end, why, and how they begin again. */

import { expect } from "vitest";
import {
  flushed,
  inboxOfSockets,
  inPlace,
  pair,
  scenario,
  settled,
  type Pair,
  type Scenario,
} from "../harness/scenario.ts";
import type { RunningServer } from "../harness/context.ts";
import { inbox } from "../harness/waiting.ts";

interface Ending {
  readonly name: string;
  end(pair: Pair & { server: RunningServer }): void;
  readonly atServer: string;
  readonly atClient: string;
  /** Whether the client keeps trying to come back. */
  readonly active: boolean;
}

const ENDINGS: readonly Ending[] = [
  {
    name: "socket.disconnect() at the server",
    end: ({ socket }) => socket.disconnect(),
    atServer: "server namespace disconnect",
    atClient: "io server disconnect",
    active: false,
  },
  {
    name: "socket.disconnect(true) at the server",
    end: ({ socket }) => socket.disconnect(true),
    atServer: "server namespace disconnect",
    atClient: "io server disconnect",
    active: false,
  },
  {
    name: "disconnect() at the client",
    end: ({ client }) => client.disconnect(),
    atServer: "client namespace disconnect",
    atClient: "io client disconnect",
    active: false,
  },
  {
    name: "io.close() at the server",
    end: ({ server }) => void server.close(),
    atServer: "server shutting down",
    atClient: "transport close",
    active: true,
  },
];

const endings = ENDINGS.map(({ name, end, atServer, atClient, active }) =>
  scenario(`${name} ends both ends once, each with its reason`, async (context) => {
    const { server, io, client, socket } = await pair(context);
    await flushed({ client, socket });
    await settled(context, socket);
    const leaving = inbox(socket, "disconnecting");
    const left = inbox(socket, "disconnect");
    const lost = inbox(client, "disconnect");
    await inPlace(client);
    end({ server, client, socket });
    expect((await leaving.next())[0]).toBe(atServer);
    expect((await left.next())[0]).toBe(atServer);
    expect((await lost.next())[0]).toBe(atClient);
    expect([client.connected, client.active, client.id]).toEqual([false, active, undefined]);
    expect([socket.connected, io.of("/").sockets.size]).toEqual([false, 0]);
    client.disconnect();
    await server.close();
    expect([leaving.size, left.size, lost.size]).toEqual([0, 0, 0]);
  }),
);

export const lifecycleScenarios: readonly Scenario[] = [
  ...endings,

  scenario("disconnect(true) ends all namespaces of the connection", async (context) => {
    const { io } = await context.createServer();
    const names = ["/one", "/two"];
    const connections = names.map((name) => inbox(io.of(name), "connection"));
    const clients = names.map((name) => context.connect(name, { forceNew: false }));
    const lost = clients.map((client) => inbox(client, "disconnect"));
    await Promise.all(clients.map((client) => inbox(client, "connect").next()));
    const sockets = await Promise.all(connections.map(async (connection) => (await connection.next())[0]));
    await settled(context, sockets[0]);
    const closed = inbox(sockets[0].conn, "close");
    sockets[0].disconnect(true);
    for (const box of lost) expect((await box.next())[0]).toBe("io server disconnect");
    await closed.next();
    expect(sockets.map((socket) => socket.connected)).toEqual([false, false]);
  }),

  scenario("a client that was disconnected comes back when told to, as somebody new", async (context) => {
    const { io, client, socket } = await pair(context);
    const [connections, lost, connected] = [
      inbox(io, "connection"),
      inbox(client, "disconnect"),
      inbox(client, "connect"),
    ];
    await inPlace(client);
    socket.disconnect();
    await lost.next();
    client.connect();
    await connected.next();
    const [again] = await connections.next();
    expect(again.id).not.toBe(socket.id);
    expect(client.id).toBe(again.id);
    await flushed({ client, socket: again });
  }),

  scenario(
    "after a restart of the server its clients come back, and what they emitted meanwhile follows",
    async (context) => {
      const { server, client, socket } = await pair(context);
      await settled(context, socket);
      const [lost, connected] = [inbox(client, "disconnect"), inbox(client, "connect")];
      await inPlace(client);
      const closed = server.close();
      await lost.next();
      await closed;
      for (let number = 0; number < 100; number++) client.emit("meanwhile", number);
      client.on("connect", () => client.emit("meanwhile", "back"));
      await inPlace(client);

      const { io } = await context.createServer();
      const arrived = inboxOfSockets(io.of("/"), "meanwhile");
      await connected.next();
      const numbers = Array.from({ length: 100 }, (_, number) => [number]);
      expect(await arrived.take(101)).toEqual([...numbers, ["back"]]);
      expect(io.of("/").sockets.has(client.id!)).toBe(true);
    },
  ),

  scenario("a client that comes before its server keeps trying", async (context) => {
    const { close } = await context.createServer();
    await close();
    const client = context.connect();
    const [errors, connected] = [inbox(client, "connect_error"), inbox(client, "connect")];
    client.emit("early");
    const [error] = await errors.next();
    expect(error).toBeInstanceOf(Error);
    expect([client.connected, client.active]).toEqual([false, true]);
    const { io } = await context.createServer();
    const early = inboxOfSockets(io.of("/"), "early");
    await connected.next();
    await early.next();
  }),

  scenario("a connection that is lost is reported at both ends, and the client comes back", async (context) => {
    const { io, client, socket } = await pair(context);
    await flushed({ client, socket });
    await settled(context, socket);
    const [connections, left, lost] = [
      inbox(io, "connection"),
      inbox(socket, "disconnect"),
      inbox(client, "disconnect"),
    ];
    await inPlace(client);
    await settled(context, socket);
    socket.conn.close();
    expect((await left.next())[0]).toBe("forced close");
    expect((await lost.next())[0]).toBe("transport close");
    const [again] = await connections.next();
    expect(again.id).not.toBe(socket.id);
    await flushed({ client, socket: again });
  }),

  scenario("heartbeats keep an idle connection open", async (context) => {
    const { client, socket } = await pair(context, { pingInterval: 25, pingTimeout: 4_000 });
    const [beats, lost] = [inbox(socket.conn, "heartbeat"), inbox(client, "disconnect")];
    await beats.take(5);
    await flushed({ client, socket });
    expect(lost.size).toBe(0);
  }),
];
