import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { parseDistinctHeaders, parseRawHeaders } from "./raw-headers.ts";
import { queryOf, type EngineRequest, type Query } from "./request.ts";

/**
 * What is remembered of the request that began a session. An `IncomingMessage` holds on to much that nobody needs any
 * more, so it is kept only if the application has seen it and may have put things on it; otherwise one is built from
 * the record when the application first asks.
 */
export class RequestRecord {
  /**
   * The address of the peer, as the connection told it. Its type is Socket.IO's, which does not say that there is none over
   * WebTransport.
   */
  readonly remoteAddress!: string;
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
  readonly #method: string;
  readonly #url: string;
  readonly #rawHeaders: string[];
  #request: EngineRequest | undefined;

  /**
   * @param request - the request; a session that began over WebTransport, which is always encrypted, had none
   * @param keep - whether the application has seen `request` itself
   */
  constructor(request?: EngineRequest, keep = false) {
    if (request) {
      this.remoteAddress = request.socket.remoteAddress ?? "";
    }
    this.secure = !request || (request.socket as Partial<TLSSocket>).encrypted === true;
    this.#method = request?.method ?? "GET";
    this.#url = request?.url ?? "";
    this.#rawHeaders = request?.rawHeaders ?? [];
    this.#request = keep ? request : undefined;
  }

  /** The request, or one that says the same. */
  get request(): EngineRequest {
    return (this.#request ??= this.#rebuild());
  }

  /** The request's query. */
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
