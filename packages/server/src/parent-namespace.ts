import {
  Adapter,
  type AdapterLike,
  type AdapterNamespace,
  type BroadcastOptions,
  type BroadcastPacket,
} from "@hawser/adapter";
import type { DefaultEventsMap, EventsMap, InterServer, ServerToClient, SocketData } from "@hawser/core";
import { debugFor } from "./debug.ts";
import { Namespace } from "./namespace.ts";
import type { RemoteSocket } from "./remote-socket.ts";
import type { Server } from "./server.ts";

const debug = debugFor("parent-namespace", "socket.io:parent-namespace");

/** Decides whether a namespace of this name may come to be. */
export type NamespaceMatcher = (
  name: string,
  auth: { [key: string]: unknown },
  next: (error: Error | null, allow: boolean) => void,
) => void;

/** A child, as far as broadcasts go. */
interface Child {
  readonly adapter: AdapterLike;
  watchAdapter(result: unknown): void;
}

/** Hands a broadcast on to every child. */
class ParentAdapter extends Adapter {
  readonly #children: ReadonlySet<Child>;

  constructor(nsp: AdapterNamespace, children: ReadonlySet<Child>) {
    super(nsp);
    this.#children = children;
  }

  override broadcast(packet: BroadcastPacket, options: BroadcastOptions): void {
    for (const child of this.#children) {
      // A copy for each: an adapter writes its namespace into the packet.
      child.watchAdapter(child.adapter.broadcast({ ...packet }, options));
    }
  }
}

let parents = 0;

/**
 * Namespaces that come to be when a client asks for a name that matches. What is set up here (middlewares, `connection`
 * listeners) applies to the children made from then on; what is emitted here goes to all children.
 */
export class ParentNamespace<
  A extends EventsMap = DefaultEventsMap,
  B extends EventsMap = ServerToClient<A>,
  C extends EventsMap = InterServer<A>,
  D = SocketData<A>,
> extends Namespace<A, B, C, D> {
  /** @internal Decides which names are children of this one. */
  readonly matches: NamespaceMatcher;
  readonly #children: Set<Namespace<A, B, C, D>>;

  /** @internal Made by `server.of()`. */
  constructor(server: Server<A, B, C, D>, matches: NamespaceMatcher) {
    const children = new Set<Namespace<A, B, C, D>>();
    super(server, `/_${parents++}`, (namespace) => new ParentAdapter(namespace, children));
    this.matches = matches;
    this.#children = children;
  }

  /**
   * @internal Makes the child of this name.
   *
   * @param onEmpty - called when its last socket has gone; returns whether the child is to go too
   */
  createChild(name: string, onEmpty: (child: Namespace<A, B, C, D>) => boolean): Namespace<A, B, C, D> {
    debug("%s has a child %o", this.name, name);
    const child = new Namespace<A, B, C, D>(this.server, name);
    child.inherit(this, () => {
      if (onEmpty(child)) {
        debug("the child %o of %s has gone", name, this.name);
        this.#children.delete(child);
      }
    });
    this.#children.add(child);
    return child;
  }

  /**
   * @throws always: which sockets are meant depends on the child
   */
  override fetchSockets(): Promise<RemoteSocket<B, D>[]> {
    throw new Error("fetchSockets() is not supported on parent namespaces");
  }
}
