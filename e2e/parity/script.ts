/** A server that does what a row tells it, to see what a client sends and how it takes what it gets. */

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { listenAt } from "../harness/listen-at.ts";
import { Inbox } from "../harness/waiting.ts";

/** An OPEN packet. */
export function openPacket(handshake: Record<string, unknown> = {}): string {
  const fields = {
    sid: "a-scripted-session",
    upgrades: [],
    pingInterval: 25_000,
    pingTimeout: 20_000,
    maxPayload: 1_000_000,
  };
  return `0${JSON.stringify({ ...fields, ...handshake })}`;
}

/** The address of a request as far as it means something: the order of parameters doesn't, nor what defeats caches. */
function addressOf(url: string): string {
  const { pathname, searchParams } = new URL(url, "http://host");
  const parameters = [...searchParams].map(([name, value]) => `${name}=${name === "t" ? "<time>" : value}`);
  return `${pathname}?${parameters.sort().join("&")}`;
}

/** One HTTP request, and the answer that the row gives. */
export interface Exchange {
  readonly method: string;
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whether the client has given up waiting. */
  readonly aborted: Promise<void>;
  answer(status: number, body?: string, headers?: Record<string, string | string[]>): void;
  /** Breaks the connection. */
  destroy(): void;
}

/** One WebSocket of the client. */
export class ScriptedWebSocket {
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  readonly #socket: WebSocket;
  readonly #frames = new Inbox("a frame");
  readonly #closes = new Inbox("the close");

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.#socket = socket;
    this.address = addressOf(request.url ?? "");
    this.headers = request.headers;
    socket.on("message", (data: Buffer, binary: boolean) => this.#frames.put(binary ? data : data.toString()));
    socket.on("close", (code: number) => this.#closes.put(code));
    socket.on("error", () => {});
  }

  async next(): Promise<string | Buffer> {
    return (await this.#frames.next())[0] as string | Buffer;
  }

  /** Frames that have arrived and not been taken. */
  get waiting(): number {
    return this.#frames.size;
  }

  send(...frames: (string | Buffer)[]): void {
    for (const frame of frames) this.#socket.send(frame);
  }

  close(code?: number): void {
    this.#socket.close(code);
  }

  /** Cuts the connection without a close frame. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** The code that the client closed with. */
  async closed(): Promise<number> {
    return (await this.#closes.next())[0] as number;
  }
}

export class ScriptedServer {
  readonly port: number;
  readonly #http: Server;
  readonly #exchanges = new Inbox("a request");
  readonly #sockets = new Inbox("a WebSocket");

  private constructor(http: Server) {
    this.#http = http;
    this.port = (http.address() as AddressInfo).port;
  }

  static async start(port = 0): Promise<ScriptedServer> {
    const http = createServer();
    await listenAt(http, port);
    const server = new ScriptedServer(http);
    http.on("request", (request, response) => server.#onRequest(request, response));
    const sockets = new WebSocketServer({ noServer: true });
    http.on("upgrade", (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        server.#sockets.put(new ScriptedWebSocket(webSocket, request));
      });
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The next HTTP request. */
  async request(): Promise<Exchange> {
    return (await this.#exchanges.next())[0] as Exchange;
  }

  /** How many requests wait to be looked at. */
  get requestsWaiting(): number {
    return this.#exchanges.size;
  }

  /** The next WebSocket. */
  async socket(): Promise<ScriptedWebSocket> {
    return (await this.#sockets.next())[0] as ScriptedWebSocket;
  }

  /** How many WebSockets wait to be looked at. */
  get socketsWaiting(): number {
    return this.#sockets.size;
  }

  /** The next WebSocket, with its session opened. */
  async session(handshake?: Record<string, unknown>): Promise<ScriptedWebSocket> {
    const socket = await this.socket();
    socket.send(openPacket(handshake));
    return socket;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    await closed;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    const aborted = new Promise<void>((resolve) => {
      response.on("close", () => {
        if (!response.writableFinished) resolve();
      });
    });
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const exchange: Exchange = {
        method: request.method ?? "",
        address: addressOf(request.url ?? ""),
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        aborted,
        answer: (status, body = "", headers = {}) => {
          response.writeHead(status, { "content-type": "text/plain; charset=UTF-8", ...headers });
          response.end(body);
        },
        destroy: () => request.socket.destroy(),
      };
      this.#exchanges.put(exchange);
    });
  }
}
