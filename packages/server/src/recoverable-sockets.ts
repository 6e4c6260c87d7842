import {
  AdapterError,
  type AdapterLike,
  type PrivateSessionId,
  type RecoveryGap,
  type RestoredSession,
  type SocketId,
} from "@hawser/adapter";
import type { Deadlines } from "@hawser/core";
import { withinLimit } from "./adapter-limit.ts";
import { restoreSession } from "./compatibility/restore-session.ts";
import { debugFor } from "./debug.ts";
import type { AnySocket } from "./socket.ts";

const debug = debugFor("namespace", "socket.io:namespace");

/** What the namespace offers. */
export interface RecoveryHome {
  readonly adapter: AdapterLike;
  readonly sockets: ReadonlyMap<SocketId, unknown>;
  readonly deadlines: Deadlines;
  readonly adapterTimeout: number;
  reportAdapterError(error: unknown): void;
  callAdapter(call: () => unknown): void;
}

/** A client that is back, and has a session to go on with. */
export interface Comeback {
  readonly session: RestoredSession;
  /** What is published until the client is in its rooms again, where the adapter minds that. */
  readonly gap: RecoveryGap | undefined;
}

/** The sockets of a namespace that their clients may have back after a lost connection, by their private ids. */
export class RecoverableSockets {
  readonly #home: RecoveryHome;
  readonly #sockets = new Map<PrivateSessionId, AnySocket>();
  /** What those have of their former connection that are not let in yet: it goes back if they are not. */
  readonly #provisional = new Map<AnySocket, Comeback>();

  constructor(home: RecoveryHome) {
    this.#home = home;
  }

  /** A client that is back asks to be let in: whoever asks for the same session meanwhile gets it from this one. */
  holdProvisionally(pid: PrivateSessionId, socket: AnySocket, comeback: Comeback): void {
    this.#sockets.set(pid, socket);
    this.#provisional.set(socket, comeback);
  }

  /** A client is let in: from now on `socket` is the one to which the private id leads. */
  hold(pid: PrivateSessionId, socket: AnySocket): void {
    this.#sockets.set(pid, socket);
    this.#provisional.delete(socket);
  }

  /** A socket has left, or was not let in, and then its client may ask for its session again. */
  release(pid: PrivateSessionId, socket: AnySocket): void {
    if (this.#sockets.get(pid) === socket) {
      this.#sockets.delete(pid);
    }
    const comeback = this.#provisional.get(socket);
    if (comeback) {
      this.#provisional.delete(socket);
      this.abandon(comeback);
    }
  }

  /** Gives a session back of which nothing came. */
  abandon({ session, gap }: Comeback): void {
    gap?.abandon();
    const { adapter } = this.#home;
    this.#home.callAdapter(() => {
      if (adapter.returnSession) {
        return adapter.returnSession(session);
      }
      const { sid, pid, rooms, data } = session;
      return adapter.persistSession({ sid, pid, rooms, data });
    });
  }

  /**
   * Looks for what is known of a client that is back. A socket that it still has, because its old connection was not found to be dead
   * yet, ends first, so that its state is kept.
   *
   * @param offset - of the last event that the client has received; anything that a client may send
   * @returns the session, which has to be claimed or abandoned; nothing if there is none
   */
  async find(pid: PrivateSessionId, offset: unknown): Promise<Comeback | undefined> {
    this.#evict(pid);
    const { adapter, deadlines, adapterTimeout } = this.#home;
    const gap = adapter.openGap?.();
    try {
      const looking = restoreSession(adapter, pid, typeof offset === "string" ? offset : undefined);
      const session = await withinLimit(deadlines, looking, adapterTimeout);
      if (session) {
        return { session, gap };
      }
    } catch (error) {
      this.#home.reportAdapterError(error);
    }
    gap?.abandon();
    return undefined;
  }

  /** Hands a session over to the connection that is let in now. Not every adapter gives a session out once only. */
  claim(comeback: Comeback): Comeback | undefined {
    const { session, gap } = comeback;
    this.#evict(session.pid);
    if (this.#home.sockets.has(session.sid)) {
      this.#home.reportAdapterError(new AdapterError("ERR_RESTORED_SESSION", "its id is that of a socket"));
      gap?.abandon();
      return undefined;
    }
    return comeback;
  }

  #evict(pid: PrivateSessionId): void {
    const socket = this.#sockets.get(pid);
    if (socket) {
      debug("the client of %s is back before it was missed", socket.id);
      socket.link.leave("transport close");
      socket.client.mux.session.abort("transport close");
    }
  }
}
