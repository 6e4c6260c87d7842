import { ENGINE_PROTOCOL } from "@hawser/core";
import type { EngineOptions } from "./options.ts";
import type { PageLocation } from "./runtime/runtime.ts";

/** The parts of a URI; empty where it has none. */
export interface Uri {
  /** `http`, `https`, `ws` or `wss`. */
  readonly protocol: string;
  /** With brackets around an IPv6 address. */
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
}

/** What the argument of `io()` stands for. */
export interface Target {
  /** The whole URI. */
  readonly uri: string;
  /** Names the server: calls with the same id may share a connection. */
  readonly id: string;
  /** The namespace. */
  readonly nsp: string;
  /** The query string. */
  readonly query: string;
}

/** Where the requests of a connection go. */
export interface Endpoint {
  readonly secure: boolean;
  readonly hostname: string;
  /** Empty where it is the scheme's own. */
  readonly port: string;
  /** What the URI says for the query string. */
  readonly query: string;
}

const MAX_LENGTH = 8000;

/** Scheme, credentials (which are not used), host, port, path, query. A namespace is any text, so nothing is normalised. */
const URI = /^(?:(https?|wss?):\/\/)?(?:[^/?#@]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?([^?#]*)(?:\?([^#]*))?/;

/** @throws Error if `uri` is longer than 8000 characters */
export function parseUri(uri: string): Uri {
  if (uri.length > MAX_LENGTH) {
    throw new Error("URI too long");
  }
  const [, protocol = "", host = "", port = "", path = "", query = ""] = URI.exec(uri) ?? [];
  return { protocol, host, port, path, query };
}

/**
 * Completes the argument of `io()`: no URI means the page's server, `/x` a namespace there, `//host` the page's scheme.
 *
 * @param uri - what the application wrote
 * @param path - the path of the requests, which is part of the id
 * @param location - the page; without one the scheme is `https` and the host is `localhost`
 */
export function resolveTarget(uri: string | undefined, path: string, location: PageLocation | undefined): Target {
  const scheme = `${location?.protocol ?? "https:"}//`;
  const host = location?.host ?? "localhost";
  let whole = uri ?? scheme + host;
  if (whole.startsWith("//")) {
    whole = scheme + whole.slice(2);
  } else if (whole.startsWith("/")) {
    whole = scheme + host + whole;
  } else if (!/^(https?|wss?):\/\//.test(whole)) {
    whole = scheme + whole;
  }
  const parsed = parseUri(whole);
  const port = parsed.port || defaultPort(isSecure(parsed.protocol));
  return {
    uri: whole,
    id: `${parsed.protocol}://${parsed.host}:${port}${path}`,
    nsp: parsed.path || "/",
    query: parsed.query,
  };
}

/** Finds out where a Manager's requests go: the URI decides, then the options, then the page. */
export function resolveEndpoint(
  uri: string | undefined,
  options: EngineOptions,
  location: PageLocation | undefined,
): Endpoint {
  if (uri) {
    const { protocol, host, port, query } = parseUri(uri);
    return endpoint(isSecure(protocol), host, port, query);
  }
  const { hostname = options.host, secure = location?.protocol === "https:" } = options;
  const port = options.port ?? (hostname ? "" : (location?.port ?? ""));
  return endpoint(secure, hostname ?? location?.hostname ?? "localhost", `${port}`, "");
}

/**
 * The address of one request.
 *
 * @param scheme - without the `s` that says it is secure
 * @param transport - the name of the transport
 * @param sid - the session id, once there is one
 */
export function requestUrl(
  { secure, hostname, port, query }: Endpoint,
  options: EngineOptions,
  scheme: "http" | "ws",
  transport: string,
  sid: string,
): string {
  const { path = "/socket.io", addTrailingSlash = true, timestampParam = "t" } = options;
  const parameters: Record<string, unknown> = {
    ...parseQuery(options.query ?? ""),
    ...parseQuery(query),
    EIO: ENGINE_PROTOCOL,
    transport,
  };
  if (sid) {
    parameters["sid"] = sid;
  }
  if (options.timestampRequests ?? scheme === "http") {
    parameters[timestampParam] = Date.now().toString(36) + Math.random().toString(36).slice(2, 5);
  }
  const pairs = Object.entries(parameters).map((pair) => pair.map((part) => encodeURIComponent(String(part))).join("="));
  return (
    `${scheme}${secure ? "s" : ""}://${hostname}${port && ":"}${port}` +
    `${path.replace(/\/$/, "")}${addTrailingSlash ? "/" : ""}?${pairs.join("&")}`
  );
}

function parseQuery(query: string | Record<string, unknown>): Record<string, unknown> {
  if (typeof query !== "string") {
    return query;
  }
  const pairs = query.split("&").filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [decodeURIComponent(name), decodeURIComponent(value.join("="))];
    }),
  );
}

function isSecure(protocol: string): boolean {
  return protocol === "https" || protocol === "wss";
}

function defaultPort(secure: boolean): string {
  return secure ? "443" : "80";
}

function endpoint(secure: boolean, hostname: string, port: string, query: string): Endpoint {
  return { secure, hostname, port: port === defaultPort(secure) ? "" : port, query };
}
