import {
  ENGINE_PROTOCOL,
  failure,
  messageData,
  SentCallbacks,
  type CloseReason,
  type EngineData,
  type EnginePacket,
  type SessionState,
  type Transport,
} from "@hawser/core";
import { runtime as platform } from "#runtime";
import { Environment } from "../environment.ts";
import type { EngineOptions } from "../options.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { TransportConstructor } from "../transports/transport-context.ts";
import { parseUri, serverUri, type Uri } from "../url.ts";
import { EngineConnection } from "./connection.ts";
import { Engine } from "./engine.ts";
import { RawConnection } from "./raw-connection.ts";

/** How a {@link Socket} connects. */
export interface SocketOptions extends EngineOptions {
  /** Same as `transports`, for classes only. */
  transportImplementations?: readonly TransportConstructor[] | undefined;
  /** How long the handshake may take, in milliseconds; `false` for ever. Default: 20000 */
  timeout?: number | false | undefined;
}

/** How a message is sent. */
export interface WriteOptions {
  /** Whether the transport may compress it. Default: true */
  compress?: boolean | undefined;
}

const DEFAULT_PATH = "/engine.io";

const DEFAULT_TIMEOUT = 20_000;

/** What the options are where they are not given. */
const DEFAULTS = {
  agent: false,
  withCredentials: false,
  upgrade: true,
  timestampParam: "t",
  rememberUpgrade: false,
  addTrailingSlash: true,
  rejectUnauthorized: true,
  perMessageDeflate: { threshold: 1024 },
  transportOptions: {},
  closeOnBeforeunload: false,
} satisfies SocketOptions;

/**
 * A connection to an engine by itself: it carries messages, text or binary, in order. It opens when it is made, and does not come back
 * when it is lost. What happens to it is told at once.
 *
 * @example
 * ```ts
 * const socket = new Socket("http://localhost:3000");
 * socket.on("open", () => socket.send("hello"));
 * socket.on("message", (data) => console.log(data));
 * ```
 */
export class Socket extends Engine {
  /** The revision of the Engine.IO protocol. */
  static readonly protocol: number = ENGINE_PROTOCOL;
  /** The options as they are in force. */
  readonly opts: SocketOptions;
  /** The server's host; an IPv6 address without its brackets. */
  readonly hostname: string;
  /** The server's port. */
  readonly port: string;
  /** Whether TLS is used. */
  readonly secure: boolean;
  /** Whether the connection is moving to another transport, and what is sent waits for that. */
  upgrading = false;
  declare protected readonly $connection: RawConnection;
  /** Called when what was sent has left. */
  private $sent: SentCallbacks<() => void> | undefined;
  /** The transports that are being tried. */
  private $candidates: Transport[] = [];

  /**
   * @param uri - the server; its path is of no account. Default: what the options say, or else where the page came from
   * @param opts - how to connect. They may come first
   * @param runtime - the platform, where it is not the one that this package was built for
   * @throws Error if `uri` is longer than 8000 characters, or if both `transports` and `transportImplementations` are given
   */
  constructor(uri?: string | SocketOptions | null, opts?: SocketOptions, runtime: Runtime = platform) {
    const given = (typeof uri === "object" ? uri : opts) ?? {};
    const { transports, transportImplementations, timeout = DEFAULT_TIMEOUT } = given;
    if (transports && transportImplementations) {
      throw new Error("the options `transports` and `transportImplementations` exclude each other");
    }
    const server = locate(typeof uri === "string" ? uri : "", given, runtime);
    const path = (given.path ?? DEFAULT_PATH).replace(/\/$/, "");
    const { secure, port } = server;
    const hostname = server.hostname.replace(/^\[|\]$/g, "");
    const options: SocketOptions = {
      ...DEFAULTS,
      ...given,
      transports: transportImplementations ?? transports,
      hostname,
      port,
      secure,
      path: given.addTrailingSlash === false ? path : `${path}/`,
    };
    const environment = new Environment(runtime, runtime.createClock(options));
    const patience = timeout === false ? Infinity : timeout;
    super(new RawConnection(environment, server, options, patience));
    this.$connection.engine = this;
    this.opts = options;
    this.hostname = hostname;
    this.port = port;
    this.secure = secure;
  }

  /** The names of the transports that may be used, those that have failed no more; the first one is where the connection begins. */
  get transports(): string[] {
    return this.$connection.transports;
  }

  /** Whether the latest connection ended up on a WebSocket, which `rememberUpgrade` goes by. */
  static get priorWebsocketSuccess(): boolean {
    return EngineConnection.$reachedWebSocket;
  }

  static set priorWebsocketSuccess(reached: boolean) {
    EngineConnection.$reachedWebSocket = reached;
  }

  override get readyState(): SessionState {
    return this.$connection.state === "closed" ? "closed" : super.readyState;
  }

  /** The names of the transports to which the connection may move. */
  get upgrades(): string[] {
    return this.$session.handshake?.upgrades.filter((name) => this.transports.includes(name)) ?? [];
  }

  /**
   * Sends a message, as soon as the connection is open. Ignored when it is closing or closed.
   *
   * @param data - text or binary data; of anything else its text is sent
   * @param options - how to send it. May be left out
   * @param sent - called when it has left, or as soon as the next one may; never, if the connection ends before
   * @throws TypeError if `data` has no text, as a symbol has none
   */
  send(data: EngineData, options?: WriteOptions | (() => void) | null, sent?: () => void): this {
    if (typeof data === "function") {
      return this.send(undefined as never, data);
    }
    const [wishes, callback] = typeof options === "function" ? [undefined, options] : [options, sent];
    const { readyState } = this;
    if (readyState === "opening" || readyState === "open") {
      const message = messageData(data);
      if (callback) {
        this.$sent ??= new SentCallbacks(this.writeBuffer.length);
        this.$sent.add(callback);
      }
      this.$session.sendPacket({ type: "message", data: message, options: { compress: wishes?.compress !== false } });
    }
    return this;
  }

  /** Same as {@link send}. */
  write(data: EngineData, options?: WriteOptions | (() => void) | null, sent?: () => void): this {
    return this.send(data, options, sent);
  }

  /** Whether the server's heartbeat is overdue although no timer has said so yet; the connection ends then. */
  _hasPingExpired(): boolean {
    return this.readyState === "open" && !this.$session.alive();
  }

  /** @internal */
  override onPacketCreate(packet: EnginePacket): EnginePacket {
    this.$sent?.countPacket();
    // Those of the library's own have none, and are everybody's.
    const own = packet.options ? packet : { ...packet, options: { compress: true } };
    super.onPacketCreate(own);
    return own;
  }

  /** @internal */
  override onFlush(): void {
    this.$callBack();
    super.onFlush();
  }

  /** @internal */
  override onDrain(): void {
    this.$callBack();
    super.onDrain();
  }

  /** Tells who asked of messages that have left. */
  private $callBack(): void {
    for (const callback of this.$sent?.take(this.writeBuffer.length) ?? []) {
      try {
        callback();
      } catch (error) {
        this.onUserError(error);
      }
    }
  }

  /** @internal */
  override onClose(reason: CloseReason, cause?: Error): void {
    super.onClose(reason, cause);
    for (const { name } of this.$candidates) {
      this.emitReserved("upgradeError", Object.assign(failure("ERR_UPGRADE"), { transport: name }));
    }
  }

  /** @internal */
  override onUpgrading(candidate: Transport): void {
    // Told when it is more than an attempt.
    this.$candidates.push(candidate);
  }

  /** @internal */
  onUpgradeChosen(candidate: Transport): void {
    this.upgrading = true;
    this.$candidates = [candidate];
    super.onUpgrading(candidate);
  }

  /** @internal */
  override onUpgrade(transport: Transport): void {
    this.upgrading = false;
    this.$candidates = [];
    super.onUpgrade(transport);
  }

  /** @internal */
  override onUpgradeError(candidate: Transport, error: Error): void {
    this.upgrading = false;
    this.$candidates = this.$candidates.filter((other) => other !== candidate);
    super.onUpgradeError(candidate, error);
  }
}

/** The server that the URI names, or the options, or else the page. */
function locate(uri: string, { host, hostname, port, secure }: SocketOptions, { location }: Runtime): Uri {
  const named = parseUri(uri);
  if (named.hostname) {
    return named;
  }
  // An IPv6 address need not stand in brackets here.
  const bracketed = (host ?? hostname)?.replace(/^[^[]*:.*:.*$/, "[$&]");
  return { ...parseUri(serverUri({ hostname: bracketed, port, secure }, location)), query: named.query };
}

/** A {@link Socket}, by another name of Socket.IO's. */
export const SocketWithUpgrade: typeof Socket = Socket;

/** A {@link Socket} that stays on the transport with which it begins. */
export class SocketWithoutUpgrade extends Socket {
  /**
   * @param uri - the server
   * @param opts - how to connect. They may come first
   */
  constructor(uri?: string | SocketOptions | null, opts?: SocketOptions) {
    const options = (typeof uri === "object" ? uri : opts) ?? {};
    super(typeof uri === "string" ? uri : undefined, { ...options, upgrade: false });
  }
}
