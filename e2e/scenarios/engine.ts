/** The server's engine: who looks at requests, what sessions are given, and what they may send. */

import type { IncomingMessage } from "node:http";
import { expect } from "vitest";
import {
  bytes,
  flushed,
  inboxOfSockets,
  join,
  localScenario,
  pair,
  settled,
  type LocalScenario,
} from "../harness/scenario.ts";
import { inbox, Inbox, until, type Listenable } from "../harness/waiting.ts";

type Next = (error?: Error) => void;
/** A response, as far as a WebSocket's upgrade has one. */
interface Response {
  setHeader(name: string, value: string): void;
}

/** A request that the application has added something to. */
type Marked = IncomingMessage & { passenger?: string };

export const engineScenarios: readonly LocalScenario[] = [
  localScenario("engine middlewares run in order for every request, and what they add stays", async (context) => {
    const server = await context.createServer();
    const { engine } = server.io;
    const steps: string[] = [];
    engine.use((request: Marked, _response: Response, next: Next) => {
      steps.push("first");
      setImmediate(() => {
        request.passenger = "ada";
        next();
      });
    });
    engine.use((request: Marked, response: Response, next: Next) => {
      steps.push(`second sees ${request.passenger}`);
      response.setHeader("x-checked", "yes");
      next();
    });
    const { client, socket } = await join(context, server);
    expect((socket.request as Marked).passenger).toBe("ada");
    await settled(context, socket);
    await flushed({ client, socket });
    expect(steps.length).toBeGreaterThanOrEqual(2);
    expect(new Set(steps)).toEqual(new Set(["first", "second sees ada"]));
  }),

  localScenario(
    "an engine middleware may refuse a request; the client comes in as soon as it does not",
    async (context) => {
      const { io } = await context.createServer();
      let closed = true;
      io.engine.use((_request: IncomingMessage, _response: Response, next: Next) =>
        closed ? next(new Error("closed on Sundays")) : next(),
      );
      const [refusals, connections] = [inbox(io.engine as Listenable, "connection_error"), inbox(io, "connection")];
      const client = context.connect();
      const [errors, connected] = [inbox(client, "connect_error"), inbox(client, "connect")];
      const [error] = await errors.next();
      expect(error.message).toBe(context.transportMode === "websocket" ? "websocket error" : "xhr poll error");
      expect(client.active).toBe(true);
      const [refusal] = await refusals.next();
      expect([refusal.code, refusal.message]).toEqual([3, "Bad request"]);
      closed = false;
      const [socket] = await connections.next();
      await connected.next();
      await flushed({ client, socket });
    },
  ),

  localScenario("allowRequest decides on handshakes alone, and may say why it refuses", async (context) => {
    const asked = new Inbox("handshakes");
    let open = false;
    const { io } = await context.createServer({
      allowRequest: (request, decide) => {
        asked.put(new URL(request.url!, "http://host").searchParams.get("sid"));
        setImmediate(() => (open ? decide(null, true) : decide("no room on board", false)));
      },
    });
    const [refusals, connections] = [inbox(io.engine as Listenable, "connection_error"), inbox(io, "connection")];
    const client = context.connect();
    const [errors, connected] = [new Inbox("connect_error"), inbox(client, "connect")];
    // What the request brought has to be read here and now.
    client.on("connect_error", ({ message, description, context: request }: any) =>
      errors.put(message, description, request?.responseText),
    );
    const [message, status, body] = await errors.next();
    if (context.transportMode === "websocket") {
      expect(message).toBe("websocket error");
    } else {
      expect([message, status]).toEqual(["xhr poll error", 403]);
      expect(JSON.parse(body)).toEqual({ code: 4, message: "no room on board" });
    }
    const [refusal] = await refusals.next();
    expect([refusal.code, refusal.message]).toEqual([4, "Forbidden"]);
    asked.drain();
    refusals.drain();
    open = true;
    const [socket] = await connections.next();
    await connected.next();
    await settled(context, socket);
    await flushed({ client, socket });
    const handshakes = asked.drain();
    expect(handshakes.every(([sid]) => sid === null)).toBe(true);
    // The last one was let in, and nobody asked about the requests that followed.
    expect(handshakes.length).toBe(refusals.size + 1);
  }),

  localScenario("the initial packet is the first thing that a client hears", async (context) => {
    const { io } = await context.createServer({ initialPacket: '2["early",{"from":"the engine"}]' });
    io.on("connection", (socket) => socket.emit("late"));
    const client = context.connect();
    const heard = new Inbox("what was heard");
    client.onAny(heard.put);
    expect(await heard.take(2)).toEqual([["early", { from: "the engine" }], ["late"]]);
  }),

  localScenario("both ends of a session know it by the same id, and the engine counts it", async (context) => {
    const server = await context.createServer();
    const { engine } = server.io;
    const sessions = inbox(engine as Listenable, "connection");
    const { client, socket } = await join(context, server);
    const [session] = await sessions.next();
    expect(session).toBe(socket.conn);
    expect([client.io.engine.id, engine.clientsCount]).toEqual([session.id, 1]);
    const other = await join(context, server);
    expect(engine.clientsCount).toBe(2);
    await settled(context, other.socket);
    other.client.disconnect();
    await until(() => engine.clientsCount === 1, "the session to end");
    await flushed({ client, socket });
  }),

  localScenario("the engine's headers events may add headers to its answers", async (context) => {
    const { io, server, client, socket } = await pair(context);
    const told: string[] = [];
    for (const event of ["initial_headers", "headers"]) {
      io.engine.on(event, (headers: Record<string, string>, request: IncomingMessage) => {
        headers[`x-${event.replace("_", "-")}`] = new URL(request.url!, "http://host").searchParams.get("transport")!;
        told.push(event);
      });
    }
    const response = await fetch(`http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`);
    await response.text();
    expect([response.headers.get("x-initial-headers"), response.headers.get("x-headers")]).toEqual([
      "polling",
      "polling",
    ]);
    expect(told.slice(-2)).toEqual(["initial_headers", "headers"]);
    await flushed({ client, socket });
  }),

  localScenario(
    "a client that joins no namespace in time is dismissed, one that has joined is not",
    async (context) => {
      const server = await context.createServer({ connectTimeout: 1_500 });
      const { client, socket } = await join(context, server);
      const lost = inbox(client, "disconnect");
      const sessions = inbox(server.io.engine as Listenable, "connection");
      const silent = context.connect("/", { auth: () => {}, reconnection: false });
      const closed = inbox(silent.io as unknown as Listenable, "close");
      const [session] = await sessions.next();
      expect((await closed.next())[0]).toBe("transport close");
      await until(() => session.readyState === "closed", "the session to end");
      await flushed({ client, socket });
      expect(lost.size).toBe(0);
    },
  ),

  localScenario("a message of exactly maxHttpBufferSize passes, text and binary", async (context) => {
    const limit = 1_000;
    const { client, socket } = await pair(context, { maxHttpBufferSize: limit });
    await settled(context, socket);
    const [texts, files] = [inbox(socket, "text"), inbox(socket, "file")];
    const overhead = '42["text",""]'.length;
    for (const text of ["x".repeat(limit - overhead), "ü".repeat(Math.floor((limit - overhead) / 2))]) {
      client.emit("text", text);
      expect(await texts.next()).toEqual([text]);
    }
    // Over polling binary is base64, which takes more.
    const binary = Buffer.alloc(context.transportMode === "polling" ? 700 : limit, 7);
    client.emit("file", binary);
    expect(bytes((await files.next())[0])).toHaveLength(binary.length);
    await flushed({ client, socket });
  }),

  localScenario("one byte more ends the connection, and the client comes back", async (context) => {
    const limit = 1_000;
    const { io, client, socket } = await pair(context, { maxHttpBufferSize: limit });
    await settled(context, socket);
    const texts = inboxOfSockets(io.of("/"), "text");
    socket.on("text", texts.put);
    const [left, lost, connections] = [
      inbox(socket, "disconnect"),
      inbox(client, "disconnect"),
      inbox(io, "connection"),
    ];
    client.emit("text", "x".repeat(limit + 1 - '42["text",""]'.length));
    // Over a WebSocket the server closes it; a request's answer says that it was too large.
    expect((await lost.next())[0]).toBe(context.transportMode === "polling" ? "transport error" : "transport close");
    await left.next();
    const [again] = await connections.next();
    await flushed({ client, socket: again });
    expect(texts.size).toBe(0);
  }),

  localScenario("messages that are small one by one pass however many there are", async (context) => {
    const { client, socket } = await pair(context, { maxHttpBufferSize: 300 });
    const received = inbox(socket, "part");
    for (let number = 0; number < 100; number++) client.emit("part", number, "x".repeat((number * 31) % 250));
    const parts = await received.take(100);
    expect(parts).toEqual(Array.from({ length: 100 }, (_, number) => [number, "x".repeat((number * 31) % 250)]));
  }),

  localScenario("what a server sends has no such limit", async (context) => {
    const { client, socket } = await pair(context, { maxHttpBufferSize: 300 });
    const received = inbox(client, "text");
    socket.emit("text", "x".repeat(5_000), Buffer.alloc(5_000));
    const [text, binary] = await received.next();
    expect([text.length, bytes(binary).length]).toEqual([5_000, 5_000]);
    await flushed({ client, socket });
  }),
];
