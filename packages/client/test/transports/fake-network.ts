import type { EngineData, EnginePacket, EnginePacketOptions, Transport, TransportHandler } from "@hawser/core";
import { FakeClock, FakeWebTransport } from "@hawser/testing";
import type { EngineOptions } from "../../src/options.ts";
import type { HttpResponse, Network, WebSocketLike } from "../../src/runtime/runtime.ts";
import type { TransportContext } from "../../src/transports/transport-context.ts";

/** An HTTP request that a test answers. */
export class FakeRequest {
  readonly url: string;
  readonly body: string | undefined;
  aborted = false;
  readonly #done: (response: HttpResponse) => void;

  constructor(url: string, body: string | undefined, done: (response: HttpResponse) => void) {
    this.url = url;
    this.body = body;
    this.#done = done;
  }

  answer(responseText = "ok", status = 200): void {
    if (this.aborted) {
      throw new Error("an aborted request was answered");
    }
    this.#done({ status, responseText });
  }
}

/** A WebSocket that a test opens, closes and fails. */
export class FakeWebSocket implements WebSocketLike {
  readonly url: string;
  binaryType = "blob";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: EngineData }) => void) | null = null;
  onerror: WebSocketLike["onerror"] = null;
  onclose: ((event: unknown) => void) | null = null;
  readonly sent: [EngineData, EnginePacketOptions | undefined][] = [];
  closed = 0;

  constructor(url: string) {
    this.url = url;
  }

  send(data: EngineData, options?: EnginePacketOptions): void {
    this.sent.push([data, options]);
  }

  close(): void {
    this.closed++;
  }
}

/** What a transport is given: a network that does nothing by itself. */
export class FakeContext implements TransportContext, Network {
  readonly clock = new FakeClock();
  readonly network = this;
  readonly binaryType = "arraybuffer";
  /** The session that is to be moved, if there is one. */
  sid = "";
  readonly requests: FakeRequest[] = [];
  /** What the application wants of every transport. */
  wanted: EngineOptions = {};
  /** What the network was told last. */
  told: EngineOptions | undefined;
  socket: FakeWebSocket | undefined;
  /** Where the WebTransport session goes, which is not ready yet; both ends of it. */
  webTransport: { url: string; client: FakeWebTransport; server: FakeWebTransport } | undefined;
  /** What the constructor of a WebSocket or WebTransport session throws, if it does. */
  refusal: Error | undefined;

  url(scheme: string, transport: string): string {
    return `${scheme}:${transport}`;
  }

  address(transport: string): string {
    return `https:${transport}`;
  }

  options(): EngineOptions {
    return this.wanted;
  }

  request(
    url: string,
    options: EngineOptions,
    body: string | undefined,
    done: (response: HttpResponse) => void,
  ): () => void {
    this.told = options;
    const request = new FakeRequest(url, body, done);
    this.requests.push(request);
    return () => {
      request.aborted = true;
    };
  }

  openWebSocket(url: string, options: EngineOptions): FakeWebSocket {
    this.told = options;
    if (this.refusal) {
      throw this.refusal;
    }
    return (this.socket = new FakeWebSocket(url));
  }

  openWebTransport(url: string, options: EngineOptions): FakeWebTransport {
    this.told = options;
    if (this.refusal) {
      throw this.refusal;
    }
    this.webTransport = { url, ...FakeWebTransport.join({ ready: false }) };
    return this.webTransport.client;
  }

  /** The latest GET. */
  get get(): FakeRequest {
    return this.#latest(({ body }) => body === undefined);
  }

  /** The latest POST. */
  get post(): FakeRequest {
    return this.#latest(({ body }) => body !== undefined);
  }

  #latest(wanted: (request: FakeRequest) => boolean): FakeRequest {
    const request = this.requests.findLast(wanted);
    if (!request) {
      throw new Error("there was no such request");
    }
    return request;
  }
}

/** Writes down what a transport reports. */
export class Recorder implements TransportHandler {
  readonly events: unknown[] = [];

  constructor(transport: Transport) {
    transport.handler = this;
  }

  onTransportOpen(): void {
    this.events.push("open");
  }

  onTransportPacket(_transport: Transport, packet: EnginePacket): void {
    this.events.push(packet);
  }

  onTransportWritable(): void {
    this.events.push("writable");
  }

  onTransportClose(_transport: Transport, reason: string, cause?: Error): void {
    this.events.push([reason, cause?.message]);
    this.cause = cause;
  }

  /** What the transport said of its end. */
  cause: Error | undefined;

  take(): unknown[] {
    return this.events.splice(0);
  }
}
