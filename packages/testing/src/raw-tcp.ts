import { connect, type Socket } from "node:net";
import { PATIENCE } from "./patience.ts";

/** A bare TCP connection, for requests that no HTTP library would send. What arrives is read as Latin-1. */
export class RawTcp {
  /** Settles when the connection is closed, in whatever way. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #timeout: number;
  #received = "";
  #error: Error | undefined;

  private constructor(socket: Socket, timeout: number) {
    this.#socket = socket;
    this.#timeout = timeout;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => (this.#received += text));
    socket.on("error", (error) => (this.#error = error));
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()));
  }

  /**
   * @param port - on 127.0.0.1
   * @param timeout - milliseconds that `until` waits unless told otherwise. Default: 10 000
   * @throws Error if the connection fails
   */
  static open(port: number, timeout: number = PATIENCE): Promise<RawTcp> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.off("error", reject);
        resolve(new RawTcp(socket, timeout));
      });
      socket.on("error", reject);
    });
  }

  /** What has arrived and was not taken by {@link until}. */
  get received(): string {
    return this.#received;
  }

  /** How many bytes wait to be sent, because the other end does not read. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  /** Sends bytes as they are; a string as Latin-1. */
  write(bytes: string | Uint8Array): void {
    if (typeof bytes === "string") {
      this.#socket.write(bytes, "latin1");
    } else {
      this.#socket.write(bytes);
    }
  }

  /**
   * Takes everything up to and including the first match, now or when it arrives.
   *
   * @param pattern - a text, or an expression
   * @throws Error that shows what did arrive, if it does not come in time or the connection closes
   */
  until(pattern: string | RegExp, { timeout = this.#timeout }: { timeout?: number } = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#socket.off("data", look);
        this.#socket.off("close", onClose);
      };
      const fail = (why: string): void => {
        stop();
        const shown = JSON.stringify(this.#received);
        reject(new Error(`waited for ${String(pattern)}: ${why}; arrived: ${shown}`, { cause: this.#error }));
      };
      const onClose = (): void => fail(`the connection closed${this.#error ? ` (${this.#error.message})` : ""}`);
      const look = (): boolean => {
        const end = matchEnd(this.#received, pattern);
        if (end === -1) {
          return false;
        }
        stop();
        resolve(this.#received.slice(0, end));
        this.#received = this.#received.slice(end);
        return true;
      };
      const timer = setTimeout(() => fail(`not within ${timeout} ms`), timeout);
      this.#socket.on("data", look);
      this.#socket.on("close", onClose);
      if (!look() && this.#socket.closed) {
        onClose();
      }
    });
  }

  /** Reads nothing from now on, so that the other end can't get rid of what it sends. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Sends FIN. */
  end(): void {
    this.#socket.end();
  }

  /** Sends RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }
}

/** Where the first match of `pattern` ends; -1 if there is none. */
function matchEnd(text: string, pattern: string | RegExp): number {
  if (typeof pattern === "string") {
    const start = text.indexOf(pattern);
    return start === -1 ? -1 : start + pattern.length;
  }
  const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(text);
  return match ? match.index + match[0].length : -1;
}
