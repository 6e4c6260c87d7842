import type { EventsMap, ViolationCode } from "@hawser/core";
import type { ProtocolError } from "@hawser/parser";
import type { Anything } from "./anything.ts";
import type { Client } from "./client.ts";
import { debugFor } from "./debug.ts";
import { Namespace } from "./namespace.ts";
import { ParentNamespace, type NamespaceMatcher } from "./parent-namespace.ts";
import { PendingJoin } from "./pending-join.ts";
import type { Server } from "./server.ts";

const debug = debugFor("namespace", "socket.io:namespace");

/** What `server.of()` is asked for: one namespace, or those that match. */
export type NamespaceName = string | RegExp | NamespaceMatcher;

/** A namespace of any types, where they do not matter. */
export type AnyNamespace = Namespace<Anything, Anything, Anything, Anything>;

declare const unknownData: unique symbol;

/** The events of a namespace for which none were given. No listener takes sockets with such data. */
export interface NotGiven {
  clientToServer: {};
  serverToClient: {};
  data: typeof unknownData;
}

/** `T`, which has to be given: it is not inferred from here. */
export type Given<T> = [T][T extends unknown ? 0 : never];

/** The namespaces of a server: those that were asked for by name, and those that come to be when a client asks. */
export class Namespaces<A extends EventsMap, B extends EventsMap, C extends EventsMap, D> {
  readonly #server: Server<A, B, C, D>;
  readonly #cleanup: boolean;
  /** Those that there are, parents not counted. */
  readonly byName: Map<string, Namespace<A, B, C, D>> = new Map();
  readonly #parents: ParentNamespace<A, B, C, D>[] = [];
  readonly #patterns = new Map<RegExp, ParentNamespace<A, B, C, D>>();

  /**
   * @param cleanup - whether a child of a parent namespace goes when its last socket does
   */
  constructor(server: Server<A, B, C, D>, cleanup: boolean) {
    this.#server = server;
    this.#cleanup = cleanup;
  }

  /** All there are, parents not counted. */
  values(): Iterable<Namespace<A, B, C, D>> {
    return this.byName.values();
  }

  /** The namespace of this name, created if there is none. */
  of(name: string): Namespace<A, B, C, D> {
    const path = name.startsWith("/") ? name : `/${name}`;
    const existing = this.byName.get(path);
    if (existing) {
      return existing;
    }
    for (const [pattern, parent] of this.#patterns) {
      if (matchesPattern(path, pattern)) {
        return this.#createChild(parent, path);
      }
    }
    return this.#register(new Namespace<A, B, C, D>(this.#server, path));
  }

  /** A parent of all namespaces whose names match. */
  ofMatching(match: RegExp | NamespaceMatcher): ParentNamespace<A, B, C, D> {
    const matches: NamespaceMatcher =
      match instanceof RegExp ? (name, _auth, next) => next(null, matchesPattern(name, match)) : match;
    const parent = new ParentNamespace<A, B, C, D>(this.#server, matches);
    this.#parents.push(parent);
    if (match instanceof RegExp) {
      this.#patterns.set(match, parent);
    }
    return parent;
  }

  #createChild(parent: ParentNamespace<A, B, C, D>, name: string): Namespace<A, B, C, D> {
    return this.#register(parent.createChild(name, (child) => this.#dropChild(child)));
  }

  #register(namespace: Namespace<A, B, C, D>): Namespace<A, B, C, D> {
    debug("there is a namespace %o now", namespace.name);
    this.byName.set(namespace.name, namespace);
    if (namespace.name !== "/") {
      this.#server.sockets.emitNewNamespace(namespace);
    }
    return namespace;
  }

  /** A child has no sockets any more; returns whether it goes. */
  #dropChild(child: Namespace<A, B, C, D>): boolean {
    if (!this.#cleanup) {
      return false;
    }
    // The application may have deleted it.
    if (this.byName.get(child.name) === child) {
      this.byName.delete(child.name);
      child.callAdapter(() => child.adapter.close());
    }
    return true;
  }

  /** A client wants to join a namespace. */
  join(client: Client, name: string, auth: Record<string, unknown>): ProtocolError<ViolationCode> | undefined {
    const namespace = this.byName.get(name);
    if (namespace && !namespace.mayRecover(client, auth)) {
      return namespace.admit(client, auth);
    }
    const pending = new PendingJoin(client, name);
    const refused = client.mux.attach(pending.link);
    if (refused) {
      return refused;
    }
    if (namespace) {
      void namespace.recover(pending, auth);
    } else {
      this.#askParents(pending, auth, 0);
    }
    return undefined;
  }

  /** Asks the parents, in the order in which they were set up, whether one of them has such a child. */
  #askParents(pending: PendingJoin, auth: Record<string, unknown>, index: number): void {
    const parent = this.#parents[index];
    if (!parent) {
      debug("there is no namespace %o", pending.name);
      pending.refuse();
      return;
    }
    const { name } = pending;
    let answered = false;
    const answer = (error: unknown, allow: boolean): void => {
      if (answered) {
        return;
      }
      answered = true;
      if (error || !allow) {
        this.#askParents(pending, auth, index + 1);
      } else if (pending.proceed()) {
        // Another client may have brought it about meanwhile.
        const namespace = this.byName.get(name) ?? this.#createChild(parent, name);
        namespace.admit(pending.client, auth);
      }
    };
    const ask = (): unknown => parent.matches(name, auth, answer);
    this.#server.userErrors.contain({ phase: "namespace" }, ask, (error) => answer(error, false));
  }
}

/** Unlike `test`, `search` does not go on where it stopped the last time. */
function matchesPattern(name: string, pattern: RegExp): boolean {
  return name.search(pattern) !== -1;
}
