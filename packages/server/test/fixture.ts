import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo, Socket as TcpSocket } from "node:net";
import {
  FakeClock,
  FakeWebTransport,
  RawClient,
  RawTcp,
  RawWebTransport,
  type RawClientOptions,
  type RawWebTransportOptions,
} from "@hawser/testing";
import { onTestFinished, vi } from "vitest";
import type { ServerSession } from "@hawser/core";
import { nodeClock } from "../src/engine/node-clock.ts";
import { Server, type ServerOptions, type Socket } from "../src/index.ts";

/** The session beneath a socket of the library's own engine. */
export function sessionOf(socket: Socket): ServerSession {
  return socket.client.mux.session as ServerSession;
}

/** A client in a namespace, and its socket on the server. */
export interface Joined {
  readonly client: RawClient;
  readonly socket: Socket;
}

/** A WebTransport session of a client with the server, and the stream that the client has opened. */
export interface WebTransportClient {
  /** The client's end. */
  readonly session: FakeWebTransport;
  /** The server's end. */
  readonly serverEnd: FakeWebTransport;
  readonly stream: RawWebTransport;
}

/** A hawser server on a port of its own, for the test that is running; it ends with the test, with all its clients. */
export class TestServer {
  readonly http: HttpServer;
  readonly io: Server;
  readonly #clients: RawClient[] = [];
  readonly #connections: RawTcp[] = [];

  private constructor(http: HttpServer, options: Partial<ServerOptions>) {
    this.http = http;
    this.io = new Server(http, options);
  }

  /** @param http - what to attach to. Default: one that answers all else with 404 */
  static async start(options: Partial<ServerOptions> = {}, http: HttpServer = notFoundServer()): Promise<TestServer> {
    const server = new TestServer(http, options);
    onTestFinished(() => server.#stop());
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A raw client that has not connected yet. */
  client(options?: RawClientOptions): RawClient {
    const client = new RawClient(this.origin, options);
    this.#clients.push(client);
    return client;
  }

  /** A raw client with an open session. */
  async connect(transport: "polling" | "websocket" = "websocket", options?: RawClientOptions): Promise<RawClient> {
    const client = this.client(options);
    await client.connect(transport);
    return client;
  }

  /** A raw client that has joined a namespace, which is set up for it if there is none. */
  async join(transport: "polling" | "websocket" = "websocket", namespace = "/", auth?: object): Promise<Joined> {
    const client = await this.connect(transport);
    return { client, socket: await this.joinWith(client, namespace, auth) };
  }

  /** Makes a client join a namespace, which is set up for it if there is none, and finds the socket that belongs to it. */
  async joinWith(client: RawClient, namespace = "/", auth?: object): Promise<Socket> {
    const { sockets } = this.io.of(namespace);
    const { sid } = await client.join(namespace, auth);
    const socket = sockets.get(sid);
    if (!socket) {
      throw new Error(`no socket ${sid} in ${namespace}`);
    }
    return socket;
  }

  /** A WebTransport session that is handed to the engine, with a stream on which nothing has been said. */
  async webTransport(options?: RawWebTransportOptions): Promise<WebTransportClient> {
    const { client: session, server: serverEnd } = FakeWebTransport.join();
    void this.io.engine.onWebTransportSession(serverEnd);
    return { session, serverEnd, stream: await RawWebTransport.open(session, options) };
  }

  /** A client that has joined `/` over WebTransport from the start. */
  async joinOverWebTransport(): Promise<WebTransportClient & { socket: Socket }> {
    const client = await this.webTransport();
    void client.stream.send("0");
    await client.stream.next(/^0\{/);
    const connection = nextEvent(this.io, "connection") as Promise<[Socket]>;
    void client.stream.send("40");
    await client.stream.next(/^40\{/);
    const [socket] = await connection;
    return { ...client, socket };
  }

  /** A bare TCP connection. */
  async tcp(): Promise<RawTcp> {
    const connection = await RawTcp.open(this.port);
    this.#connections.push(connection);
    return connection;
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await Promise.all(this.#connections.map((connection) => connection[Symbol.asyncDispose]()));
    // A server of HTTP/2 has no such method.
    this.http.closeAllConnections?.();
    await this.io.close();
  }
}

function notFoundServer(): HttpServer {
  return createServer((_request, response) => {
    response.writeHead(404);
    response.end("not found");
  });
}

/**
 * Deadlines of servers are due when the test says so, until it ends: a machine that stands still for a while can't pass them
 * unnoticed. Sockets go on at their own pace.
 */
export function deadlinesByHand(): FakeClock {
  const clock = new FakeClock();
  const spies = [
    vi.spyOn(nodeClock, "now").mockImplementation(() => clock.now()),
    vi.spyOn(nodeClock, "setTimer").mockImplementation((callback, delay) => clock.setTimer(callback, delay)),
    vi.spyOn(nodeClock, "clearTimer").mockImplementation((handle) => clock.clearTimer(handle)),
  ];
  onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
  return clock;
}

/** Settles with the arguments of the next `event`. */
export function nextEvent(emitter: NodeJS.EventEmitter, event: string | symbol): Promise<unknown[]> {
  return new Promise((resolve) => emitter.once(event, (...args: unknown[]) => resolve(args)));
}

/** Settles once `condition` holds; polls, for what tells nobody. */
export async function until(condition: () => boolean, timeout = 10_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`not within ${timeout} ms: ${condition.toString()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Settles when everything that was in flight on the event loop has had its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Counts the system calls by which `http`'s connections are written to from now on. */
export function countWrites(http: HttpServer): () => number {
  let writes = 0;
  http.on("connection", (connection: TcpSocket) => {
    for (const method of ["_write", "_writev"] as const) {
      const write = connection[method]?.bind(connection) as (...args: unknown[]) => void;
      connection[method] = (...args: unknown[]) => {
        writes++;
        write(...args);
      };
    }
  });
  return () => writes;
}
