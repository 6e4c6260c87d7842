/** Clients of python-engineio, the layer below, on hawser's server: they write what crosses the wire by hand. */

import type { ServerOptions, Socket } from "socket.io";
import { describe, expect, test } from "vitest";
import { createContext, TRANSPORT_MODES, type RunningServer, type TransportMode } from "../../harness/context.ts";
import { clients, servers } from "../../harness/implementations.ts";
import { settled } from "../../harness/scenario.ts";
import { inbox, until } from "../../harness/waiting.ts";
import { KINDS, PythonClient, pythonPath, type Kind } from "./python-client.ts";

const TRANSPORTS: Record<TransportMode, string[] | null> = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: null,
};

/** For the client without coroutines, which fails to send anything beyond Latin-1 in a request. */
const ESCAPED = String.raw`2["text","\u00fc\ud83d\udea2"]`;

interface Connection {
  readonly client: PythonClient;
  readonly server: RunningServer;
  readonly socket: Socket;
}

/** Runs a test on a session that has joined the namespace `/`. */
async function joined(
  kind: Kind,
  transportMode: TransportMode,
  run: (connection: Connection) => Promise<void>,
  options: Partial<ServerOptions> = {},
): Promise<void> {
  const context = createContext({ Server: servers.hawser.use, io: clients.hawser.use.io, transportMode });
  await using client = new PythonClient("engineio_client.py", kind);
  try {
    const server = await context.createServer(options);
    const connections = inbox(server.io, "connection");
    await client.do("connect", `http://127.0.0.1:${server.port}`, { transports: TRANSPORTS[transportMode] });
    await client.inbox("connect").next();
    await client.do("send", "0");
    const [socket] = (await connections.next()) as [Socket];
    expect((await client.inbox("message").next())[0]).toBe(`0{"sid":"${socket.id}"}`);
    await settled(context, socket);
    await run({ client, server, socket });
  } finally {
    await client[Symbol.asyncDispose]();
    await context.dispose();
  }
}

describe.skipIf(pythonPath === undefined).each(KINDS)("python-engineio's %s client", (kind) => {
  describe.each(TRANSPORT_MODES)("over %s", (transportMode) => {
    test("opens a session and uses the transport that it is to", () =>
      joined(kind, transportMode, async ({ client, socket }) => {
        const transport = transportMode === "polling" ? "polling" : "websocket";
        expect(await client.do("state")).toEqual({
          state: "connected",
          transport,
          id: (socket.conn as unknown as { id: string }).id,
        });
      }));

    test("sends and receives text and binary messages", () =>
      joined(kind, transportMode, async ({ client, socket }) => {
        const [text, binary] = [inbox(socket, "text"), inbox(socket, "binary")];
        await client.do("send", kind === "sync" && transportMode === "polling" ? ESCAPED : '2["text","ü🚢"]');
        expect(await text.next()).toEqual(["ü🚢"]);
        await client.do("send", '51-["binary",{"_placeholder":true,"num":0}]');
        await client.do("send", Buffer.from([0, 1, 255]));
        expect(await binary.next()).toEqual([Buffer.from([0, 1, 255])]);

        socket.emit("text", "line\nbreak");
        expect(await client.inbox("message").next()).toEqual(['2["text","line\\nbreak"]']);
        socket.emit("binary", Buffer.from([7]));
        const frames = (await client.inbox("message").take(2)).map(([frame]) => frame as unknown);
        // Each message has a thread of its own in the client without coroutines.
        expect(frames).toContainEqual('51-["binary",{"_placeholder":true,"num":0}]');
        expect(frames).toContainEqual(Buffer.from([7]));
      }));

    test("answers the heartbeat", () =>
      joined(
        kind,
        transportMode,
        async ({ client, socket }) => {
          await inbox(socket.conn, "heartbeat").take(8);
          expect(client.inbox("disconnect").size).toBe(0);
          expect((await client.do("state")).state).toBe("connected");
        },
        { pingInterval: 100, pingTimeout: 10_000 },
      ));

    test("leaves, and the server knows", () =>
      joined(kind, transportMode, async ({ client, server, socket }) => {
        const left = inbox(socket, "disconnect");
        await client.do("disconnect");
        expect(["transport close", "transport error"]).toContain((await left.next())[0]);
        await until(() => server.io.engine.clientsCount === 0, "the session to end");
      }));

    test("is told that the server ends the session", () =>
      joined(kind, transportMode, async ({ client, socket }) => {
        socket.conn.close();
        await client.inbox("disconnect").next();
      }));

    test("is refused by allowRequest", async () => {
      const context = createContext({ Server: servers.hawser.use, io: clients.hawser.use.io, transportMode });
      await using client = new PythonClient("engineio_client.py", kind);
      try {
        const { port } = await context.createServer({ allowRequest: (_request, decide) => decide("no", false) });
        const attempt = client.do("connect", `http://127.0.0.1:${port}`, { transports: TRANSPORTS[transportMode] });
        await expect(attempt).rejects.toThrow("ConnectionError");
      } finally {
        await context.dispose();
      }
    });
  });
});
