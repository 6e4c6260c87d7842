import {
  ServerResponse,
  STATUS_CODES,
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Headers that say how the answer itself is framed: who writes it knows better than a middleware. */
const FRAMING: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "keep-alive",
  "transfer-encoding",
]);

/** Headers as `writeHead()` takes them: by name, as pairs, or names and values in turn. */
type HeadHeaders = OutgoingHttpHeaders | readonly OutgoingHttpHeader[] | readonly (readonly [string, string])[];

/** Answers an upgrade request by an ordinary response, and closes the connection. */
export function endUpgrade(socket: Duplex, status: number, headers: readonly string[], body: string): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "Connection: close",
    ...headers,
    "Content-type: text/html",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

function pairsOf(headers: HeadHeaders): [string, OutgoingHttpHeader][] {
  if (!Array.isArray(headers)) {
    return Object.entries(headers as Record<string, OutgoingHttpHeader>);
  }
  const list = headers as readonly unknown[];
  return Array.isArray(list[0])
    ? (list as [string, string][])
    : Array.from({ length: Math.ceil(list.length / 2) }, (_, index) => [
        list[2 * index] as string,
        list[2 * index + 1] as string,
      ]);
}

/**
 * The response to an upgrade request, for middlewares: what they write is the answer, and ends the connection; the
 * headers that they set go with whatever answer there is, the 101 included.
 *
 * ```
 *  undecided ─┬─► answered   by a middleware
 *             ├─► accepted   by the engine: the connection is a WebSocket's, and nothing is written here any more
 *             └─► refused    by the engine
 * ```
 *
 * `finish` tells that a middleware's answer has left, `close` that the connection is closed, however long it lasted.
 */
export class UpgradeResponse extends ServerResponse {
  // What the platform has, and its types leave out.
  declare readonly getRawHeaderNames: () => string[];
  readonly #connection: Duplex;
  readonly #tellDrained = (): boolean => this.emit("drain");
  #state: "undecided" | "answered" | "accepted" | "refused" = "undecided";

  /**
   * @param request - the upgrade request
   * @param socket - its connection. If it still owes the answer to another request it is closed, for nobody could tell
   *   this answer from that
   * @param onError - told of what a middleware writes after the end
   */
  constructor(request: IncomingMessage, socket: Duplex, onError: (error: unknown) => void) {
    super(request);
    this.#connection = socket;
    this.shouldKeepAlive = false;
    this.on("error", onError);
    this.on("finish", () => socket.end(() => socket.destroy()));
    try {
      this.assignSocket(socket as Socket);
      socket.on("drain", this.#tellDrained);
    } catch {
      socket.destroy();
    }
  }

  /** Whether a middleware has answered. */
  get answered(): boolean {
    return this.#state === "answered";
  }

  override writeHead(status: number, ...rest: (string | HeadHeaders | undefined)[]): this {
    if (!this.#isOurs) {
      return this;
    }
    const [reason, headers] = typeof rest[0] === "string" ? (rest as [string, HeadHeaders?]) : [undefined, rest[0]];
    const given = headers === undefined || headers === null || this.headersSent ? [] : pairsOf(headers as HeadHeaders);
    // Put where the 101 finds them.
    for (const [name] of given) {
      this.removeHeader(name);
    }
    for (const [name, value] of given) {
      const values = this.hasHeader(name) ? [this.getHeader(name), value].flat() : value;
      this.setHeader(name, values as string | readonly string[]);
    }
    if (status !== 101 && !this.headersSent) {
      // The connection is closed after the answer, whatever a middleware says that was made for requests.
      this.setHeader("Connection", "close");
    }
    return reason === undefined ? super.writeHead(status) : super.writeHead(status, reason);
  }

  override write(...args: unknown[]): boolean {
    if (!this.#isOurs) {
      return true;
    }
    const goOn = Reflect.apply(super.write, this, args) as boolean;
    this.#state = "answered";
    return goOn;
  }

  override end(...args: unknown[]): this {
    if (this.#isOurs) {
      Reflect.apply(super.end, this, args);
      this.#state = "answered";
    } else if (this.#state === "accepted") {
      // A middleware that has let the client pass thinks better of it.
      this.#connection.destroy();
    }
    return this;
  }

  override flushHeaders(): void {
    if (this.#isOurs) {
      super.flushHeaders();
      this.#state = "answered";
    }
  }

  /**
   * The client may have its WebSocket. Middlewares that wait for the head of the response add to it now.
   *
   * @param failed - told of what one of them throws
   * @returns the headers that go with the 101, as lines; `undefined` if a middleware has answered after all, or failed
   */
  accept(failed: (error: unknown) => void): string[] | undefined {
    try {
      if (!this.headersSent) {
        this.writeHead(101);
      }
    } catch (error) {
      failed(error);
    }
    if (this.#state !== "undecided") {
      return undefined;
    }
    this.#leave("accepted");
    // A head that a middleware has written closes the connection.
    return this.statusCode === 101 ? this.#lines() : this.#lines().filter((line) => line !== "Connection: close");
  }

  /** The client may not have it, for a reason that is told in words. */
  refuse(status: number, message: string): void {
    if (this.headersSent) {
      // It is too late to say anything else than the middleware has begun to say.
      this.end();
      return;
    }
    this.#leave("refused");
    const lines = this.#lines().filter((line) => !FRAMING.has(line.slice(0, line.indexOf(":")).toLowerCase()));
    endUpgrade(this.#connection, status, lines, message);
  }

  /** Whether a middleware may still answer, or go on with its answer. */
  get #isOurs(): boolean {
    return this.#state === "undecided" || this.#state === "answered";
  }

  /** The connection is not this response's any more; middlewares still may look at it, and be told that it is closed. */
  #leave(state: "accepted" | "refused"): void {
    this.#state = state;
    const socket = this.#connection;
    if (this.socket) {
      this.detachSocket(socket as Socket);
      socket.removeListener("drain", this.#tellDrained);
    }
    Object.assign(this, { socket });
    // Otherwise nobody needs the response for as long as the connection lasts.
    if (this.listenerCount("close") > 0) {
      socket.once("close", () => this.emit("close"));
    }
  }

  /** The headers as they stand on the wire. */
  #lines(): string[] {
    return this.getRawHeaderNames().flatMap((name) => [this.getHeader(name)].flat().map((item) => `${name}: ${item}`));
  }
}
