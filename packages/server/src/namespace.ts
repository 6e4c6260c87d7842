import type { AdapterLike, AdapterNamespace, SocketId } from "@hawser/adapter";
import type {
  AckIds,
  Deadlines,
  DefaultEventsMap,
  EventsMap,
  InterServer,
  ServerToClient,
  SocketData,
  ViolationCode,
} from "@hawser/core";
import type { EventPacket, ProtocolError } from "@hawser/parser";
import type { Anything } from "./anything.ts";
import { shareFrames, sizeOfPackets, type PreparedBroadcast } from "./broadcast.ts";
import type { BroadcastAckCallback } from "./broadcast-ack.ts";
import type { BroadcastPort } from "./broadcast-operator.ts";
import { Broadcaster, isReservedServerEvent } from "./broadcaster.ts";
import type { Client } from "./client.ts";
import { watchListeners } from "./compatibility/listener-rejections.ts";
import type { CompatibleNamespace } from "./compatibility/names.ts";
import { debugFor } from "./debug.ts";
import { runChain } from "./middleware-chain.ts";
import type { PendingJoin } from "./pending-join.ts";
import { RecoverableSockets, type Comeback } from "./recoverable-sockets.ts";
import type { Server, ServerReservedEvents } from "./server.ts";
import { Socket } from "./socket.ts";
import type { UserErrorContext, UserErrors } from "./user-errors.ts";

const debug = debugFor("namespace", "socket.io:namespace");

/** An error that a middleware passes to `next`; the client sees its message and `data`. */
export interface ExtendedError extends Error {
  data?: Anything;
}

/** Looks at each client that wants to join; `next(error)` keeps it out. */
export type NamespaceMiddleware<S> = (socket: S, next: (error?: ExtendedError) => void) => void;

/** The events that the library emits on a namespace. */
export interface NamespaceReservedEvents<S> {
  /** Same as `connection`, and emitted first. */
  connect: (socket: S) => void;
  /** A client has joined. */
  connection: (socket: S) => void;
}

/**
 * Sockets that have to do with each other: a channel of its own over the connection that all namespaces share.
 *
 * @typeParam A - the events that clients send, or the application's whole event map
 * @typeParam B - the events that the server sends
 * @typeParam C - the events that servers send each other
 * @typeParam D - the type of `socket.data`
 */
export class Namespace<
  A extends EventsMap = DefaultEventsMap,
  B extends EventsMap = ServerToClient<A>,
  C extends EventsMap = InterServer<A>,
  D = SocketData<A>,
>
  extends Broadcaster<B, C, D, ServerReservedEvents<Socket<A, B, C, D>, Namespace<A, B, C, D>>>
  implements AdapterNamespace<PreparedBroadcast>, BroadcastPort, CompatibleNamespace
{
  readonly name: string;
  readonly server: Server<A, B, C, D>;
  /** The sockets that are connected to this node. */
  readonly sockets: Map<SocketId, Socket<A, B, C, D>> = new Map();
  adapter: AdapterLike;
  /** @internal Where acknowledgement ids come from. */
  readonly ackIds: AckIds = { next: 0 };
  #middlewares: NamespaceMiddleware<Socket<A, B, C, D>>[] = [];
  readonly #recoverable = new RecoverableSockets(this);
  /** Those who wait for the verdict of the middlewares, or of the adapter. */
  readonly #waiting = new Set<Socket<A, B, C, D> | PendingJoin>();
  /** Called when the last socket has gone; children of a parent namespace may go with it. */
  #onEmpty: (() => void) | undefined;

  /**
   * @internal Namespaces are made by `server.of()`.
   *
   * @param createAdapter - makes the adapter. Default: as the server's option says
   */
  constructor(
    server: Server<A, B, C, D>,
    name: string,
    createAdapter: (namespace: Namespace<A, B, C, D>) => AdapterLike = (namespace) => server.createAdapter(namespace),
  ) {
    super();
    this.server = server;
    this.name = name;
    this.adapter = createAdapter(this);
    this.initAdapter();
  }

  /** @internal Starts the adapter. */
  initAdapter(): void {
    watchListeners(this.adapter, (error, event) => this.reportListenerRejection(error, event));
    this.callAdapter(() => this.adapter.init());
  }

  /** @internal Calls the adapter on the library's own account: what it fails with, at once or later, is told and stops nothing. */
  callAdapter(call: () => unknown): void {
    this.userErrors.contain({ phase: "adapter" }, call);
  }

  /**
   * @internal Takes over the middlewares and `connection` listeners of the parent namespace.
   *
   * @param onEmpty - called when the last socket has gone
   */
  inherit(parent: Namespace<A, B, C, D>, onEmpty: () => void): void {
    this.#middlewares = [...parent.#middlewares];
    for (const event of ["connect", "connection"] as const) {
      for (const listener of parent.listeners(event)) {
        this.on(event, listener);
      }
    }
    this.#onEmpty = onEmpty;
  }

  // ── joining ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Adds a middleware that looks at each client that wants to join, in the order in which they were added.
   *
   * @example
   * ```ts
   * io.use((socket, next) => (socket.handshake.auth.token ? next() : next(new Error("no token"))));
   * ```
   */
  use(middleware: NamespaceMiddleware<Socket<A, B, C, D>>): this {
    this.#middlewares.push(middleware);
    return this;
  }

  /** @internal A client wants to join: middlewares decide. Returns the violation, if it may not even ask. */
  admit(client: Client, auth: Record<string, unknown>, comeback?: Comeback): ProtocolError<ViolationCode> | undefined {
    const socket = new Socket<A, B, C, D>(this, client, auth, comeback?.session);
    const refused = client.mux.attach(socket.link);
    if (refused) {
      if (comeback) {
        this.#recoverable.abandon(comeback);
      }
      return refused;
    }
    if (comeback) {
      this.#recoverable.holdProvisionally(comeback.session.pid, socket, comeback);
      // Middlewares find it in its rooms, though it is not reached there yet.
      for (const room of comeback.session.rooms) {
        this.callAdapter(() => socket.join(room));
      }
      if (this.server.recovery?.skipMiddlewares) {
        this.#welcome(socket, comeback);
        return undefined;
      }
    }
    const run = (middleware: NamespaceMiddleware<Socket<A, B, C, D>>, next: (error?: unknown) => void): unknown =>
      middleware(socket, next);
    this.#waiting.add(socket);
    const done = (error?: unknown): void => {
      this.#waiting.delete(socket);
      if (socket.link.state !== "connecting") {
        // The client has gone meanwhile.
        return;
      }
      if (error) {
        this.#refuse(socket, error as ExtendedError);
      } else {
        this.#welcome(socket, comeback);
      }
    };
    runChain(this.#middlewares, run, done, this.userErrors, { phase: "middleware", socket });
    return undefined;
  }

  #refuse(socket: Socket<A, B, C, D>, error: ExtendedError): void {
    const message = typeof error.message === "string" ? error.message : String(error);
    debug("%o refuses %s: %o", this.name, socket.id, message);
    const { revision } = socket.client;
    try {
      socket.link.refuse(revision.refusal(message, error.data));
    } catch (encodingError) {
      this.userErrors.report(encodingError, { phase: "middleware", socket });
      socket.link.refuse(revision.refusal(message));
    }
    socket.client.mux.detach(socket.link);
    this.callAdapter(() => this.adapter.delAll(socket.id));
    this.remove(socket);
    this.#goIfEmpty();
  }

  #welcome(socket: Socket<A, B, C, D>, comeback: Comeback | undefined): void {
    debug("%s has joined %o", socket.id, this.name);
    this.sockets.set(socket.id, socket);
    if (socket.pid !== undefined) {
      this.#recoverable.hold(socket.pid, socket);
    }
    socket.client.add(socket);
    this.callAdapter(() => socket.join(socket.id));
    comeback?.gap?.close(comeback.session);
    socket.start(comeback?.session);
    this.#announce("connect", socket);
    this.#announce("connection", socket);
  }

  /** @internal Whether a client asks for a socket that it had before. */
  mayRecover(client: Client, auth: Record<string, unknown>): boolean {
    return this.server.recovery !== undefined && client.revision.recovers && typeof auth["pid"] === "string";
  }

  /** @internal Looks for the socket that a client had before, and lets it in with that, or as a new one. */
  async recover(pending: PendingJoin, auth: Record<string, unknown>): Promise<void> {
    const { pid, offset } = auth as { pid: string; offset?: unknown };
    this.#waiting.add(pending);
    const comeback = await this.#recoverable.find(pid, offset);
    this.#waiting.delete(pending);
    if (comeback) {
      const { sid, missedPackets } = comeback.session;
      debug("%s is back in %o, and has missed %d events", sid, this.name, missedPackets.length);
    } else {
      debug("a client is back in %o, and nothing is known of it any more", this.name);
    }
    if (pending.proceed()) {
      this.admit(pending.client, auth, comeback && this.#recoverable.claim(comeback));
    } else {
      if (comeback) {
        this.#recoverable.abandon(comeback);
      }
      this.#goIfEmpty();
    }
  }

  #announce(event: "connect" | "connection", socket: Socket<A, B, C, D>): void {
    try {
      this.emitReserved(event, socket);
    } catch (error) {
      socket.onUserError(error, "connection", event);
    }
  }

  /** @internal */
  override onRejection(error: unknown, event: string, [subject]: unknown[]): void {
    if (event === "handler_error") {
      this.userErrors.reportListener(error);
    } else if (event === "connect" || event === "connection") {
      this.userErrors.reportRejection(error, { phase: "connection", event, socket: subject });
    } else {
      this.userErrors.reportRejection(error, { phase: event === "new_namespace" ? "namespace" : "event", event });
    }
  }

  /** @internal */
  emitNewNamespace(namespace: Namespace<A, B, C, D>): void {
    const context = { phase: "namespace", event: "new_namespace" } as const;
    this.userErrors.contain(context, () => this.emitReserved("new_namespace", namespace));
  }

  /** @internal Returns whether anybody listens. */
  emitHandlerError(error: unknown, context: UserErrorContext): boolean {
    return this.emitReserved("handler_error", error, context);
  }

  /** @internal A socket has left, or was not let in. */
  remove(socket: Socket<A, B, C, D>): void {
    this.#waiting.delete(socket);
    if (socket.pid !== undefined) {
      this.#recoverable.release(socket.pid, socket);
    }
    this.sockets.delete(socket.id);
  }

  /** @internal A socket has left, its rooms too. */
  onSocketGone(): void {
    this.#goIfEmpty();
  }

  #goIfEmpty(): void {
    if (this.sockets.size === 0 && this.#waiting.size === 0) {
      this.#onEmpty?.();
    }
  }

  // ── other servers ────────────────────────────────────────────────────────────────────────────────────────────

  /** @internal Another server has sent an event; the adapter calls this. What the library emits itself, no other server can. */
  _onServerSideEmit(args: [event: string, ...args: unknown[]]): void {
    const [event] = args;
    if (isReservedServerEvent(event)) {
      return;
    }
    try {
      this.emitUntyped(...args);
    } catch (error) {
      this.userErrors.report(error, { phase: "event", event });
    }
  }

  protected override get home(): BroadcastPort {
    return this;
  }

  // ── what packages written for Socket.IO reach for ────────────────────────────────────────────────────────────────

  /** @internal */
  get _ids(): number {
    return this.ackIds.next;
  }

  set _ids(next: number) {
    this.ackIds.next = next;
  }

  // ── what adapters and broadcasts ask ─────────────────────────────────────────────────────────────────────────

  /** @internal */
  get deadlines(): Deadlines {
    return this.server.deadlines;
  }

  /** @internal */
  get offersRecovery(): boolean {
    return this.server.recovery !== undefined;
  }

  /** @internal */
  reportAdapterError(error: unknown, event?: string): void {
    this.userErrors.report(error, { phase: "adapter", event });
  }

  /** @internal */
  reportListenerRejection(error: unknown, event: string): void {
    this.userErrors.reportRejection(error, { phase: "adapter", event });
  }

  /** @internal */
  watchAdapter(result: unknown): void {
    this.userErrors.watch({ phase: "adapter" }, result);
  }

  /** @internal */
  get ackTimeout(): number {
    return this.server.broadcastAckTimeout;
  }

  /** @internal */
  get adapterTimeout(): number {
    return this.server.adapterTimeout;
  }

  /** @internal */
  get userErrors(): UserErrors {
    return this.server.userErrors;
  }

  /** @internal */
  runAck(callback: BroadcastAckCallback, error: Error | null, responses: unknown): void {
    this.userErrors.contain({ phase: "acknowledgement" }, () => callback(error, responses));
  }

  prepare(
    packet: EventPacket,
    flags: { compress?: boolean | undefined; volatile?: boolean | undefined },
  ): PreparedBroadcast {
    return {
      packet,
      enginePackets: shareFrames(this.server.codec.encode(packet), flags.compress),
      volatile: flags.volatile === true,
    };
  }

  sizeOf(prepared: PreparedBroadcast): number {
    return sizeOfPackets(prepared.enginePackets);
  }

  nextAckId(): number {
    return this.ackIds.next++;
  }
}
