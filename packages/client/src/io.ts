import type { ClientToServer, DefaultEventsMap, EventsMap } from "@hawser/core";
import { runtime } from "#runtime";
import { Manager } from "./manager.ts";
import type { ManagerOptions, SocketOptions } from "./options.ts";
import type { Socket } from "./socket.ts";
import { resolveTarget } from "./url.ts";

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
  const options = (typeof uri === "object" ? uri : opts) ?? {};
  const target = resolveTarget(typeof uri === "object" ? undefined : uri, options.path ?? "/socket.io", runtime.location);
  const shared = managers.get(target.id);
  const ownManager =
    options.forceNew ||
    options["force new connection"] ||
    options.multiplex === false ||
    // The namespace is in use there, so this call must be after a connection of its own.
    shared?.$sockets.has(target.nsp);
  options.query ??= target.query;
  let manager = shared;
  if (ownManager || !manager) {
    manager = new Manager(target.uri, options);
    if (!ownManager) {
      managers.set(target.id, manager);
    }
  }
  return manager.socket(target.nsp, options) as unknown as Socket<A, B>;
}
