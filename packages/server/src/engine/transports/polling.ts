import type { IncomingMessage, ServerResponse } from "node:http";
import { CLOSE, NOOP, type CloseReason, type EnginePacket, type TransportHandler } from "@hawser/core";
import { debugFor } from "../../debug.ts";
import type { EngineTransport } from "./engine-transport.ts";
import type { EngineRevision } from "../revisions.ts";
import { BodyBuffer } from "./body-buffer.ts";
import { closeAfterwards, isBrokenOff } from "../http2.ts";
import { TransportError } from "../transport-error.ts";
import { chooseEncoding, compressPayload, type HttpCompressionOptions } from "../compression.ts";

const debug = debugFor("engine:polling", "engine:polling", "engine:transport");

/** One request that is not answered yet. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a polling transport is told once, shared by all of a server. */
export interface PollingSettings {
  /** The largest body of a POST, in bytes. */
  readonly maxPayload: number;
  /** Whether payloads are compressed, and from which size. */
  readonly compression: HttpCompressionOptions | false;
  /** Lets listeners add to the headers of a response. */
  decorate(headers: Record<string, string | number>, request: IncomingMessage): void;
}

/**
 * HTTP long-polling (`docs/protocol.md`, "Polling"). A GET waits until there is something to send, so the transport is
 * writable just while one waits; a POST brings what the client sends.
 *
 * ```
 *  GET ───────────► waits ── send(packets) ──► 200, the packets joined to a payload
 *  POST payload ──► packets, in order ───────► 200 "ok"
 * ```
 */
export class PollingTransport implements EngineTransport {
  readonly name = "polling";
  declare sid: string;
  declare handler: TransportHandler;
  /** How packets are written. */
  readonly #revision: EngineRevision;
  readonly #settings: PollingSettings;
  /** Whether payloads may be binary, which then depends on what is in them. */
  readonly #supportsBinary: boolean;
  #poll: Exchange | undefined;
  #post: Exchange | undefined;
  /** The response to the latest poll, until it has left or the next one comes. */
  #leaving: ServerResponse | undefined;
  #state: "open" | "closing" | "closed" = "open";

  /**
   * @param supportsBinary - whether the client takes binary payloads, where the revision has them
   */
  constructor(settings: PollingSettings, revision: EngineRevision, supportsBinary: boolean) {
    this.#settings = settings;
    this.#revision = revision;
    this.#supportsBinary = supportsBinary;
  }

  get protocol(): number {
    return this.#revision.protocol;
  }

  get readyState(): "open" | "closing" | "closed" {
    return this.#state;
  }

  get writable(): boolean {
    return this.#poll !== undefined;
  }

  get bufferedAmount(): number {
    return this.#leaving?.writableLength ?? 0;
  }

  /** Takes a request of this session. */
  onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (isBrokenOff(response)) {
      // It was broken off while a middleware looked at it.
      this.#fail("request closed prematurely");
    } else if (request.method === "GET") {
      this.#onPoll({ request, response });
    } else if (request.method === "POST") {
      this.#onPost({ request, response });
    } else {
      this.#answerEmpty({ request, response }, 500);
    }
  }

  send(packets: EnginePacket[]): void {
    const poll = this.#poll as Exchange;
    this.#poll = undefined;
    poll.response.removeListener("close", this.#onPollClosed);
    this.#leaving = poll.response;
    const mayCompress = packets.some((packet) => packet.options?.compress !== false);
    const payload = this.#revision.encodePayload(packets, this.#supportsBinary);
    const isText = typeof payload === "string";
    const contentType = isText ? "text/plain; charset=UTF-8" : "application/octet-stream";
    this.#answerPoll(poll, isText ? this.wrap(payload) : payload, contentType, mayCompress);
  }

  /** The body of the response that carries a payload. */
  protected wrap(payload: string): string {
    return payload;
  }

  /** The payload in the body of a POST. */
  protected unwrap(body: string): string {
    return body;
  }

  #answerPoll(poll: Exchange, payload: string | Buffer, contentType: string, mayCompress: boolean): void {
    debug("sends %o", payload);
    const { compression } = this.#settings;
    const encoding =
      compression && mayCompress && Buffer.byteLength(payload) >= (compression.threshold ?? 0)
        ? chooseEncoding(poll.request.headers["accept-encoding"], ["gzip", "deflate"])
        : undefined;
    if (!compression || !encoding) {
      this.#answer(poll, 200, payload, contentType);
      return;
    }
    compressPayload(payload, encoding as "gzip" | "deflate", compression, (compressed) => {
      if (compressed) {
        this.#answer(poll, 200, compressed, contentType, { "Content-Encoding": encoding });
      } else {
        this.#answer(poll, 200, payload, contentType);
      }
    });
  }

  close(): void {
    if (this.#state !== "open") {
      return;
    }
    this.#state = "closing";
    if (this.#poll) {
      this.send([CLOSE]);
      this.#close("transport close");
    }
  }

  abort(): void {
    this.#state = "closed";
    if (this.#poll) {
      this.send([CLOSE]);
    }
    this.#dropPost();
  }

  // ── GET ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #onPoll(exchange: Exchange): void {
    if (this.#poll) {
      this.#answerEmpty(exchange, 400);
      this.#fail("overlap from client");
      return;
    }
    debug("a GET waits");
    this.#poll = exchange;
    this.#leaving = undefined;
    if (this.#state === "closing") {
      this.send([NOOP, CLOSE]);
      this.#close("transport close");
      return;
    }
    exchange.response.on("close", this.#onPollClosed);
    this.handler.onTransportWritable(this);
  }

  /** The client gave up a poll that was not answered yet. */
  readonly #onPollClosed = (): void => {
    this.#poll = undefined;
    this.#fail("poll connection closed prematurely");
  };

  // ── POST ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #onPost(exchange: Exchange): void {
    const { request } = exchange;
    if (this.#post) {
      this.#refusePost(exchange, 400);
      this.#fail("data request overlap from client");
      return;
    }
    const isBinary = request.headers["content-type"] === "application/octet-stream";
    if (isBinary && !this.#revision.binaryPayloads) {
      this.#refusePost(exchange, 400);
      this.#fail("invalid content");
      return;
    }
    this.#post = exchange;
    const { maxPayload } = this.#settings;
    if (Number(request.headers["content-length"] ?? 0) > maxPayload) {
      this.#refuseBody();
      return;
    }
    const body = new BodyBuffer();
    request.on("data", (chunk: Buffer) => {
      if (this.#post !== exchange) {
        // It was refused, and another one may be under way.
      } else if (body.length + chunk.length > maxPayload) {
        this.#refuseBody();
      } else {
        body.append(chunk);
      }
    });
    request.on("end", () => {
      if (this.#post === exchange) {
        this.#post = undefined;
        this.#receive(isBinary ? body.bytes : this.unwrap(body.toString()), exchange);
      }
    });
    request.on("close", () => {
      if (this.#post === exchange) {
        this.#post = undefined;
        this.#fail("data request connection closed prematurely");
      }
    });
  }

  /** The body is too large; the session goes on, for the client may send less next time. */
  #refuseBody(): void {
    const post = this.#post;
    if (post) {
      debug("refuses a body of more than %d bytes", this.#settings.maxPayload);
      this.#post = undefined;
      this.#refusePost(post, 413);
    }
  }

  /** The body may never come: its connection is not kept for it. */
  #refusePost(post: Exchange, status: number): void {
    closeAfterwards(post.response);
    this.#answerEmpty(post, status);
  }

  #receive(payload: string | Buffer, exchange: Exchange): void {
    debug("received %o", payload);
    const error = this.#revision.decodePayload(payload, (packet) => this.#receivePacket(packet));
    this.#answer(exchange, 200, "ok", "text/html");
    if (error) {
      this.#close("parse error", error);
    }
  }

  /** Returns whether further packets of the payload are wanted. */
  #receivePacket(packet: EnginePacket): boolean {
    if (packet.type === "close") {
      if (this.#poll) {
        this.send([NOOP]);
      }
      this.#close("transport close");
    } else if (this.#state !== "closed") {
      this.handler.onTransportPacket(this, packet);
    }
    return this.#state !== "closed";
  }

  // ── responses ────────────────────────────────────────────────────────────────────────────────────────────────

  #answer(
    exchange: Exchange,
    status: number,
    body: string | Buffer,
    contentType: string,
    more?: Record<string, string>,
  ): void {
    const { request, response } = exchange;
    const headers: Record<string, string | number> = {
      ...more,
      "Content-Type": contentType,
      "Content-Length": Buffer.byteLength(body),
      "cache-control": "no-store",
    };
    this.#settings.decorate(headers, request);
    response.writeHead(status, headers);
    response.end(body);
  }

  #answerEmpty({ response }: Exchange, status: number): void {
    response.writeHead(status);
    response.end();
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

  #dropPost(): void {
    const post = this.#post;
    if (post) {
      this.#post = undefined;
      this.#refusePost(post, 400);
    }
  }

  #fail(message: string): void {
    this.#close("transport error", new TransportError(message));
  }

  #close(reason: CloseReason, cause?: Error): void {
    if (this.#state === "closed") {
      return;
    }
    debug("closed: %s (%s)", reason, cause?.message ?? "no error");
    this.#state = "closed";
    if (this.#poll) {
      this.send([CLOSE]);
    }
    this.#dropPost();
    this.handler.onTransportClose(this, reason, cause);
  }
}
