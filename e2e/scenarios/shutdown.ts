/** A server that closes while it is busy. */

import { expect } from "vitest";
import type { Server as HttpServer } from "node:http";
import { crowd, flushed, join, localScenario, settled, type LocalScenario } from "../harness/scenario.ts";
import { inbox, Inbox } from "../harness/waiting.ts";

export const shutdownScenarios: readonly LocalScenario[] = [
  localScenario("io.close() tells all sockets of all namespaces, frees the port and calls back", async (context) => {
    const server = await context.createServer();
    const { io } = server;
    io.of("/orders");
    const pairs = [...(await crowd(context, server, 3)), ...(await crowd(context, server, 2, "/orders"))];
    for (const pair of pairs) await settled(context, pair.socket);
    const left = pairs.map(({ socket }) => inbox(socket, "disconnect"));
    const lost = pairs.map(({ client }) => inbox(client, "disconnect"));
    const done = new Inbox("the callback");
    const { port } = server;
    const closed = io.close(done.put);
    for (const box of left) expect((await box.next())[0]).toBe("server shutting down");
    for (const box of lost) expect((await box.next())[0]).toBe("transport close");
    await closed;
    expect((await done.next())[0]).toBeUndefined();
    expect((io.httpServer as HttpServer).listening).toBe(false);
    expect([io.of("/").sockets.size, io.of("/orders").sockets.size, io.engine.clientsCount]).toEqual([0, 0, 0]);

    const again = await context.createServer();
    expect(again.port).toBe(port);
    for (const name of ["/", "/orders"]) again.io.of(name);
    await Promise.all(pairs.map(({ client }) => inbox(client, "connect").next()));
    expect([again.io.of("/").sockets.size, again.io.of("/orders").sockets.size]).toEqual([3, 2]);
  }),

  localScenario(
    "what was sent before io.close() is lost at worst, and a client that leaves meanwhile does no harm",
    async (context) => {
      const server = await context.createServer();
      const { io } = server;
      const staying = await join(context, server);
      const leaving = await join(context, server);
      await settled(context, staying.socket);
      const numbers = inbox(staying.client, "number");
      for (let number = 0; number < 50; number++) io.emit("number", number);
      leaving.client.disconnect();
      await server.close();
      const received = numbers.drain().map(([number]) => number as number);
      expect(received).toEqual(received.map((_, index) => index));
      expect(leaving.client.active).toBe(false);
    },
  ),

  localScenario("io.disconnectSockets(true) sends everybody away, and the server serves on", async (context) => {
    const server = await context.createServer();
    const pairs = await crowd(context, server, 3);
    for (const { socket } of pairs) await settled(context, socket);
    const lost = pairs.map(({ client }) => inbox(client, "disconnect"));
    server.io.disconnectSockets(true);
    for (const box of lost) expect((await box.next())[0]).toBe("io server disconnect");
    expect(server.io.of("/").sockets.size).toBe(0);
    await flushed(await join(context, server));
  }),
];
