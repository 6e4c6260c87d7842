import type { ClientToServer, DefaultEventsMap, EventsMap } from "@hawser/core";
import { protocol as revision } from "@hawser/parser";
import { runtime } from "#runtime";
import { debugFor } from "./debug.ts";
import { DEFAULT_PATH, Manager } from "./manager.ts";
import type { ManagerOptions, SocketOptions } from "./options.ts";
import { Socket } from "./socket.ts";
import { completeUri, parseUri } from "./url.ts";

/** The revision of the Socket.IO protocol. */
export const protocol: number = revision;

const debug = debugFor("io", "socket.io-client");

/** The Managers that calls of `io()` share, by server and path. */
const managers = new Map<string, Manager>();

/** What `io()` may be told. */
export type IoOptions = ManagerOptions & SocketOptions & { "force new connection"?: boolean | undefined };

/**
 * Connects to a namespace of a server. Calls for several namespaces of one server share one connection, unless
 * `forceNew` is on or `multiplex` is off; what they say of the connection itself counts in the first call only.
 *
 * @param uri - the server, and with the path the namespace: `https://example.com/admin`. Default: the page's server, `/`
 * @param opts - how to connect
 * @throws Error if `uri` is longer than 8000 characters
 */
export function io<A extends EventsMap = DefaultEventsMap, B extends EventsMap = ClientToServer<A>>(
  uri?: string | IoOptions,
  opts?: IoOptions,
): Socket<A, B> {
  if (typeof uri === "object") {
    return io(undefined, uri);
  }
  const options = opts ?? {};
  const whole = completeUri(uri, runtime.location);
  const { origin, path, query } = parseUri(whole);
  const nsp = path || "/";
  const id = origin + (options.path || DEFAULT_PATH);
  const shared = managers.get(id);
  const ownManager =
    options.forceNew ||
    options["force new connection"] ||
    options.multiplex === false ||
    // The namespace is in use there, so this call must be after a connection of its own.
    shared?.$sockets.has(nsp);
  let manager = shared;
  if (ownManager || !manager) {
    debug("a new Manager for %o", id);
    manager = new Manager(whole, { ...options, query: options.query ?? query });
    if (!ownManager) {
      managers.set(id, manager);
    }
  }
  return manager.socket(nsp, options) as unknown as Socket<A, B>;
}

// `io.connect()` and the like, as they have been written since the beginnings. It stands in the module of `io` so that no
// bundler may take it for an effect that nobody needs.
Object.assign(io, { io, connect: io, Manager, Socket, protocol });
