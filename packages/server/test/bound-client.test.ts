/** A server on an engine that is not the library's own. */

import { EventEmitter } from "node:events";
import { createServer, IncomingMessage } from "node:http";
import { Socket as TcpSocket } from "node:net";
import type { EngineData, EnginePacketOptions } from "@hawser/core";
import { describe, expect, it, onTestFinished } from "vitest";
import type { BoundConnection } from "../src/bound-session.ts";
import { Server, type ServerOptions, type Socket } from "../src/index.ts";
import { settled } from "./fixture.ts";

/** A connection of some engine, played by hand. */
class FakeConnection extends EventEmitter implements BoundConnection {
  readonly id = "the-connection";
  readonly transport = { writable: true };
  readonly request: Partial<IncomingMessage> | undefined;
  readonly remoteAddress = "192.0.2.1";
  readyState = "open";
  readonly written: [data: EngineData, options: EnginePacketOptions | undefined][] = [];
  readonly closed: boolean[] = [];

  constructor(request?: Partial<IncomingMessage>) {
    super();
    this.request = request;
  }

  write(data: EngineData, options?: EnginePacketOptions): void {
    this.written.push([data, options]);
  }

  close(discard = false): void {
    this.closed.push(discard);
    this.end("forced close");
  }

  /** The connection ends. */
  end(reason: string, description?: Error): void {
    if (this.readyState === "open") {
      this.readyState = "closed";
      this.emit("close", reason, description);
    }
  }
}

class FakeEngine extends EventEmitter {
  closed = 0;
  close(): void {
    this.closed++;
  }
}

/** A server that is bound to an engine. */
function bound(options?: Partial<ServerOptions>): { io: Server; engine: FakeEngine } {
  const io = new Server(options);
  const engine = new FakeEngine();
  io.bind(engine);
  onTestFinished(() => io.close());
  return { io, engine };
}

/** A connection that has joined `/`, and the socket that belongs to it. */
async function join(
  { io, engine }: { io: Server; engine: FakeEngine },
  connection: FakeConnection = new FakeConnection(),
): Promise<{ connection: FakeConnection; socket: Socket }> {
  engine.emit("connection", connection);
  connection.emit("data", "0");
  await settled();
  const [socket] = [...io.sockets.sockets.values()];
  expect(connection.written.shift()).toEqual([`0{"sid":"${socket?.id}"}`, undefined]);
  return { connection, socket: socket as Socket };
}

describe("a bound server", () => {
  it("shows the engine it is bound to, and returns itself", () => {
    const io = new Server();
    const engine = new FakeEngine();
    expect(io.bind(engine)).toBe(io);
    expect(io.engine).toBe(engine);
  });

  it("takes single connections too", async () => {
    const { io } = bound();
    const connection = new FakeConnection();
    expect(io.onconnection(connection)).toBe(io);
    connection.emit("data", "0");
    await settled();
    expect(io.sockets.sockets.size).toBe(1);
  });

  it("closes the HTTP server that it was told of when it closes", async () => {
    const { io } = bound();
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    io.httpServer = http;
    const errors: unknown[] = [];
    await io.close((error) => errors.push(error));
    expect(http.listening).toBe(false);
    expect(errors).toEqual([undefined]);
  });

  it("closes the engine when it closes", async () => {
    const { io, engine } = bound();
    await io.close();
    expect(engine.closed).toBe(1);
  });
});

describe("a socket on a bound engine", () => {
  it("has the engine's connection as its conn", async () => {
    const { connection, socket } = await join(bound());
    expect(socket.conn).toBe(connection);
    expect(socket.client.id).toBe("the-connection");
  });

  it("exchanges events, binary data and acknowledgements", async () => {
    const { connection, socket } = await join(bound());
    const received: unknown[] = [];
    socket.on("event", (...args: unknown[]) => {
      const answer = args.pop() as (reply: string) => void;
      received.push(...args);
      answer("done");
    });
    connection.emit("data", '51-7["event",{"_placeholder":true,"num":0}]');
    connection.emit("data", Buffer.from([1, 2]));
    await settled();
    expect(received).toEqual([Buffer.from([1, 2])]);
    socket.compress(false).emit("news", Buffer.from([3]));
    expect(connection.written).toEqual([
      ['37["done"]', undefined],
      ['51-["news",{"_placeholder":true,"num":0}]', { compress: false }],
      [Buffer.from([3]), { compress: false }],
    ]);
  });

  it("receives broadcasts", async () => {
    const server = bound();
    const { connection } = await join(server);
    server.io.emit("news", 1);
    expect(connection.written).toEqual([['2["news",1]', undefined]]);
  });

  it("is spared volatile events that its transport can't take", async () => {
    const server = bound();
    const { connection, socket } = await join(server);
    connection.transport.writable = false;
    socket.volatile.emit("lost");
    server.io.volatile.emit("lost");
    expect(connection.written).toEqual([]);
  });

  it.each([
    ["with an error behind it", new Error("cut")],
    ["without", undefined],
  ])("ends with its connection, %s", async (_what, description) => {
    const { connection, socket } = await join(bound());
    const seen: unknown[] = [];
    socket.on("disconnect", (...args) => seen.push(...args));
    connection.end("transport error", description);
    await settled();
    expect(seen).toEqual(["transport error", description]);
  });

  it("survives an error event of its connection", async () => {
    const { connection, socket } = await join(bound());
    connection.emit("error", new Error("the engine says so"));
    await settled();
    expect(socket.connected).toBe(true);
  });

  it("closes its connection by disconnect(true), after what was sent", async () => {
    const { connection, socket } = await join(bound());
    socket.disconnect(true);
    expect(connection.written).toEqual([["1", undefined]]);
    expect(connection.closed).toEqual([false]);
  });

  it("has its connection closed for what can't be decoded", async () => {
    const { connection, socket } = await join(bound());
    const reasons: unknown[] = [];
    socket.on("disconnect", (reason) => reasons.push(reason));
    connection.emit("data", "nonsense");
    await settled();
    expect(connection.closed).toEqual([false]);
    expect(reasons).toEqual(["forced close"]);
  });

  it("writes nothing to a connection that is closed", async () => {
    const { connection, socket } = await join(bound());
    connection.readyState = "closing";
    socket.emit("late");
    expect(connection.written).toEqual([]);
  });
});

describe("the handshake on a bound engine", () => {
  it("is told by the connection's request", async () => {
    const request = new IncomingMessage(new TcpSocket());
    request.url = "/socket.io/?EIO=4&token=abc";
    request.headers = { origin: "https://example.com" };
    const { socket } = await join(bound(), new FakeConnection(request));
    expect(socket.request).toBe(request);
    expect(socket.handshake).toMatchObject({
      address: "192.0.2.1",
      headers: { origin: "https://example.com" },
      query: { EIO: "4", token: "abc" },
      secure: false,
      url: "/socket.io/?EIO=4&token=abc",
      xdomain: true,
    });
  });

  it("takes what stands for a request on other platforms", async () => {
    const request = { url: "/?a=1", headers: {}, _query: { a: "1" }, connection: { encrypted: true } };
    const { socket } = await join(bound(), new FakeConnection(request as unknown as IncomingMessage));
    expect(socket.handshake).toMatchObject({ query: { a: "1" }, secure: true, url: "/?a=1" });
  });

  it("is there without a request", async () => {
    const { socket } = await join(bound());
    expect(socket.handshake).toMatchObject({
      address: "192.0.2.1",
      headers: {},
      query: {},
      secure: true,
      xdomain: false,
    });
  });
});

it("a client of a bound engine that joins nothing is closed in time", async () => {
  const { engine } = bound({ connectTimeout: 10 });
  const connection = new FakeConnection();
  const closed = new Promise((resolve) => connection.on("close", resolve));
  engine.emit("connection", connection);
  expect(await closed).toBe("forced close");
});
