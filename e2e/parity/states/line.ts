/** One WebSocket of a client, as both ends know it. */

import { RawWebSocket, ReceiveQueue, type Frame, type RawClose } from "@hawser/testing";
import { withTimeout } from "../../harness/waiting.ts";
import { NAME_HEADER, type Bench } from "./bench.ts";
import { PATIENCE } from "./exchange.ts";

export class Line {
  /** What it has brought. */
  readonly frames: ReceiveQueue;
  /** How it closed. */
  close: RawClose | undefined;
  /** Whether the client ended it. */
  ended = false;
  readonly #socket: RawWebSocket;
  readonly #closedOnServer: Promise<void>;

  private constructor(socket: RawWebSocket, frames: ReceiveQueue, closedOnServer: Promise<void>) {
    this.#socket = socket;
    this.frames = frames;
    this.#closedOnServer = closedOnServer;
    void socket.closed.then((close) => {
      this.close = close;
      frames.end(`it closed with ${close.code}`);
    });
  }

  /** @throws HandshakeRefused if the server answers with something else than 101 */
  static async open(bench: Bench, url: string): Promise<Line> {
    const frames = new ReceiveQueue("the WebSocket", PATIENCE);
    const name = bench.name();
    const socket = await RawWebSocket.open(url, {
      headers: { [NAME_HEADER]: name },
      onFrame: (frame) => frames.push(frame),
    });
    const { closed } = await bench.arrival(name);
    return new Line(socket, frames, closed);
  }

  get open(): boolean {
    return this.#socket.open;
  }

  send(...frames: Frame[]): void {
    for (const frame of frames) this.#socket.send(frame);
  }

  /** Sends bytes that are no frame. */
  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends a close frame. */
  sendClose(code?: number): void {
    this.ended = true;
    this.#socket.close(code);
  }

  /** Breaks the connection without a close frame. */
  cut(): void {
    this.ended = true;
    this.#socket.terminate();
  }

  /**
   * Waits until the server has read everything and all that it answered is there. The second ping is behind a close frame that
   * the server sent in the turn after the one in which it read the first.
   */
  async settle(): Promise<void> {
    if (!this.ended && (await this.#socket.ping()) && (await this.#socket.ping())) return;
    await withTimeout(Promise.all([this.#socket.closed, this.#closedOnServer]), "a WebSocket to close", PATIENCE);
  }
}
