/**
 * hawser's server with the adapters of the package `socket.io-adapter`, on which every adapter for Socket.IO stands: what they do to
 * sockets goes through the compatibility port. Several servers with them are in `cluster.test.ts`.
 */

import type { Socket as TcpSocket } from "node:net";
import * as hawser from "hawser";
import * as official from "socket.io-adapter";
import { describe, expect, onTestFinished, test } from "vitest";
import { createContext, type ScenarioContext, type ServerClass } from "../harness/context.ts";
import { clients } from "../harness/implementations.ts";
import { describeLocalScenarios, describeScenarios } from "../harness/run-scenarios.ts";
import { crowd, settled } from "../harness/scenario.ts";
import { inbox } from "../harness/waiting.ts";
import { broadcastAcknowledgementScenarios } from "../scenarios/broadcast-acknowledgements.ts";
import { broadcastScenarios } from "../scenarios/broadcasts.ts";
import { catchAllScenarios } from "../scenarios/catch-alls.ts";
import { compressionScenarios } from "../scenarios/compression.ts";
import { dynamicNamespaceScenarios } from "../scenarios/dynamic-namespaces.ts";
import { managingScenarios } from "../scenarios/managing-sockets.ts";
import { namespaceScenarios } from "../scenarios/namespaces.ts";
import { parserScenarios } from "../scenarios/parsers.ts";
import { recoveryScenarios } from "../scenarios/recovery.ts";
import { roomScenarios } from "../scenarios/rooms.ts";
import { volatileScenarios } from "../scenarios/volatile.ts";

/** A server of hawser that has Socket.IO's adapter where it would have its own. */
class HostingServer extends hawser.Server {
  constructor(server: hawser.AnyHttpServer, options: Partial<hawser.ServerOptions> = {}) {
    const { adapter = options.connectionStateRecovery ? official.SessionAwareAdapter : official.Adapter } = options;
    super(server, { ...options, adapter });
  }
}

const Server = HostingServer as unknown as ServerClass;
const { use: client } = clients.official;

describeScenarios(
  "Socket.IO's adapter",
  [...roomScenarios, ...broadcastScenarios, ...namespaceScenarios],
  (transportMode) => ({ Server, io: client.io, transportMode }),
  ["polling", "websocket"],
);

describeLocalScenarios(
  "Socket.IO's adapter",
  [
    ...broadcastAcknowledgementScenarios,
    ...managingScenarios,
    ...volatileScenarios,
    ...compressionScenarios,
    ...catchAllScenarios,
    ...dynamicNamespaceScenarios,
    ...parserScenarios,
    ...recoveryScenarios,
  ],
  Server,
  client,
  ["polling", "websocket"],
);

describe("what Socket.IO's adapter has encoded once", () => {
  /** A server with some clients over WebSocket, and what is written to their connections from now on. */
  async function watched(count: number) {
    const context = createContext({ Server, io: client.io, transportMode: "websocket" }) as ScenarioContext;
    onTestFinished(() => (context as ReturnType<typeof createContext>).dispose());
    const server = await context.createServer();
    const { httpServer } = server.io as unknown as hawser.Server;
    const chunks: unknown[] = [];
    httpServer.on("connection", (connection: TcpSocket) => {
      const write = connection.write.bind(connection) as (...args: unknown[]) => boolean;
      connection.write = (...args: unknown[]) => {
        chunks.push(args[0]);
        return write(...args);
      };
    });
    const pairs = await crowd(context, server, count);
    for (const { socket } of pairs) await settled(context, socket);
    chunks.length = 0;
    return { ...server, pairs, chunks };
  }

  test("is framed once: every recipient is written the same buffer", async () => {
    const { io, pairs, chunks } = await watched(5);
    const heard = pairs.map(({ client: recipient }) => inbox(recipient, "x"));
    io.except(pairs[0]!.socket.id).emit("x", "to four");
    for (const box of heard.slice(1)) expect(await box.next()).toEqual(["to four"]);
    expect(chunks.map(String)).toEqual(Array(4).fill(expect.stringContaining('42["x","to four"]')));
    expect(new Set(chunks).size).toBe(1);
  });

  test("is framed once with each of its attachments, too", async () => {
    const { io, pairs, chunks } = await watched(3);
    const heard = pairs.map(({ client: recipient }) => inbox(recipient, "x"));
    io.emit("x", Buffer.from("rope"));
    for (const box of heard) expect(await box.next()).toEqual([Buffer.from("rope")]);
    expect(chunks).toHaveLength(6);
    expect(new Set(chunks).size).toBe(2);
  });

  test("asks for answers that all have the same id, which no other event of the namespace has", async () => {
    const { io, pairs, chunks } = await watched(3);
    pairs.forEach(({ client: recipient }, index) =>
      recipient.on("ask", (answer: (value: number) => void) => answer(index)),
    );
    const own = pairs[0]!.socket.timeout(2000).emitWithAck("ask");
    expect((await io.timeout(2000).emitWithAck("ask")).toSorted()).toEqual([0, 1, 2]);
    expect(await own).toBe(0);
    expect(chunks.map((chunk) => String(chunk).slice(2))).toEqual([
      '420["ask"]',
      '421["ask"]',
      '421["ask"]',
      '421["ask"]',
    ]);
    expect(new Set(chunks).size).toBe(2);
  });
});
