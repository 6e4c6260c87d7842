import { ENGINE_PROTOCOL } from "@hawser/core";
import { debugFor } from "./debug.ts";
import type { EngineOptions } from "./options.ts";
import type { PageLocation } from "./runtime/runtime.ts";

const debug = debugFor("url", "socket.io-client:url");

/** The parts of a URI. */
export interface Uri {
  /** Whether the scheme is `https` or `wss`. */
  readonly secure: boolean;
  /** With brackets around an IPv6 address. */
  readonly hostname: string;
  /** The scheme's own where the URI has none. */
  readonly port: string;
  /** Empty where the URI has none; otherwise as it was written. */
  readonly path: string;
  /** The parameters of the query string. */
  readonly query: Query;
  /** Names the server. */
  readonly origin: string;
}

type Query = Record<string, unknown>;

const MAX_LENGTH = 8000;

/** Scheme, credentials (which are not used), host, port, path, query. A namespace is any text, so nothing is normalised. */
const URI = /^(?:(https?|wss?):\/\/)?(?:[^/?#@]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?([^?#]*)(?:\?([^#]*))?/;

/** @throws Error if `uri` is longer than 8000 characters */
export function parseUri(uri: string): Uri {
  if (uri.length > MAX_LENGTH) {
    throw new Error("URI too long");
  }
  const [, scheme = "", hostname = "", explicitPort = "", path = "", query = ""] = URI.exec(uri) ?? [];
  debug("%o is on %s, path %o, query %o", uri, hostname, path, query);
  const secure = scheme.length > "http".length || scheme === "wss";
  const port = explicitPort || defaultPort(secure);
  return { secure, hostname, port, path, query: parseQuery(query), origin: `${scheme}://${hostname}:${port}` };
}

/**
 * Completes what an application calls a server: nothing means the page's, `/x` the namespace `/x` there, `//host` another
 * host with the page's scheme. Without a page, the scheme is `https` where none is given.
 */
export function completeUri(uri: string | undefined, page: PageLocation | undefined): string {
  const scheme = `${page?.protocol ?? "https:"}//`;
  const server = page ? scheme + page.host : "http://localhost";
  if (uri === undefined) {
    return server;
  }
  if (uri.startsWith("//")) {
    return scheme + uri.slice(2);
  }
  if (uri.startsWith("/")) {
    return server + uri;
  }
  return /^(https?|wss?):\/\//.test(uri) ? uri : scheme + uri;
}

/** The server that the options name, where no URI does: what they leave out is the page's. */
export function serverUri({ host, hostname, port, secure }: EngineOptions, page: PageLocation | undefined): string {
  const name = host ?? hostname;
  const scheme = (secure ?? page?.protocol === "https:") ? "https" : "http";
  return `${scheme}://${name ?? page?.hostname ?? "localhost"}:${port ?? (name ? "" : (page?.port ?? ""))}`;
}

/**
 * The address of one request.
 *
 * @param scheme - without the `s` that says it is secure
 * @param transport - the name of the transport
 * @param sid - the session id, once there is one
 */
export function requestUrl(
  uri: Uri,
  options: EngineOptions,
  scheme: "http" | "ws",
  transport: string,
  sid: string,
): string {
  const { query: more = {}, timestampRequests = scheme === "http", timestampParam = "t" } = options;
  const parameters: Query = {
    ...(typeof more === "string" ? parseQuery(more) : more),
    ...uri.query,
    EIO: ENGINE_PROTOCOL,
    transport,
  };
  if (sid) {
    parameters["sid"] = sid;
  }
  if (timestampRequests) {
    parameters[timestampParam] = Date.now().toString(36) + Math.random().toString(36).slice(2, 5);
  }
  if (options.forceBase64 && !(sid && scheme === "http")) {
    parameters["b64"] = 1;
  }
  const pairs = Object.entries(parameters).map((pair) =>
    pair.map((part) => encodeURIComponent(String(part))).join("="),
  );
  return `${serverAddress(uri, options, scheme + (uri.secure ? "s" : ""))}?${pairs.join("&")}`;
}

/**
 * The address of the server, without a query.
 *
 * @param scheme - as it is to be, whatever that of the URI is
 */
export function serverAddress(
  { secure, hostname, port }: Uri,
  { path = "", addTrailingSlash }: EngineOptions,
  scheme: string,
): string {
  const host = port === defaultPort(secure) ? hostname : `${hostname}:${port}`;
  return `${scheme}://${host}${path.replace(/\/$/, "")}${addTrailingSlash === false ? "" : "/"}`;
}

function parseQuery(query: string): Query {
  const parameters: Query = {};
  for (const pair of query.split("&")) {
    const [name = "", ...value] = pair.split("=");
    if (name) {
      parameters[decodeURIComponent(name)] = decodeURIComponent(value.join("="));
    }
  }
  return parameters;
}

function defaultPort(secure: boolean): string {
  return secure ? "443" : "80";
}
