/** What a row is run in: one implementation's server and client, the means to watch them, and what ends it all. */

import { createServer, type Server as HttpServer } from "node:http";
import type { Http2SecureServer, Http2Server } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import type { Socket as NetSocket } from "node:net";
import { Server as TlsServer } from "node:tls";
import {
  FakeWebTransport,
  RawClient,
  RawHttp2,
  rawRequest,
  RawTcp,
  RawWebTransport,
  type RawClientOptions,
  type RawHandshake,
  type RawRequestOptions,
  type RawResponse,
} from "@hawser/testing";
import type { Server, ServerOptions, Socket } from "socket.io";
import type { ManagerOptions, Manager, Socket as ClientSocket, SocketOptions } from "socket.io-client";
import { listenAt } from "../harness/listen-at.ts";
import { inbox, Inbox, until, type Listenable } from "../harness/waiting.ts";
import type {
  ClientModule,
  EngineClientModule,
  EngineModule,
  Implementation,
  ServerModule,
} from "./implementations.ts";
import { ScriptedServer } from "./script.ts";
import { Transcript } from "./transcript.ts";

export type ClientOptions = Partial<ManagerOptions & SocketOptions> & Record<string, unknown>;

/** Whatever Socket.IO attaches to. */
export type AnyServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** A server that listens. */
export interface Served {
  readonly io: Server;
  readonly http: HttpServer;
  readonly port: number;
  readonly url: string;
}

/** A WebTransport session between a client that speaks by hand and a server. */
export interface WebTransportPair {
  /** The client's end. */
  readonly session: FakeWebTransport;
  readonly stream: RawWebTransport;
}

/** A client's socket and the server's socket that belongs to it. */
export interface Pair {
  readonly client: ClientSocket;
  readonly socket: Socket;
}

/** Headers that say when and by what connection an answer came, rather than what it is. */
const TRANSIENT_HEADERS = new Set(["date", "connection", "keep-alive"]);

/** The events of an emitter, noted as they come and kept until they are waited for. */
export class Watch {
  readonly #boxes: ReadonlyMap<string, Inbox>;

  constructor(boxes: ReadonlyMap<string, Inbox>) {
    this.#boxes = boxes;
  }

  /** Waits for the next occurrence. */
  next(event: string): Promise<any[]> {
    const box = this.#boxes.get(event);
    if (!box) throw new Error(`"${event}" is not watched`);
    return box.next();
  }
}

export class World {
  readonly server: ServerModule;
  readonly client: ClientModule;
  readonly engine: EngineModule;
  readonly engineClient: EngineClientModule;
  readonly transcript: Transcript = new Transcript();
  readonly #disposals: (() => unknown)[] = [];

  constructor({ server, client, engine, engineClient }: Implementation) {
    this.server = server;
    this.client = client;
    this.engine = engine;
    this.engineClient = engineClient;
  }

  // ── noting ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Adds a line to a lane of the transcript. The first value is written as it is if it is a string. */
  note(lane: string, ...values: unknown[]): void {
    this.transcript.note(lane, ...values);
  }

  /** Notes each occurrence of the events, with its arguments. */
  watch(lane: string, source: unknown, ...events: string[]): Watch {
    const boxes = new Map<string, Inbox>();
    for (const event of events) {
      const box = new Inbox(`"${event}" of ${lane}`);
      boxes.set(event, box);
      (source as Listenable).on(event, (...args) => {
        this.note(lane, event, ...args);
        box.put(...args);
      });
    }
    return new Watch(boxes);
  }

  /** Notes an answer: status, headers, bytes. */
  noteResponse(lane: string, { status, headers, body }: RawResponse): void {
    const told = Object.entries(headers).filter(([name]) => !TRANSIENT_HEADERS.has(name));
    this.note(lane, `${status}`, body);
    for (const [name, value] of told.sort(([one], [other]) => (one < other ? -1 : 1))) {
      this.note(lane, `  ${name}: ${String(value)}`);
    }
  }

  /** Notes what a call throws, or that it doesn't. */
  noteThrow(lane: string, what: string, call: () => unknown): void {
    try {
      call();
      this.note(lane, `${what} does not throw`);
    } catch (error) {
      this.note(lane, `${what} throws`, error);
    }
  }

  // ── servers ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Starts a server on a free port.
   *
   * @param options - of the Socket.IO server
   * @param port - a free one by default
   */
  serve(options: Partial<ServerOptions> = {}, port: number = 0): Promise<Served> {
    return this.serveOn(createServer(), options, port);
  }

  /** The same on an HTTP server of the row's, of any kind. */
  async serveOn(http: AnyServer, options: Partial<ServerOptions> = {}, port: number = 0): Promise<Served> {
    const io = new this.server.Server(http, options);
    const listening = await this.listen(http, port);
    this.closes(io);
    return { ...listening, io };
  }

  /** Closes a server when the row is done. */
  closes(io: Server): void {
    this.defer(async () => {
      const { httpServer } = io as unknown as { httpServer?: HttpServer };
      const closed = io.close();
      httpServer?.on("connection", (socket) => socket.destroy());
      // A server of HTTP/2 has no such method.
      httpServer?.closeAllConnections?.();
      // Whoever else holds on to the HTTP server is dealt with next.
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 50))]);
    });
  }

  /** Lets an HTTP server listen on a free port of 127.0.0.1. */
  async listen(server: AnyServer, port: number = 0): Promise<Omit<Served, "io">> {
    const http = server as HttpServer;
    const connections = new Set<NetSocket>();
    http.on("connection", (socket) => {
      connections.add(socket);
      socket.on("close", () => connections.delete(socket));
    });
    const bound = await listenAt(http, port);
    this.transcript.mask(`:${bound}`, ":<port>");
    this.defer(async () => {
      const closed = http.listening ? new Promise((resolve) => http.close(resolve)) : undefined;
      for (const socket of connections) socket.destroy();
      await closed;
    });
    return { http, port: bound, url: `${server instanceof TlsServer ? "https" : "http"}://127.0.0.1:${bound}` };
  }

  /** A server that does what the row tells it. */
  async script(): Promise<ScriptedServer> {
    const script = await ScriptedServer.start();
    this.transcript.mask(`:${script.port}`, ":<port>");
    this.defer(() => script.close());
    return script;
  }

  // ── clients ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** A client's socket on a connection of its own, which uses a WebSocket from the start. */
  connect(url: string, options: ClientOptions = {}): ClientSocket {
    const client = this.client.io(url, {
      forceNew: true,
      transports: ["websocket"],
      reconnectionDelay: 10,
      randomizationFactor: 0,
      ...options,
    });
    this.ends(client);
    return client;
  }

  /** Disconnects a client's socket when the row is done. */
  ends(client: ClientSocket): void {
    this.defer(() => {
      client.disconnect();
      (client.io as unknown as { _close(): void })._close();
    });
  }

  /** A Manager that opens nothing by itself, unless it is told to. */
  manager(url: string, options: ClientOptions = {}): Manager {
    const settings = { transports: ["websocket"], reconnectionDelay: 10, randomizationFactor: 0, autoConnect: false };
    const manager = new this.client.Manager(url, { ...settings, ...options } as Partial<ManagerOptions>);
    this.defer(() => (manager as unknown as { _close(): void })._close());
    return manager;
  }

  /** A client and its other end. */
  async join({ io, url }: Served, namespace: string = "/", options: ClientOptions = {}): Promise<Pair> {
    const connections = inbox(io.of(namespace), "connection");
    const client = this.connect(url + namespace, options);
    const connects = inbox(client, "connect");
    const [socket] = await connections.next();
    await connects.next();
    io.of(namespace).off("connection", connections.put);
    return { client, socket: socket as Socket };
  }

  /** A server, a client and its other end. */
  async pair(options: Partial<ServerOptions> = {}, clientOptions: ClientOptions = {}): Promise<Served & Pair> {
    const served = await this.serve(options);
    return { ...served, ...(await this.join(served, "/", clientOptions)) };
  }

  /** A client that speaks the protocol by hand. */
  raw(url: string, options: RawClientOptions = {}): RawClient {
    const raw = new RawClient(url, { answerPings: true, ...options });
    this.defer(() => raw.close());
    return raw;
  }

  /** A raw client that has joined `/`, and the socket that the server has for it. */
  async rawPair(
    served: Pick<Served, "io" | "url">,
    transport: "polling" | "websocket" = "websocket",
    options: RawClientOptions = {},
  ): Promise<{ raw: RawClient; socket: Socket }> {
    const connections = inbox(served.io, "connection");
    const raw = this.raw(served.url, options);
    await raw.connect(transport);
    await raw.join();
    const [found] = await connections.next();
    served.io.off("connection", connections.put);
    const socket = found as Socket;
    await until(() => socket.conn.transport.writable, "a writable transport");
    return { raw, socket };
  }

  /** A raw client that has joined `/` over polling, and from then on polls only when it is told to. */
  async handPolled({ io, url }: Pick<Served, "io" | "url">): Promise<{ raw: RawClient; socket: Socket }> {
    const connections = inbox(io, "connection");
    const raw = this.raw(url);
    const { body } = await raw.get();
    raw.handshake = JSON.parse(body.slice(1)) as RawHandshake;
    await raw.post("40");
    await raw.get();
    const [socket] = await connections.next();
    io.off("connection", connections.put);
    return { raw, socket: socket as Socket };
  }

  /** A WebTransport session whose client has opened a stream and said nothing yet. */
  async webTransport({ io }: Pick<Served, "io">): Promise<WebTransportPair> {
    const { client: session, server } = FakeWebTransport.join();
    void io.engine.onWebTransportSession(server);
    this.defer(() => session.close());
    return { session, stream: await RawWebTransport.open(session) };
  }

  /** A client that has joined `/` over WebTransport from the start, and the socket that the server has for it. */
  async webTransportPair(served: Pick<Served, "io">): Promise<WebTransportPair & { socket: Socket }> {
    const connections = inbox(served.io, "connection");
    const pair = await this.webTransport(served);
    void pair.stream.send("0");
    await pair.stream.next(/^0\{/);
    void pair.stream.send("40");
    await pair.stream.next(/^40\{/);
    const [socket] = await connections.next();
    served.io.off("connection", connections.put);
    return { ...pair, socket: socket as Socket };
  }

  /** One HTTP request. */
  request(url: string, options: RawRequestOptions = {}): Promise<RawResponse> {
    return rawRequest(url, { timeout: 10_000, ...options });
  }

  /** An HTTP/2 connection to a server, whose certificate is not checked if it has one. */
  async http2(url: string): Promise<RawHttp2> {
    const http2 = await RawHttp2.open(url, { rejectUnauthorized: false });
    this.defer(() => http2[Symbol.asyncDispose]());
    return http2;
  }

  /** A bare connection. */
  async tcp(port: number): Promise<RawTcp> {
    const tcp = await RawTcp.open(port);
    this.defer(() => tcp[Symbol.asyncDispose]());
    return tcp;
  }

  /**
   * Does something later, where a row is about when things happen.
   *
   * @param delay - milliseconds, far from those of what it is compared with
   * @returns resolves when it is done
   */
  after(delay: number, act: () => void): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        act();
        resolve();
      }, delay);
      this.defer(() => clearTimeout(timer));
    });
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Does something when the row is done. */
  defer(disposal: () => unknown): void {
    this.#disposals.push(disposal);
  }

  /** Ends all that was started, the latest first. */
  async dispose(): Promise<void> {
    this.transcript.close();
    for (const disposal of this.#disposals.reverse()) await disposal();
  }
}
