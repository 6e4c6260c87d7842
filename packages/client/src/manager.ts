import {
  codecOf,
  type ClientToServer,
  type CloseReason,
  type DefaultEventsMap,
  type EventsMap,
  type MuxSettings,
  type NamespaceEvents,
  type NamespaceNames,
} from "@hawser/core";
import type { Packet } from "@hawser/parser";
import { runtime as platform } from "#runtime";
import { debugFor } from "./debug.ts";
import { Connection, type ConnectionHandler } from "./connection.ts";
import { DEFAULT_CODEC } from "./default-codec.ts";
import type { ConnectionState } from "./engine/connection.ts";
import type { Engine } from "./engine/engine.ts";
import { Environment } from "./environment.ts";
import type { ManagerOptions, SocketOptions } from "./options.ts";
import { Reconnection, type ReconnectionPort } from "./reconnection.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { Socket, type DisconnectDescription } from "./socket.ts";
import { Uplink } from "./uplink.ts";
import { parseUri, serverUri } from "./url.ts";
import { GuardedEmitter } from "./user-code.ts";

const debug = debugFor("manager", "socket.io-client:manager");

/** The events of a Manager. */
export interface ManagerReservedEvents {
  /** The connection is open. Each socket's own `connect` follows when the server has let it in. */
  open: () => void;
  /** The connection failed, or could not be made. */
  error: (err: Error) => void;
  /** The server sent its heartbeat. */
  ping: () => void;
  /** A packet arrived, for whichever socket. */
  packet: (packet: Packet) => void;
  /** The connection is over. */
  close: (reason: string, description?: DisconnectDescription) => void;
  /** All attempts to connect again have failed. */
  reconnect_failed: () => void;
  /** An attempt to connect again begins, the first one being 1. */
  reconnect_attempt: (attempt: number) => void;
  /** An attempt to connect again has failed. */
  reconnect_error: (err: Error) => void;
  /** The connection is back, after so many attempts. */
  reconnect: (attempt: number) => void;
}

/** The path of the HTTP requests. */
export const DEFAULT_PATH = "/socket.io";

const DEFAULT_TIMEOUT = 20_000;
const DEFAULT_DELAY = 1000;
const DEFAULT_DELAY_MAX = 5000;
const DEFAULT_RANDOMIZATION = 0.5;

/**
 * The connection to one server, which it keeps up, and the sockets that share it: one for each namespace.
 *
 * @typeParam A - the application's events, as a single map or as those that the server emits
 * @typeParam B - the events that the client emits
 */
export class Manager<A extends EventsMap = DefaultEventsMap, B extends EventsMap = ClientToServer<A>>
  extends GuardedEmitter<{}, {}, ManagerReservedEvents>
  implements ConnectionHandler, ReconnectionPort
{
  /** How to connect; what is changed here applies from the next connection on. */
  opts: ManagerOptions;
  /** The server, as it was given. */
  readonly uri: string | undefined;
  /** @internal */ readonly $uplink: Uplink;
  /** @internal */ readonly $autoConnect: boolean;
  /** @internal */ readonly $sockets: Map<string, Socket<A, B>> = new Map<string, Socket<A, B>>();
  private readonly $environment: Environment & MuxSettings;
  private readonly $reconnection: Reconnection;
  private $timeout: number | boolean;
  private $connection: Connection | undefined;
  private $onOpened: ((error?: Error) => void) | undefined;

  /**
   * @param uri - the server. Default: the one that the page came from
   * @param opts - how to behave
   * @param runtime - the platform, where it is not the one that this package was built for
   */
  constructor(uri?: string | ManagerOptions, opts?: ManagerOptions, runtime: Runtime = platform) {
    const options = (typeof uri === "object" ? uri : opts) ?? {};
    const clock = runtime.createClock(options);
    super(clock);
    this.opts = { ...options, path: options.path || DEFAULT_PATH };
    this.uri = typeof uri === "object" ? undefined : uri;
    const codec = options.parser ? codecOf(options.parser) : DEFAULT_CODEC;
    this.$environment = Object.assign(new Environment(runtime, clock), { codec });
    const { deadlines } = this.$environment;
    this.$uplink = new Uplink(deadlines);
    this.$timeout = options.timeout ?? DEFAULT_TIMEOUT;
    this.$autoConnect = options.autoConnect !== false;
    this.$reconnection = new Reconnection(
      deadlines,
      this,
      options.reconnection !== false,
      options.reconnectionAttempts || Infinity,
      {
        min: options.reconnectionDelay || DEFAULT_DELAY,
        max: options.reconnectionDelayMax || DEFAULT_DELAY_MAX,
        jitter: options.randomizationFactor ?? DEFAULT_RANDOMIZATION,
        random: Math.random,
      },
    );
    if (this.$autoConnect) {
      this.open();
    }
  }

  /** The present connection, or the last one. There is none, although its type is silent on that, before the first `open()`. */
  get engine(): Engine {
    return this.$connection?.engine as Engine;
  }

  /** @internal */
  get _readyState(): ConnectionState {
    return this.$connection?.state ?? "closed";
  }

  // ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether to connect again when the connection is lost or can't be made. */
  reconnection(): boolean;
  reconnection(enabled: boolean): this;
  reconnection(enabled?: boolean): this | boolean {
    const reconnection = this.$reconnection;
    if (enabled === undefined) {
      return reconnection.enabled;
    }
    reconnection.enabled = enabled;
    if (!enabled && reconnection.state === "waiting") {
      reconnection.stop();
    }
    return this;
  }

  /** How often to try before giving up. */
  reconnectionAttempts(): number;
  reconnectionAttempts(attempts: number): this;
  reconnectionAttempts(attempts?: number): this | number {
    if (attempts === undefined) {
      return this.$reconnection.maxAttempts;
    }
    this.$reconnection.maxAttempts = attempts;
    return this;
  }

  /** How long to wait before the first attempt, in milliseconds. */
  reconnectionDelay(): number;
  reconnectionDelay(delay: number): this;
  reconnectionDelay(delay?: number): this | number {
    if (delay === undefined) {
      return this.$reconnection.backoff.min;
    }
    this.$reconnection.backoff.min = delay;
    return this;
  }

  /** The longest wait between attempts, in milliseconds. */
  reconnectionDelayMax(): number;
  reconnectionDelayMax(delay: number): this;
  reconnectionDelayMax(delay?: number): this | number {
    if (delay === undefined) {
      return this.$reconnection.backoff.max;
    }
    this.$reconnection.backoff.max = delay;
    return this;
  }

  /** How far a wait strays up or down, as a fraction of itself. */
  randomizationFactor(): number;
  randomizationFactor(factor: number): this;
  randomizationFactor(factor?: number): this | number {
    if (factor === undefined) {
      return this.$reconnection.backoff.jitter;
    }
    this.$reconnection.backoff.jitter = factor;
    return this;
  }

  /** How long connecting may take, in milliseconds; `false` for ever. */
  timeout(): number | boolean;
  timeout(timeout: number | boolean): this;
  timeout(timeout?: number | boolean): this | number | boolean {
    if (timeout === undefined) {
      return this.$timeout;
    }
    this.$timeout = timeout;
    return this;
  }

  // ── connecting ───────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Connects, unless that is done or being done. Without a callback, a failure is followed by attempts to reconnect.
   *
   * @param callback - called once, with the error if connecting fails
   */
  open(callback?: (error?: Error) => void): this {
    if (this._readyState !== "closed") {
      return this;
    }
    debug("opening %o", this.uri);
    const { runtime } = this.$environment;
    this.$onOpened = callback;
    this.$reconnection.begin();
    // A host alone is enough here, and means plain HTTP.
    const uri = parseUri(this.uri ?? serverUri(this.opts, runtime.location));
    const timeout = this.$timeout === false ? Infinity : Number(this.$timeout);
    this.$connection = new Connection(this.$environment, this, uri, this.opts, timeout);
    this.$uplink.mux = this.$connection.mux;
    return this;
  }

  /** Same as `open`. */
  connect(callback?: (error?: Error) => void): this {
    return this.open(callback);
  }

  /**
   * The socket of a namespace. One that exists already is connected again, if it is not and `autoConnect` is on.
   *
   * Its events are those that the Manager's map has for that name, or else the Manager's own. Others can be given:
   * `manager.socket<AdminEvents>("/admin")`.
   *
   * @param nsp - the namespace, beginning with a slash
   * @param opts - how the socket behaves, if it is made now
   */
  socket<Name extends NamespaceNames<A>>(nsp: Name, opts?: SocketOptions): Socket<NamespaceEvents<A, Name>>;
  socket(nsp: string, opts?: SocketOptions): Socket<A, B>;
  socket<A2 extends EventsMap, B2 extends EventsMap = ClientToServer<A2>>(
    nsp: string,
    opts?: SocketOptions,
  ): Socket<A2, B2>;
  // Once more: `ReturnType` looks at the last one, and so do the compiler's complaints.
  socket(nsp: string, opts?: SocketOptions): Socket<A, B>;
  socket(nsp: string, opts?: SocketOptions): Socket<A, B> {
    let socket = this.$sockets.get(nsp);
    if (!socket) {
      socket = new Socket<A, B>(this, nsp, opts);
      this.$sockets.set(nsp, socket);
    }
    if (this.$autoConnect && !socket.active) {
      socket.connect();
    }
    return socket;
  }

  /** Closes the connection, and does not open it again unless told to. */
  _close(): void {
    debug("closing");
    this.$reconnection.stop();
    this.$uplink.mux = undefined;
    this.$connection?.close();
    this.emitReserved("close", "forced close", undefined);
  }

  // ── what the sockets ask ─────────────────────────────────────────────────────────────────────────────────────

  /** @internal `socket` wants to be connected: now, or as soon as the connection is open. */
  $enter(socket: Socket<A, B>): void {
    const { state } = this.$reconnection;
    if (state !== "waiting" && state !== "attempting") {
      this.open();
    }
    if (this._readyState === "open") {
      this.$join(socket);
    }
  }

  /** @internal A socket has become inactive. The last one closes the connection. */
  $leave(): void {
    for (const socket of this.$sockets.values()) {
      if (socket.active) {
        return;
      }
    }
    this._close();
  }

  private $join(socket: Socket<A, B>): void {
    this.$connection?.mux.links.set(socket.nsp, socket.$link);
    socket.$join();
  }

  /** The sockets that take part, as of now: their listeners may change that. */
  private $active(): Socket<A, B>[] {
    return [...this.$sockets.values()].filter((socket) => socket.active);
  }

  // ── what the connection tells ────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  onConnectionOpen(): void {
    debug("open");
    const attempts = this.$reconnection.succeed();
    for (const socket of this.$active()) {
      this.$join(socket);
    }
    this.emitReserved("open");
    this.$settle();
    if (attempts !== undefined) {
      this.emitReserved("reconnect", attempts);
    }
  }

  /** @internal */
  onConnectionPing(): void {
    this.emitReserved("ping");
  }

  /** @internal */
  onConnectionPacket(packet: Packet): void {
    this.emitReserved("packet", packet);
  }

  /** @internal */
  onConnectionError(error: Error): void {
    this.emitReserved("error", error);
  }

  /** @internal */
  onConnectionClose(reason: CloseReason, cause: Error | undefined, wasOpen: boolean): void {
    debug("%s: %s (%s)", wasOpen ? "lost" : "not opened", reason, cause?.message ?? "no error");
    if (!wasOpen) {
      this.$onFailure(cause ?? new Error(reason));
      return;
    }
    this.emitReserved("close", reason, cause);
    // A listener may have opened the next connection already.
    if (this._readyState === "closed") {
      this.$reconnection.lost();
    }
  }

  private $onFailure(error: Error): void {
    for (const socket of this.$active()) {
      socket.$onConnectError(error);
    }
    this.emitReserved("error", error);
    const { state } = this.$reconnection;
    const settled = this.$settle(error);
    if (settled && state === "watching") {
      // Whoever is told in person decides what to do.
      this.$reconnection.stop();
    } else if (this._readyState === "closed") {
      this.$reconnection.lost();
    }
    if (state === "attempting") {
      this.emitReserved("reconnect_error", error);
    }
  }

  /** Tells whoever opened the connection what has become of it; returns false if nobody wanted to know. */
  private $settle(error?: Error): boolean {
    const callback = this.$onOpened;
    this.$onOpened = undefined;
    try {
      callback?.(error);
    } catch (thrown) {
      this.onUserError(thrown);
    }
    return callback !== undefined;
  }

  // ── what the reconnection tells ──────────────────────────────────────────────────────────────────────────────

  /** @internal */
  onReconnectAttempt(attempt: number): void {
    this.emitReserved("reconnect_attempt", attempt);
    // A listener may have changed its mind.
    if (this.$reconnection.state === "attempting") {
      this.open();
    }
  }

  /** @internal */
  onReconnectGivenUp(): void {
    debug("gives up");
    this.emitReserved("reconnect_failed");
  }
}
