import type { IncomingMessage } from "node:http";
import type { AdapterLike, PrivateSessionId, RestoredSession, Room, SocketId } from "@hawser/adapter";
import {
  ServerLink,
  assertEmittable,
  type AckCallback,
  type AckFunction,
  type AllButLast,
  type ClientToServer,
  type DecorateAcknowledgements,
  type DefaultEventsMap,
  type DisconnectReason,
  type EventNames,
  type EventNamesWithAck,
  type EventParams,
  type EventsMap,
  type FirstNonErrorArg,
  type InterServer,
  type Last,
  type LinkHandler,
  type SendFlags,
  type ServerToClient,
  type SocketData,
  type UserCodePhase,
} from "@hawser/core";
import { PacketType, type EventData, type EventPacket } from "@hawser/parser";
import type { Anything } from "./anything.ts";
import type { PreparedBroadcast } from "./broadcast.ts";
import { BroadcastOperator } from "./broadcast-operator.ts";
import { CatchAllEmitter } from "./catch-all.ts";
import type { Client } from "./client.ts";
import { AckTable } from "./compatibility/ack-table.ts";
import type { AckMap, CompatibleSocket } from "./compatibility/names.ts";
import { inheritAsOwn } from "./compatibility/own-methods.ts";
import { debugFor } from "./debug.ts";
import type { EngineSocket } from "./engine/engine-socket.ts";
import { generateId } from "./engine/ids.ts";
import { handshakeOf, type Handshake } from "./handshake.ts";
import { runChain } from "./middleware-chain.ts";
import type { Namespace } from "./namespace.ts";
import type { Server } from "./server.ts";

const debug = debugFor("socket", "socket.io:socket");
const debugRooms = debugFor("adapter", "socket.io-adapter");

/** A socket of any types, where they do not matter. */
export type AnySocket = Socket<Anything, Anything, Anything, Anything>;

/** An event on its way to its listeners: its name, then its arguments. */
export type Event = [name: string, ...args: Anything[]];

/** Runs before the listeners of each event of a socket; `next(error)` keeps the event from them. */
export type SocketMiddleware = (event: Event, next: (error?: Error) => void) => void;

/** The events that the library emits on a socket. */
export interface SocketReservedEvents {
  /** The socket is about to leave its rooms. */
  disconnecting: (reason: DisconnectReason, description?: unknown) => void;
  /** The socket has left. */
  disconnect: (reason: DisconnectReason, description?: unknown) => void;
  /** A middleware kept an event back, or the connection received something undecodable. */
  error: (error: Error) => void;
}

interface EmitFlags extends SendFlags {
  timeout?: number;
}

/** A callback of `emitWithAck`: it takes an error first, though it may wait for ever. */
interface ErrorFirstCallback extends AckCallback {
  withError?: boolean;
}

/** Why a socket may have been lost without anybody wanting it. */
const RECOVERABLE: ReadonlySet<DisconnectReason> = new Set<DisconnectReason>([
  "transport error",
  "transport close",
  "forced close",
  "ping timeout",
  "server shutting down",
  "forced server close",
]);

const NO_FLAGS: EmitFlags = Object.freeze({});

/**
 * One client in one namespace.
 *
 * @typeParam A - the events that the client sends, or the application's whole event map
 * @typeParam B - the events that the server sends
 * @typeParam C - the events that servers send each other
 * @typeParam D - the type of `data`
 */
export class Socket<
  A extends EventsMap = DefaultEventsMap,
  B extends EventsMap = ServerToClient<A>,
  C extends EventsMap = InterServer<A>,
  D = SocketData<A>,
>
  extends CatchAllEmitter<ClientToServer<A>, B, SocketReservedEvents>
  implements LinkHandler, CompatibleSocket
{
  readonly nsp: Namespace<A, B, C, D>;
  readonly client: Client;
  /** Unguessable and public: it also names the room in which this socket is alone. */
  readonly id: SocketId;
  /** Whether the state of an earlier connection was recovered. */
  readonly recovered: boolean;
  /** @internal Unguessable and private: by it the client may recover. There if the server offers that. */
  readonly pid: PrivateSessionId | undefined;
  /** @internal Room 2. */
  readonly link: ServerLink;
  readonly #auth: Record<string, unknown>;
  readonly #issued: number = Date.now();
  #flags: EmitFlags = NO_FLAGS;
  #data: D | undefined;
  #handshake: Handshake | undefined;
  #middlewares: SocketMiddleware[] | undefined;

  /** @internal Sockets are made by their namespace. */
  constructor(
    nsp: Namespace<A, B, C, D>,
    client: Client,
    auth: Record<string, unknown>,
    restored: RestoredSession | undefined,
  ) {
    super();
    this.nsp = nsp;
    this.client = client;
    this.#auth = auth;
    this.recovered = restored !== undefined;
    const { revision } = client;
    this.id = restored ? restored.sid : revision.makeId(nsp.name, client.id);
    this.pid = restored ? restored.pid : nsp.server.recovery && revision.recovers ? generateId() : undefined;
    if (restored) {
      this.#data = restored.data as D;
    }
    this.link = new ServerLink(nsp.name, client.mux, this, nsp.ackIds);
  }

  // ── what is known ────────────────────────────────────────────────────────────────────────────────────────────

  /** Whatever the application wishes to keep with this socket; other nodes see it by `fetchSockets()`. */
  get data(): D {
    return (this.#data ??= {} as D);
  }

  set data(data: D) {
    this.#data = data;
  }

  /** How this socket came to be. */
  get handshake(): Handshake {
    return (this.#handshake ??= handshakeOf(this.client.record, this.#auth, this.#issued));
  }

  /** Whether the client is in the namespace; while `disconnecting` listeners run, it still is. */
  get connected(): boolean {
    return this.nsp.sockets.get(this.id) === this;
  }

  /** Whether the client is not in the namespace: not yet, or not any more. */
  get disconnected(): boolean {
    return !this.connected;
  }

  /** The rooms this socket is in; empty once it has left. */
  get rooms(): Set<Room> {
    return this.nsp.adapter.socketRooms(this.id) ?? new Set();
  }

  /** The request that began the connection. */
  get request(): IncomingMessage {
    return this.client.request;
  }

  /** The connection itself, which the client's sockets in other namespaces share. */
  get conn(): EngineSocket {
    return this.client.conn;
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends an event to this client. If the last argument is a function, it is called with the client's answer.
   *
   * @returns true
   * @throws if `event` is a reserved name
   * @example
   * ```ts
   * socket.emit("hello", "world", (answer) => console.log(answer));
   * ```
   */
  override emit<Name extends EventNames<B>>(event: Name, ...args: EventParams<B, Name>): boolean {
    const flags = this.#takeFlags();
    assertEmittable(event);
    const data = [event, ...(args as unknown[])] as EventData;
    const callback = data.length > 1 ? data[data.length - 1] : undefined;
    if (typeof callback === "function") {
      data.pop();
      const { timeout } = flags;
      const errorFirst = timeout !== undefined || (callback as ErrorFirstCallback).withError === true;
      this.link.emit(data, flags, callback as AckCallback, { errorFirst, timeout });
    } else if (this.pid !== undefined && this.link.state !== "connecting") {
      // The adapter keeps what a client may have to be sent again; it does not know one that is not let in yet.
      const { volatile, compress } = flags;
      const result = this.nsp.adapter.broadcast(
        { type: PacketType.EVENT, data },
        { rooms: new Set([this.id]), except: new Set(), flags: { volatile, compress } },
      );
      this.nsp.watchAdapter(result);
    } else {
      this.link.emit(data, flags);
    }
    return true;
  }

  /**
   * Sends an event and resolves with the client's answer.
   *
   * @returns the first argument of the answer; rejects when `timeout()` is over, or when the socket disconnects first
   * @throws if `event` is a reserved name
   */
  emitWithAck<Name extends EventNamesWithAck<B>>(
    event: Name,
    ...args: AllButLast<EventParams<B, Name>>
  ): Promise<FirstNonErrorArg<Last<EventParams<B, Name>>>> {
    const flags = this.#takeFlags();
    assertEmittable(event);
    this.#flags = flags;
    return new Promise((resolve, reject) => {
      const callback: ErrorFirstCallback = (error, answer) => {
        if (error) {
          reject(error as Error);
        } else {
          resolve(answer as FirstNonErrorArg<Last<EventParams<B, Name>>>);
        }
      };
      callback.withError = true;
      // By the public method: what others have put around it is to see this event, too.
      this.emit(event, ...([...(args as unknown[]), callback] as EventParams<B, Name>));
    });
  }

  /** Sends a `message` event. */
  send(...args: EventParams<B, "message">): this {
    this.emit("message" as EventNames<B>, ...(args as EventParams<B, EventNames<B>>));
    return this;
  }

  /** Same as {@link send}. */
  write(...args: EventParams<B, "message">): this {
    return this.send(...args);
  }

  /** The next event may be lost if the client can't take it at once. */
  get volatile(): this {
    this.#flags = { ...this.#flags, volatile: true };
    return this;
  }

  /**
   * Whether the transport may compress the next event.
   *
   * @param compress - default of an event: true
   */
  compress(compress: boolean): this {
    this.#flags = { ...this.#flags, compress };
    return this;
  }

  /**
   * How long the next event waits for its acknowledgement, whose callback then takes an error first.
   *
   * @param timeout - milliseconds
   */
  timeout(timeout: number): Socket<A, DecorateAcknowledgements<B>, C, D> {
    this.#flags = { ...this.#flags, timeout };
    return this as unknown as Socket<A, DecorateAcknowledgements<B>, C, D>;
  }

  // ── broadcasting ─────────────────────────────────────────────────────────────────────────────────────────────

  /** To everybody in `room` but this socket. */
  to(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.#others().to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.to(room);
  }

  /** To everybody but this socket and those in `room`. */
  except(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.#others().except(room);
  }

  /** To everybody but this socket. */
  get broadcast(): BroadcastOperator<B, D> {
    return this.#others();
  }

  /** To everybody on this node but this socket. */
  get local(): BroadcastOperator<B, D> {
    return this.#others().local;
  }

  #others(): BroadcastOperator<B, D> {
    const flags = this.#takeFlags();
    return new BroadcastOperator<B, D>(this.nsp, new Set<Room>(), new Set([this.id]), flags);
  }

  // ── rooms ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Joins rooms.
   *
   * @param room - a room, or several
   * @param joined - called once it is done, as in Socket.IO 2
   * @returns a promise if the adapter takes its time
   */
  join(room: Room | Room[], joined?: (error: Error | null) => void): Promise<void> | void {
    debugRooms("%s joins %o", this.id, room);
    // A socket that has left must not come back into rooms by an answer that was slow.
    const result =
      this.link.state === "closed"
        ? undefined
        : this.nsp.adapter.addAll(this.id, new Set(Array.isArray(room) ? room : [room]));
    return this.#settle(result, joined);
  }

  /**
   * Leaves a room.
   *
   * @param left - called once it is done, as in Socket.IO 2
   */
  leave(room: Room, left?: (error: Error | null) => void): Promise<void> | void {
    debugRooms("%s leaves %o", this.id, room);
    return this.#settle(this.nsp.adapter.del(this.id, room), left);
  }

  #settle(result: Promise<void> | void, callback: ((error: Error | null) => void) | undefined): Promise<void> | void {
    if (callback) {
      const report = (error: unknown): void => this.onUserError(error, "adapter");
      Promise.resolve(result)
        .then(
          () => callback(null),
          (error: unknown) => callback(error as Error),
        )
        .catch(report);
    }
    return result;
  }

  /**
   * Leaves the namespace, telling the client so.
   *
   * @param close - whether to close the whole connection, with the client's sockets in other namespaces. Default: false
   */
  disconnect(close = false): this {
    if (close && this.link.state === "connected") {
      this.client.disconnect();
    } else {
      this.link.disconnect();
    }
    return this;
  }

  // ── watching ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Adds a middleware that runs before the listeners of each event that arrives. */
  use(middleware: SocketMiddleware): this {
    (this.#middlewares ??= []).push(middleware);
    return this;
  }

  // ── what the rooms below tell ────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  onLinkEvent(data: EventData, ack: AckFunction | undefined): void {
    if (debug.enabled) {
      debug("%s received %o", this.id, data);
    }
    const event = (ack ? [...data, ack] : data) as Event;
    if (this.watchesIncoming) {
      this.notifyIncoming(event, this.nsp.userErrors, { phase: "event", socket: this, event: event[0] });
    }
    if (!this.#middlewares) {
      this.#dispatch(event);
      return;
    }
    const run = (middleware: SocketMiddleware, next: (error?: unknown) => void): unknown => middleware(event, next);
    const done = (error?: unknown): void => {
      if (error) {
        debug("%s: a middleware keeps %o back: %o", this.id, event[0], (error as Error).message);
        this.onConnectionError(error as Error);
      } else if (this.link.state === "connected") {
        this.#dispatch(event);
      }
    };
    const context = { phase: "middleware", socket: this, event: event[0] } as const;
    runChain(this.#middlewares, run, done, this.nsp.userErrors, context);
  }

  #dispatch(event: Event): void {
    const name = event[0];
    if (name === "error" && this.listenerCount("error") === 0) {
      // Node's emitter would throw; a client must not be able to bring that about.
      return;
    }
    try {
      this.emitUntyped(...event);
    } catch (error) {
      this.onUserError(error, "event", name);
    }
  }

  /** @internal */
  onLinkOutgoing(data: EventData): void {
    if (debug.enabled) {
      debug("%s is sent %o", this.id, data);
    }
    if (this.watchesOutgoing) {
      this.notifyOutgoing(data, this.nsp.userErrors, { phase: "event", socket: this, event: data[0] });
    }
  }

  /**
   * @internal The socket is let in: what it missed leaves first, then CONNECT. (The client delivers what came before
   * CONNECT once that is there.)
   */
  start(restored: RestoredSession | undefined): void {
    for (const data of restored?.missedPackets ?? []) {
      this.nsp.callAdapter(() => this.link.replay(data as EventData));
    }
    const { id: sid, pid } = this;
    this.link.accept(this.client.revision.reply(pid === undefined ? { sid } : { sid, pid }));
  }

  #persist(reason: DisconnectReason): void {
    if (this.pid !== undefined && RECOVERABLE.has(reason)) {
      const { id: sid, pid, data, rooms } = this;
      debugRooms("%s may come back to %o", sid, rooms);
      this.nsp.callAdapter(() => this.nsp.adapter.persistSession({ sid, pid, data, rooms: [...rooms] }));
    }
  }

  /** @internal */
  onLinkClose(reason: DisconnectReason, cause?: Error): void {
    debug("%s has left %o: %s", this.id, this.nsp.name, reason);
    const { connected } = this;
    this.client.mux.detach(this.link);
    if (connected) {
      this.#tell("disconnecting", reason, cause);
      this.#persist(reason);
    }
    this.nsp.callAdapter(() => this.nsp.adapter.delAll(this.id));
    this.client.remove(this);
    this.nsp.remove(this);
    if (connected) {
      this.#tell("disconnect", reason, cause);
    }
    this.nsp.onSocketGone();
  }

  #tell(event: "disconnecting" | "disconnect", reason: DisconnectReason, cause: Error | undefined): void {
    try {
      this.emitReserved(event, reason, cause);
    } catch (error) {
      this.onUserError(error, "disconnect", event);
    }
  }

  /** @internal */
  onAckResult(result: unknown): void {
    this.nsp.userErrors.watch({ phase: "acknowledgement", socket: this }, result);
  }

  /** @internal */
  onUserError(error: unknown, phase: UserCodePhase, event?: string | number): void {
    this.nsp.userErrors.report(error, { phase, socket: this, event });
  }

  /** @internal */
  override onRejection(error: unknown, event: string): void {
    this.nsp.userErrors.reportRejection(error, { phase: "event", socket: this, event });
  }

  /** @internal An event was kept back, or the connection received something undecodable. */
  onConnectionError(error: Error): void {
    if (this.listenerCount("error") > 0) {
      try {
        this.emitReserved("error", error);
      } catch (listenerError) {
        this.onUserError(listenerError, "event", "error");
      }
    }
  }

  // ── what the adapter asks ────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  deliver(broadcast: PreparedBroadcast): void {
    const { session } = this.client.mux;
    if (this.link.state !== "connected" || (broadcast.volatile && !session.writable)) {
      return;
    }
    this.onLinkOutgoing(broadcast.packet.data);
    for (const packet of broadcast.enginePackets) {
      session.sendPacket(packet);
    }
  }

  /** @internal */
  awaitAck(id: number, ack: AckCallback, timeout: number | undefined): void {
    this.link.acks.register(id, ack, { errorFirst: false, timeout });
  }

  // ── what packages written for Socket.IO reach for ────────────────────────────────────────────────────────────────

  /** @internal */
  get server(): Server<A, B, C, D> {
    return this.nsp.server;
  }

  /** @internal */
  leaveAll(): void {
    this.nsp.adapter.delAll(this.id);
  }

  /** @internal */
  get acks(): AckMap {
    return new AckTable(this.link.acks);
  }

  /** @internal */
  get adapter(): AdapterLike {
    return this.nsp.adapter;
  }

  /** @internal */
  notifyOutgoingListeners({ data }: Pick<EventPacket, "data">): void {
    this.onLinkOutgoing(data);
  }

  #takeFlags(): EmitFlags {
    const flags = this.#flags;
    this.#flags = NO_FLAGS;
    return flags;
  }
}

// Instrumentation patches what it finds on this prototype itself.
inheritAsOwn(Socket.prototype, "on");
