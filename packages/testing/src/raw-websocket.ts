import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocket, type ClientOptions } from "ws";
import type { Frame } from "./engine-frames.ts";
import { PATIENCE } from "./patience.ts";

/** How a WebSocket ended. */
export interface RawClose {
  /** As in the close frame; 1005 for none, 1006 if there was no close frame at all. */
  readonly code: number;
  readonly reason: string;
}

export interface RawWebSocketOptions {
  headers?: Record<string, string>;
  /** Milliseconds until the handshake must be done. Default: 10 000. */
  timeout?: number;
  /** Whether to offer permessage-deflate. Default: false. */
  perMessageDeflate?: boolean;
  /** Receives every frame from the first on. */
  onFrame: (frame: Frame, reply: (answer: Frame) => void) => void;
}

/** The server answered the handshake with something else than 101. */
export class HandshakeRefused extends Error {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;

  constructor(status: number, headers: IncomingHttpHeaders, body: string) {
    super(`the WebSocket handshake was answered with ${status}: ${body}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** One WebSocket, frame by frame. */
export class RawWebSocket {
  /** Settles when the WebSocket is closed, in whatever way. */
  readonly closed: Promise<RawClose>;
  /** The headers of the 101. */
  readonly headers: IncomingHttpHeaders;
  readonly #socket: WebSocket;
  readonly #connection: Socket;

  private constructor(socket: WebSocket, { headers, socket: connection }: IncomingMessage, closed: Promise<RawClose>) {
    this.#socket = socket;
    this.#connection = connection;
    this.headers = headers;
    this.closed = closed;
  }

  /**
   * Opens a WebSocket.
   *
   * @throws HandshakeRefused if the server answers with something else than 101
   * @throws Error if the connection fails, or the handshake is not done in time
   */
  static open(url: URL | string, options: RawWebSocketOptions): Promise<RawWebSocket> {
    const { headers = {}, timeout = PATIENCE, perMessageDeflate = false, onFrame } = options;
    const settings: ClientOptions = { headers, handshakeTimeout: timeout, perMessageDeflate };
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, settings);
      let upgraded: IncomingMessage;
      socket.on("upgrade", (response) => (upgraded = response));
      const reply = (frame: Frame): void => socket.send(frame);
      socket.on("message", (data: Buffer, binary: boolean) => onFrame(binary ? data : data.toString(), reply));
      const closed = new Promise<RawClose>((done) => {
        socket.on("close", (code, reason) => done({ code, reason: reason.toString() }));
      });
      socket.on("unexpected-response", (_request, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("close", () => {
          const body = Buffer.concat(chunks).toString();
          reject(new HandshakeRefused(response.statusCode ?? 0, response.headers, body));
          socket.terminate();
        });
      });
      // After the handshake an error is always followed by a close, which says all there is to say.
      socket.on("error", reject);
      socket.on("open", () => resolve(new RawWebSocket(socket, upgraded, closed)));
    });
  }

  /** Whether frames can be sent. */
  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends one frame: a string as text, bytes as binary. */
  send(frame: string | Uint8Array): void {
    this.#socket.send(frame);
  }

  /**
   * Sends a ping of the WebSocket protocol, and waits for the pong: what was sent before has been read by then, and what the
   * server answered to it at once has arrived.
   *
   * @returns false if the WebSocket closes instead
   */
  ping(): Promise<boolean> {
    const answered = new Promise<boolean>((resolve) => this.#socket.once("pong", () => resolve(true)));
    this.#socket.ping();
    return Promise.race([answered, this.closed.then(() => false)]);
  }

  /** Writes bytes as they are, such as those of a frame that no library would send. */
  write(bytes: Uint8Array): void {
    this.#connection.write(bytes);
  }

  /** Stops reading from the network, until {@link resume}: the server meets back-pressure. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends a close frame; {@link closed} settles when the server has answered it. */
  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  /** Destroys the connection without a close frame. */
  terminate(): void {
    this.#socket.terminate();
  }
}
