import {
  DEAF,
  type BinaryType,
  type Clock,
  type CloseReason,
  type Handshake,
  type Session,
  type SessionObserver,
  type Transport,
} from "@hawser/core";
import { debugFor } from "../debug.ts";
import type { Environment } from "../environment.ts";
import type { EngineOptions } from "../options.ts";
import type { Network } from "../runtime/runtime.ts";
import { TransportError } from "../transport-error.ts";
import { chooseTransports } from "../transports/choose.ts";
import { Probes } from "../transports/probes.ts";
import type { TransportConstructor, TransportContext } from "../transports/transport-context.ts";
import { Trial } from "../transports/trial.ts";
import { requestUrl, serverAddress, type Uri } from "../url.ts";
import type { Engine } from "./engine.ts";

/** `closed` as soon as whoever made the connection has been told, or has closed it. */
export type ConnectionState = "opening" | "open" | "closed";

const debug = debugFor("engine", "engine.io-client:socket");

/**
 * One connection to the server: the transports that its session begins with and moves to, and what the page has to say. What is above
 * the session is a subclass's: the sockets of a Manager, or the application itself.
 */
export abstract class EngineConnection implements SessionObserver, TransportContext {
  /** Whether the latest connection of this page or process ended up on a WebSocket. */
  static $reachedWebSocket = false;
  readonly network: Network;
  readonly clock: Clock;
  binaryType: BinaryType;
  /** Made by the subclass, on the first transport. */
  abstract readonly session: Session;
  protected readonly $environment: Environment;
  protected $state: ConnectionState = "opening";
  protected $engine: Engine | undefined;
  private readonly $uri: Uri;
  private readonly $options: EngineOptions;
  /** Those that may be used, by name; the first one is where the session begins. */
  protected readonly $transports: Map<string, TransportConstructor>;
  private $trial: Trial | undefined;
  private $probes: Probes | undefined;
  private $stopListening!: (() => void)[];

  constructor(environment: Environment, uri: Uri, options: EngineOptions) {
    const { runtime } = environment;
    this.$environment = environment;
    this.$uri = uri;
    this.$options = options;
    this.$transports = chooseTransports(options);
    this.clock = environment.clock;
    this.binaryType = runtime.binaryType;
    this.network = runtime.createNetwork();
  }

  /** Follows the session at once where it has ended, although it may be told later. */
  get state(): ConnectionState {
    return this.session.state === "closed" ? "closed" : this.$state;
  }

  options(transport: string): EngineOptions {
    const options = this.$options;
    return { ...options, ...options.transportOptions?.[transport] };
  }

  get sid(): string {
    // The first transport is made before its session is.
    const session: Session | undefined = this.session;
    return session?.id ?? "";
  }

  url(scheme: "http" | "ws", transport: string): string {
    return requestUrl(this.$uri, this.options(transport), scheme, transport, this.sid);
  }

  address(transport: string): string {
    return serverAddress(this.$uri, this.options(transport), "https");
  }

  // ── what the session tells ───────────────────────────────────────────────────────────────────────────────────

  abstract onHeartbeat(): void;

  onUpgrade(transport: Transport): void {
    debug("moved to %s", transport.name);
    EngineConnection.$reachedWebSocket = transport.name === "websocket";
    this.$probes?.stop();
  }

  onUpgradeError(candidate: Transport, error: Error): void {
    debug("not moved to %s: %s", candidate.name, error.message);
    this.$probes?.proceed();
  }

  // ── the beginning and the end, as the subclass learns of them ────────────────────────────────────────────────

  /** Makes the transport that the session is to begin with. */
  protected $createFirst(): Transport {
    const [first = ""] = this.$transports.keys();
    const remembered = this.$options.rememberUpgrade && EngineConnection.$reachedWebSocket;
    return this.$createTransport(remembered && this.$transports.has("websocket") ? "websocket" : first);
  }

  /**
   * Begins to look after the session, which has just been made.
   *
   * @param timeout - milliseconds within which the handshake must be done
   */
  protected $begin(timeout: number): void {
    const { session } = this;
    const { runtime, deadlines } = this.$environment;
    const { tryAllTransports, closeOnBeforeunload } = this.$options;
    session.observer = this;
    session.expectOpen(timeout);
    if (tryAllTransports) {
      const patience = timeout / this.$transports.size;
      this.$trial = new Trial(deadlines, session, (failed) => this.$replace(failed), patience);
    }
    this.$stopListening = [runtime.onPageEvent("offline", () => this.$onOffline())];
    if (closeOnBeforeunload) {
      // Not otherwise: a page that has such a listener is not kept for when its user comes back.
      this.$stopListening.push(runtime.onPageEvent("beforeunload", () => this.$onUnload()));
    }
  }

  /** The handshake is done. */
  protected $opened(): void {
    const { transport } = this.session;
    debug("open on %s", transport.name);
    EngineConnection.$reachedWebSocket = transport.name === "websocket";
    this.$engine?.onOpen();
  }

  /** Tries the better ones of the transports that both ends have. */
  protected $startUpgrade(): void {
    if (this.$options.upgrade !== false) {
      const { upgrades } = this.session.handshake as Handshake;
      const names = upgrades.filter((name) => this.$transports.has(name));
      this.$probes = new Probes(this.$environment.deadlines, names, (name) => this.$probe(name));
      this.$probes.begin();
    }
  }

  /** The session is over. */
  protected $closed(reason: CloseReason, cause?: Error): void {
    debug("closed: %s (%s)", reason, cause?.message ?? "no error");
    if (reason === "transport error") {
      EngineConnection.$reachedWebSocket = false;
    }
    this.$finish();
    this.$engine?.onClose(reason, cause);
  }

  /** Nothing more is expected of the connection. */
  protected $finish(): void {
    this.$state = "closed";
    this.$trial?.stop();
    this.$probes?.stop();
    for (const stop of this.$stopListening) {
      stop();
    }
  }

  // ── transports ───────────────────────────────────────────────────────────────────────────────────────────────

  private $createTransport(name: string): Transport {
    debug("opening %s to %s", name, this.$uri.origin);
    const Constructor = this.$transports.get(name) as TransportConstructor;
    return new Constructor(this);
  }

  /** Makes the transport to try after `failed`, if there is another. */
  private $replace(failed: Transport): Transport | undefined {
    this.$transports.delete(failed.name);
    const [next] = this.$transports.keys();
    return next ? this.$createTransport(next) : undefined;
  }

  private $probe(name: string): void {
    if (this.session.mayUpgradeTo(name)) {
      this.session.upgradeTo(this.$createTransport(name));
    }
  }

  // ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────

  private $onOffline(): void {
    if (this.$uri.hostname !== "localhost") {
      const details = "network connection lost";
      debug(details);
      this.session.abort("transport close", new TransportError(details, details));
    }
  }

  private $onUnload(): void {
    const { transport } = this.session;
    transport.handler = DEAF;
    transport.close();
  }
}
