import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { parseDistinctHeaders, parseRawHeaders } from "./raw-headers.ts";
import { queryOf, type EngineRequest, type Query } from "./request.ts";

/** What is known of the request that began a session. */
export interface RequestFacts {
  /** The request, or one that says the same. */
  readonly request: EngineRequest;
  /** The request's query. */
  readonly query: Query;
  /** The address of the peer, as the connection told it. */
  readonly remoteAddress: string;
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
}

/**
 * What is remembered of the request that began a session. An `IncomingMessage` holds on to much that nobody needs any
 * more, so it is kept only if the application has seen it and may have put things on it; otherwise one is built from
 * the record when the application first asks.
 */
export class RequestRecord implements RequestFacts {
  readonly remoteAddress: string;
  readonly secure: boolean;
  readonly #method: string;
  readonly #url: string;
  readonly #rawHeaders: string[];
  #request: EngineRequest | undefined;

  /**
   * @param request - the request
   * @param keep - whether the application has seen `request` itself
   */
  constructor(request: EngineRequest, keep: boolean) {
    const { socket } = request;
    this.remoteAddress = socket.remoteAddress ?? "";
    this.secure = (socket as Partial<TLSSocket>).encrypted === true;
    this.#method = request.method ?? "GET";
    this.#url = request.url ?? "";
    this.#rawHeaders = request.rawHeaders;
    this.#request = keep ? request : undefined;
  }

  get request(): EngineRequest {
    return (this.#request ??= this.#rebuild());
  }

  /** Puts another in its place; with null what was kept is forgotten, and rebuilt if it is asked for again. */
  set request(request: EngineRequest | null) {
    this.#request = request ?? undefined;
  }

  get query(): Query {
    return queryOf(this.request);
  }

  #rebuild(): EngineRequest {
    const socket = new Socket();
    Object.defineProperty(socket, "remoteAddress", { value: this.remoteAddress, configurable: true });
    Object.defineProperty(socket, "encrypted", { value: this.secure, configurable: true });
    const request: EngineRequest = new IncomingMessage(socket);
    request.method = this.#method;
    request.url = this.#url;
    request.httpVersion = "1.1";
    request.rawHeaders = this.#rawHeaders;
    request.headers = parseRawHeaders(this.#rawHeaders);
    Object.defineProperty(request, "headersDistinct", {
      get: () => parseDistinctHeaders(this.#rawHeaders),
      configurable: true,
    });
    return request;
  }
}
