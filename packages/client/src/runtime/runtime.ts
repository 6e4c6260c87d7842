/**
 * What the client asks of the platform. `#runtime` stands for `browser.ts` or `node.ts`, whichever suits: package
 * managers, bundlers and the build decide by the conditions of `package.json`, the code never looks around.
 */

import type { BinaryType, ByteStream, Clock, EngineData, EnginePacketOptions } from "@hawser/core";
import type { EngineOptions } from "../options.ts";

/** The answer to an HTTP request. */
export interface HttpResponse {
  /** The status code; 0 if no answer came. */
  readonly status: number;
  readonly responseText: string;
  /** Why no answer came. */
  readonly error?: unknown;
}

/** A WebSocket as browsers have it, as far as the transport uses it. */
export interface WebSocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: EngineData }) => void) | null;
  /** Only some platforms tell the error. */
  onerror: ((event: { readonly error?: unknown }) => void) | null;
  onclose: ((event: unknown) => void) | null;
  send(data: EngineData, options?: EnginePacketOptions): void;
  close(): void;
  /** Ends the connection without a closing handshake, where the platform can. */
  terminate?(): void;
}

/** A WebTransport session as browsers have it, as far as the transport uses it. */
export interface WebTransportLike {
  readonly ready: Promise<unknown>;
  readonly closed: Promise<unknown>;
  createBidirectionalStream(): Promise<ByteStream>;
  close(): void;
}

/** What the requests of one connection go through: they share cookies. */
export interface Network {
  /**
   * Sends an HTTP request: a POST if there is a body, else a GET.
   *
   * @param options - its headers, credentials and the like
   * @param done - called once with the answer, and never before `request` has returned
   * @returns aborts the request; `done` is not called any more
   */
  request(
    url: string,
    options: EngineOptions,
    body: string | undefined,
    done: (response: HttpResponse) => void,
  ): () => void;
  /**
   * Begins to open a WebSocket. May throw what the platform's constructor throws.
   *
   * @param options - its protocols, and where the platform can, headers and the like
   */
  openWebSocket(url: string, options: EngineOptions): WebSocketLike;
  /**
   * Begins to open a WebTransport session. Throws where the platform has none, and may throw what its constructor throws.
   *
   * @param options - `transportOptions.webtransport` is for the constructor
   */
  openWebTransport(url: string, options: EngineOptions): WebTransportLike;
}

/** Where the page came from, as `window.location`. */
export interface PageLocation {
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
}

/** The platform. */
export interface Runtime {
  /** The page; `undefined` where there is none. */
  readonly location: PageLocation | undefined;
  /** What received binary data is. */
  readonly binaryType: BinaryType;
  /**
   * Makes a clock.
   *
   * @param options - `autoUnref` and `useNativeTimers`
   */
  createClock(options: EngineOptions): Clock;
  createNetwork(): Network;
  /**
   * Listens to what happens to the page.
   *
   * @returns stops listening
   */
  onPageEvent(event: "offline" | "beforeunload", listener: () => void): () => void;
}
