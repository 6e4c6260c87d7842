import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { decodePayload, encodePayload, type Frame } from "../src/index.ts";

/** As much of an Engine.IO server as it takes to talk to the raw client: one session, and every request is written down. */
export class TinyServer {
  /** The requests, as `GET /path?query`. */
  readonly requests: string[] = [];
  /** What was posted, and what came by WebSocket. */
  readonly received: Frame[] = [];
  /** The last request's headers. */
  headers: IncomingMessage["headers"] = {};
  /** Answers a request in place of the server, if it says so by returning true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  webSocket: WebSocket | undefined;
  /** Follows OPEN on a WebSocket, in the same segment as the handshake. */
  greeting: readonly Frame[] = [];
  readonly #http: Server = createServer((request, response) => this.#onRequest(request, response));
  readonly #webSockets: WebSocketServer = new WebSocketServer({ noServer: true });
  #waitingGet: ServerResponse | undefined;
  #outbox: Frame[] = [];
  #probing = false;

  private constructor() {
    this.#http.on("upgrade", (request, socket, head) => {
      this.#note(request);
      if (request.url?.includes("sid=unknown")) {
        socket.end("HTTP/1.1 400 Bad Request\r\nX-Reason: sid\r\nContent-Length: 2\r\n\r\nno");
      } else {
        socket.cork();
        this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#onWebSocket(webSocket, request));
        socket.uncork();
      }
    });
  }

  static start(): Promise<TinyServer> {
    const server = new TinyServer();
    return new Promise((resolve) => server.#http.listen(0, "127.0.0.1", () => resolve(server)));
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sends frames to the client by its WebSocket, or by the GET that waits or comes next. */
  push(...frames: Frame[]): void {
    if (this.webSocket) {
      for (const frame of frames) {
        this.webSocket.send(frame);
      }
    } else {
      this.#outbox.push(...frames);
      this.#answerGet();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const webSocket of this.#webSockets.clients) {
      webSocket.terminate();
    }
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #note(request: IncomingMessage): void {
    this.requests.push(`${request.method} ${request.url}`);
    this.headers = request.headers;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.#note(request);
    if (this.intercept(request, response)) {
      return;
    }
    if (request.method === "POST") {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        for (const frame of decodePayload(Buffer.concat(chunks).toString())) {
          this.#receive(frame);
        }
        response.end("ok");
      });
      return;
    }
    if (!request.url?.includes("sid=")) {
      this.#outbox.unshift(this.#open());
    }
    this.#waitingGet = response;
    this.#answerGet();
  }

  #open(): string {
    return `0${JSON.stringify({ sid: "s1", upgrades: ["websocket"], pingInterval: 25, pingTimeout: 20, maxPayload: 9 })}`;
  }

  #answerGet(): void {
    if (this.#waitingGet && (this.#outbox.length > 0 || this.#probing)) {
      this.#waitingGet.end(encodePayload(this.#outbox.length > 0 ? this.#outbox : ["6"]));
      this.#waitingGet = undefined;
      this.#outbox = [];
    }
  }

  #onWebSocket(webSocket: WebSocket, request: IncomingMessage): void {
    if (!request.url?.includes("sid=")) {
      this.webSocket = webSocket;
      this.push(this.#open(), ...this.greeting);
    }
    webSocket.on("message", (data: Buffer, binary: boolean) => {
      const frame = binary ? data : data.toString();
      this.#receive(frame);
      if (frame === "2probe") {
        this.#probing = true;
        this.#answerGet();
        webSocket.send("3probe");
      } else if (frame === "5") {
        this.#probing = false;
        this.webSocket = webSocket;
      }
    });
  }

  #receive(frame: Frame): void {
    this.received.push(frame);
    if (frame === "40" || frame === '40/admin,{"token":"x"}') {
      this.push(frame === "40" ? '40{"sid":"s2"}' : '40/admin,{"sid":"s3"}');
    } else if (String(frame).startsWith("40")) {
      this.push('44/admin,{"message":"no"}');
    }
  }
}
