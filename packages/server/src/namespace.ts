import type { AdapterLike, AdapterNamespace, Room, SocketId } from "@hawser/adapter";
import type {
  AckIds,
  DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  Deadlines,
  DefaultEventsMap,
  EventNames,
  EventParams,
  EventsMap,
  InterServer,
  ServerToClient,
  SocketData,
} from "@hawser/core";
import type { EventPacket } from "@hawser/parser";
import { shareFrames, type PreparedBroadcast } from "./broadcast.ts";
import type { BroadcastAckCallback } from "./broadcast-ack.ts";
import { BroadcastOperator, type BroadcastPort } from "./broadcast-operator.ts";
import type { Client } from "./client.ts";
import { generateId } from "./engine/ids.ts";
import { runChain } from "./middleware-chain.ts";
import type { RemoteSocket } from "./remote-socket.ts";
import type { Server, ServerReservedEvents } from "./server.ts";
import { Socket } from "./socket.ts";
import { TypedEventEmitter } from "./typed-emitter.ts";
import type { UserErrorContext, UserErrors } from "./user-errors.ts";

/** An error that a middleware passes to `next`; the client sees its message and `data`. */
export interface ExtendedError extends Error {
  data?: any;
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
  extends TypedEventEmitter<C, B, ServerReservedEvents<Socket<A, B, C, D>, Namespace<A, B, C, D>>>
  implements AdapterNamespace<PreparedBroadcast>, BroadcastPort
{
  readonly name: string;
  readonly server: Server<A, B, C, D>;
  /** The sockets that are connected to this node. */
  readonly sockets: Map<SocketId, Socket<A, B, C, D>> = new Map();
  adapter: AdapterLike;
  /** @internal Where acknowledgement ids come from. */
  readonly ackIds: AckIds = { next: 0 };
  readonly #middlewares: NamespaceMiddleware<Socket<A, B, C, D>>[] = [];

  /** @internal Namespaces are made by `server.of()`. */
  constructor(server: Server<A, B, C, D>, name: string) {
    super();
    this.server = server;
    this.name = name;
    this.adapter = server.createAdapter(this);
    void this.adapter.init();
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

  /** @internal A client wants to join: middlewares decide. */
  admit(socket: Socket<A, B, C, D>): void {
    const run = (
      middleware: NamespaceMiddleware<Socket<A, B, C, D>>,
      next: (error?: unknown) => void,
    ): unknown => middleware(socket, next);
    runChain(this.#middlewares, run, (error) => {
      if (socket.link.state !== "connecting") {
        // The connection has gone meanwhile.
        return;
      }
      if (error) {
        this.#refuse(socket, error as ExtendedError);
      } else {
        this.#welcome(socket);
      }
    });
  }

  #refuse(socket: Socket<A, B, C, D>, error: ExtendedError): void {
    const message = typeof error.message === "string" ? error.message : String(error);
    socket.link.refuse(message, error.data);
    socket.client.mux.detach(socket.link);
    this.adapter.delAll(socket.id);
  }

  #welcome(socket: Socket<A, B, C, D>): void {
    this.sockets.set(socket.id, socket);
    socket.client.add(socket);
    socket.link.accept({ sid: socket.id });
    void socket.join(socket.id);
    this.#announce("connect", socket);
    this.#announce("connection", socket);
  }

  #announce(event: "connect" | "connection", socket: Socket<A, B, C, D>): void {
    try {
      this.emitReserved(event, socket);
    } catch (error) {
      socket.onUserError(error, "connection", event);
    }
  }

  /** @internal */
  override onRejection(error: unknown, event: string, [socket]: unknown[]): void {
    this.userErrors.report(error, { phase: "connection", event, socket });
  }

  /** @internal */
  emitNewNamespace(namespace: Namespace<A, B, C, D>): void {
    this.emitReserved("new_namespace", namespace);
  }

  /** @internal Returns whether anybody listens. */
  emitHandlerError(error: unknown, context: UserErrorContext): boolean {
    return this.emitReserved("handler_error", error, context);
  }

  /** @internal Makes the socket of a client that wants to join. */
  createSocket(client: Client, auth: Record<string, unknown>): Socket<A, B, C, D> {
    return new Socket<A, B, C, D>(this, client, generateId(), auth);
  }

  /** @internal Returns whether the socket had joined. */
  remove(socket: Socket<A, B, C, D>): boolean {
    return this.sockets.delete(socket.id);
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends an event to all clients of this namespace.
   *
   * @returns true
   * @throws if `event` is a reserved name
   */
  override emit<Name extends EventNames<B>>(event: Name, ...args: EventParams<B, Name>): boolean {
    return this.#everybody().emit(event, ...args);
  }

  /** Sends a `message` event to all clients. */
  send(...args: EventParams<B, "message">): this {
    this.emit("message" as EventNames<B>, ...(args as EventParams<B, EventNames<B>>));
    return this;
  }

  /** Same as {@link send}. */
  write(...args: EventParams<B, "message">): this {
    return this.send(...args);
  }

  /** To those in `room`. */
  to(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.#everybody().to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.to(room);
  }

  /** To all but those in `room`. */
  except(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.#everybody().except(room);
  }

  /** Whether transports may compress the event. */
  compress(compress: boolean): BroadcastOperator<B, D> {
    return this.#everybody().compress(compress);
  }

  /** The event may be lost for clients that can't take it at once. */
  get volatile(): BroadcastOperator<B, D> {
    return this.#everybody().volatile;
  }

  /** Only to clients of this node. */
  get local(): BroadcastOperator<B, D> {
    return this.#everybody().local;
  }

  /**
   * How long to wait for acknowledgements.
   *
   * @param timeout - milliseconds
   */
  timeout(
    timeout: number,
  ): BroadcastOperator<DecorateAcknowledgementsWithTimeoutAndMultipleResponses<B>, D> {
    return this.#everybody().timeout(timeout);
  }

  /** The sockets of this namespace, of all nodes. */
  fetchSockets(): Promise<RemoteSocket<B, D>[]> {
    return this.#everybody().fetchSockets();
  }

  /**
   * The ids of the sockets of this namespace.
   *
   * @deprecated use `fetchSockets`
   */
  allSockets(): Promise<Set<SocketId>> {
    return this.#everybody().allSockets();
  }

  /** Makes all sockets join rooms. */
  socketsJoin(room: Room | Room[]): void {
    this.#everybody().socketsJoin(room);
  }

  /** Makes all sockets leave rooms. */
  socketsLeave(room: Room | Room[]): void {
    this.#everybody().socketsLeave(room);
  }

  /** Disconnects all sockets; with `close`, their connections too. */
  disconnectSockets(close = false): void {
    this.#everybody().disconnectSockets(close);
  }

  #everybody(): BroadcastOperator<B, D> {
    return new BroadcastOperator<B, D>(this);
  }

  // ── what adapters and broadcasts ask ─────────────────────────────────────────────────────────────────────────

  /** @internal */
  get deadlines(): Deadlines {
    return this.server.deadlines;
  }

  /** @internal */
  get userErrors(): UserErrors {
    return this.server.userErrors;
  }

  /** @internal */
  runAck(callback: BroadcastAckCallback, error: Error | null, responses: unknown): void {
    try {
      callback(error, responses);
    } catch (userError) {
      this.userErrors.report(userError, { phase: "acknowledgement" });
    }
  }

  prepare(packet: EventPacket, flags: { compress?: boolean | undefined; volatile?: boolean | undefined }): PreparedBroadcast {
    return {
      packet,
      enginePackets: shareFrames(this.server.codec.encode(packet), flags.compress),
      volatile: flags.volatile === true,
    };
  }

  nextAckId(): number {
    return this.ackIds.next++;
  }
}
