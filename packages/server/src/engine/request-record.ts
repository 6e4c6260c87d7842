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

/** What stands in for the request of a session that began without one, over WebTransport, which is always encrypted. */
export class NoRequest implements RequestFacts {
  // Its type is Socket.IO's, which does not say that nobody knows it here.
  declare readonly remoteAddress: string;
  readonly secure = true;
  #request: EngineRequest | undefined;

  get request(): EngineRequest {
    return (this.#request ??= Object.assign(new IncomingMessage(new Socket()), { method: "GET" }));
  }

  set request(request: EngineRequest | null) {
    this.#request = request ?? undefined;
  }

  get query(): Query {
    return queryOf(this.request);
  }
}

/** What a session's own engine knows of the request that began it. */
export type SessionRequest = RequestRecord | NoRequest;

/** What stands on every request by itself: the platform's own, and the query that the engine puts there. */
const OWN_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(new IncomingMessage(new Socket())),
  "_eventsCount",
  "_query",
  "parser",
]);

/** Whether somebody has put something on a request, such as a listener of the HTTP server that looked at it before. */
function isMarked(request: EngineRequest): boolean {
  for (const key in request) {
    if (Object.hasOwn(request, key) && !OWN_KEYS.has(key)) {
      return true;
    }
  }
  return false;
}

/** Whether the client was asked for a certificate: who asks for one wants to look at it. */
function showsCertificate({ authorized, authorizationError }: Partial<TLSSocket>): boolean {
  return authorized === true || Boolean(authorizationError);
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
  readonly #httpVersion: string;
  readonly #rawHeaders: string[];
  readonly #remotePort: number | undefined;
  /** The connection, if it costs nothing to keep it, or if it says who the client is. */
  readonly #socket: Socket | undefined;
  #request: EngineRequest | undefined;

  /**
   * @param request - the request
   * @param keep - whether the application has seen `request` itself
   * @param lasting - whether its connection will carry the session
   */
  constructor(request: EngineRequest, keep: boolean, lasting: boolean) {
    const { socket } = request;
    this.remoteAddress = socket.remoteAddress ?? "";
    this.secure = (socket as Partial<TLSSocket>).encrypted === true;
    this.#method = request.method ?? "GET";
    this.#url = request.url ?? "";
    this.#httpVersion = request.httpVersion;
    this.#rawHeaders = request.rawHeaders;
    this.#remotePort = socket.remotePort;
    // What stands for a socket with HTTP/2 serves one stream, and ends with it.
    this.#socket =
      lasting || (showsCertificate(socket as Partial<TLSSocket>) && request.httpVersionMajor === 1)
        ? socket
        : undefined;
    this.#request = keep || isMarked(request) ? request : undefined;
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
    const request: EngineRequest = new IncomingMessage(this.#socket ?? this.#rebuildSocket());
    request.method = this.#method;
    request.url = this.#url;
    request.httpVersion = this.#httpVersion;
    [request.httpVersionMajor, request.httpVersionMinor] = this.#httpVersion.split(".").map(Number) as [number, number];
    request.rawHeaders = this.#rawHeaders;
    request.headers = parseRawHeaders(this.#rawHeaders);
    Object.defineProperty(request, "headersDistinct", {
      get: () => parseDistinctHeaders(this.#rawHeaders),
      configurable: true,
    });
    // Whoever had the request itself would find it there.
    queryOf(request);
    return request;
  }

  #rebuildSocket(): Socket {
    const socket = new Socket();
    const known = { remoteAddress: this.remoteAddress, remotePort: this.#remotePort, encrypted: this.secure };
    for (const [name, value] of Object.entries(known)) {
      Object.defineProperty(socket, name, { value, configurable: true });
    }
    return socket;
  }
}
