import type { ClientToServer, CloseReason, DefaultEventsMap, EventsMap } from "@hawser/core";
import type { Packet } from "@hawser/parser";
import { runtime as platform } from "#runtime";
import { Connection, type ConnectionHandler, type ConnectionState } from "./connection.ts";
import type { Engine } from "./engine.ts";
import { Environment } from "./environment.ts";
import type { ManagerOptions, SocketOptions } from "./options.ts";
import { Reconnection, type ReconnectionPort } from "./reconnection.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { Socket, type DisconnectDescription } from "./socket.ts";
import { chooseTransports } from "./transports/choose.ts";
import { Uplink } from "./uplink.ts";
import { resolveEndpoint } from "./url.ts";
import { GuardedEmitter } from "./user-code.ts";

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
  /** As given; what is changed here applies from the next connection on. */
  opts: ManagerOptions;
  /** @internal */ readonly $uplink: Uplink;
  /** @internal */ readonly $autoConnect: boolean;
  /** @internal */ readonly $sockets: Map<string, Socket<A, B>> = new Map<string, Socket<A, B>>();
  private readonly $environment: Environment;
  private readonly $uri: string | undefined;
  private readonly $reconnection: Reconnection;
  private $timeout: number | false;
  private $connection: Connection | undefined;
  private $onOpened: ((error?: Error) => void) | undefined;

  /**
   * @param uri - the server. Default: the one that the page came from
   * @param opts - how to behave
   */
  constructor(uri?: string | ManagerOptions, opts?: ManagerOptions, runtime: Runtime = platform) {
    const options = (typeof uri === "object" ? uri : opts) ?? {};
    const clock = runtime.createClock(options.autoUnref === true);
    super(clock);
    this.opts = options;
    this.$uri = typeof uri === "object" ? undefined : uri;
    this.$environment = new Environment(runtime, clock);
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

  /** The present connection, or the last one; `undefined` before the first. */
  get engine(): Engine | undefined {
    return this.$connection?.engine;
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
    return this.$setting(this.$reconnection, "maxAttempts", attempts);
  }

  /** How long to wait before the first attempt, in milliseconds. */
  reconnectionDelay(): number;
  reconnectionDelay(delay: number): this;
  reconnectionDelay(delay?: number): this | number {
    return this.$setting(this.$reconnection.backoff, "min", delay);
  }

  /** The longest wait between attempts, in milliseconds. */
  reconnectionDelayMax(): number;
  reconnectionDelayMax(delay: number): this;
  reconnectionDelayMax(delay?: number): this | number {
    return this.$setting(this.$reconnection.backoff, "max", delay);
  }

  /** How far a wait strays up or down, as a fraction of itself. */
  randomizationFactor(): number;
  randomizationFactor(factor: number): this;
  randomizationFactor(factor?: number): this | number {
    return this.$setting(this.$reconnection.backoff, "jitter", factor);
  }

  /** How long connecting may take, in milliseconds; `false` for ever. */
  timeout(): number | boolean;
  timeout(timeout: number | boolean): this;
  timeout(timeout?: number | boolean): this | number | boolean {
    return this.$setting(this as unknown as { $timeout: number | boolean }, "$timeout", timeout);
  }

  private $setting<Name extends string, Value>(
    owner: Record<Name, Value>,
    name: Name,
    value: Value | undefined,
  ): this | Value {
    if (value === undefined) {
      return owner[name];
    }
    owner[name] = value;
    return this;
  }
