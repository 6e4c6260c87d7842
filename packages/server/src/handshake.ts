import type { IncomingHttpHeaders } from "node:http";
import type { Anything } from "./anything.ts";
import type { Query } from "./engine/request.ts";
import type { RequestFacts } from "./engine/request-record.ts";

/** What is known of how a socket came to be. */
export interface Handshake {
  /** The headers of the first request. */
  headers: IncomingHttpHeaders;
  /** When the socket was created, as text. */
  time: string;
  /** The address of the client, as the connection told it. */
  address: string;
  /** Whether the page is of another origin. */
  xdomain: boolean;
  /** Whether the connection is encrypted. */
  secure: boolean;
  /** When the socket was created, in milliseconds since 1970. */
  issued: number;
  /** The path and query of the first request. */
  url: string;
  /** The query of the first request. */
  query: Query;
  /** What the client sent as `auth`. */
  auth: { [key: string]: Anything };
}

/** Tells how a socket came to be. */
export function handshakeOf(record: RequestFacts, auth: Record<string, unknown>, issued: number): Handshake {
  const { request } = record;
  return {
    headers: request.headers,
    time: new Date(issued).toString(),
    address: record.remoteAddress,
    xdomain: request.headers.origin !== undefined,
    secure: record.secure,
    issued,
    url: request.url ?? "",
    query: record.query,
    auth,
  };
}
