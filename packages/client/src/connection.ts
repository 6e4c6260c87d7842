import {
  DEAF,
  Mux,
  Session,
  type BinaryType,
  type Clock,
  type CloseReason,
  type Inbox,
  type MuxOwner,
  type SessionObserver,
  type Transport,
} from "@hawser/core";
import type { Packet, ProtocolError } from "@hawser/parser";
import { debugFor } from "./debug.ts";
import { Engine } from "./engine.ts";
import type { Environment } from "./environment.ts";
import type { ManagerOptions } from "./options.ts";
import type { Network } from "./runtime/runtime.ts";
import { TransportError } from "./transport-error.ts";
import type { TransportConstructor, TransportContext } from "./transports/transport-context.ts";
import { Probes } from "./transports/probes.ts";
import { Trial } from "./transports/trial.ts";
import { requestUrl, serverAddress, type Uri } from "./url.ts";

/** What a connection tells its Manager. */
export interface ConnectionHandler {
  onConnectionOpen(): void;
  onConnectionPing(): void;
  onConnectionPacket(packet: Packet): void;
  /** The connection failed after it had been open; its sockets are told next. */
  onConnectionError(error: Error): void;
  /** The connection is over, or could not be made; not told of one that the Manager closed. */
  onConnectionClose(reason: CloseReason, cause: Error | undefined, wasOpen: boolean): void;
}

/** `closed` as soon as the Manager has been told, or has closed it. */
export type ConnectionState = "opening" | "open" | "closed";

const debug = debugFor("engine", "engine.io-client:socket");

/** Whether the latest connection of this page or process ended up on a WebSocket. */
let reachedWebSocket = false;

/** One connection to the server: a session with its transports, and what routes its packets to the sockets. */
export class Connection implements MuxOwner, SessionObserver, TransportContext, Inbox {
  readonly network: Network;
  readonly clock: Clock;
  readonly binaryType: BinaryType;
  readonly synchronous = false;
  readonly mux: Mux;
  readonly session: Session;
  private readonly $environment: Environment;
  private readonly $handler: ConnectionHandler;
  private readonly $uri: Uri;
  private readonly $options: ManagerOptions;
  private readonly $transports: Map<string, TransportConstructor>;
  private readonly $trial: Trial | undefined;
  private $probes: Probes | undefined;
  private readonly $stopListening: (() => void)[];
  private $state: ConnectionState = "opening";
  private $engine: Engine | undefined;

  /**
   * @param transports - those that may be used, by name; the first one is where the session begins
   * @param timeout - milliseconds within which the handshake must be done
   */
  constructor(
    environment: Environment,
    handler: ConnectionHandler,
    uri: Uri,
    options: ManagerOptions,
    transports: Map<string, TransportConstructor>,
    timeout: number,
  ) {
    const { runtime, clock } = environment;
    this.$environment = environment;
    this.$handler = handler;
    this.$uri = uri;
    this.$options = options;
    this.$transports = transports;
    this.clock = clock;
    this.binaryType = runtime.binaryType;
    this.network = runtime.createNetwork();
    this.mux = new Mux(environment.mux, this, (mux) => {
      const [first = ""] = transports.keys();
      const name = options.rememberUpgrade && reachedWebSocket && transports.has("websocket") ? "websocket" : first;
      return new Session(environment.session, mux, this.$createTransport(name));
    });
    this.session = this.mux.session;
    this.session.observer = this;
    this.session.expectOpen(timeout);
    this.$trial = options.tryAllTransports
      ? new Trial(environment.deadlines, this.session, (failed) => this.$replace(failed), timeout / transports.size)
      : undefined;
    this.$stopListening = [runtime.onPageEvent("offline", () => this.$onOffline())];
    if (options.closeOnBeforeunload) {
      // Not otherwise: a page that has such a listener is not kept for when its user comes back.
      this.$stopListening.push(runtime.onPageEvent("beforeunload", () => this.$onUnload()));
    }
  }

  /** Follows the session at once where it has ended, although the Manager hears of that in its turn. */
  get state(): ConnectionState {
    return this.session.state === "closed" ? "closed" : this.$state;
  }

  /** What applications watch the session through; made when the first one asks for it. */
  get engine(): Engine {
    return (this.$engine ??= new Engine(this));
  }

  options(transport: string): ManagerOptions {
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

  /** Closes the connection once what was sent has left. Its sockets are told at once, and its Manager is told nothing. */
  close(): void {
    debug("closing");
    this.$finish();
    const links = [...this.mux.links.values()];
    this.mux.links.clear();
    this.session.close();
    for (const link of links) {
      link.sessionClosed("forced close");
    }
  }

  // ── what the mux tells ───────────────────────────────────────────────────────────────────────────────────────

  onMuxOpen(): void {
    debug("open on %s", this.session.transport.name);
    reachedWebSocket = this.session.transport.name === "websocket";
    this.$engine?.onOpen();
    // User code comes next, and that runs in its turn.
    this.$environment.turn.awaitDrain(this);
  }

  drain(): void {
    // The session may have ended by now; that is told next.
    if (this.state === "opening") {
      this.$state = "open";
      this.$handler.onConnectionOpen();
      this.$startUpgrade();
    }
  }

  onMuxPacket(packet: Packet): void {
    this.$handler.onConnectionPacket(packet);
  }

  onMuxViolation(error: ProtocolError): void {
    debug("the server broke the protocol: %s", error.code);
    this.session.abort("parse error", error);
  }

  onMuxEnd(reason: CloseReason, cause?: Error): void {
    if (this.$state === "open" && reason === "transport error" && cause) {
      this.$handler.onConnectionError(cause);
    }
  }

  onMuxClose(reason: CloseReason, cause?: Error): void {
    debug("closed: %s (%s)", reason, cause?.message ?? "no error");
    const state = this.$state;
    if (reason === "transport error") {
      reachedWebSocket = false;
    }
    this.$finish();
    this.$engine?.onClose(reason, cause);
    if (state !== "closed") {
      this.$handler.onConnectionClose(reason, cause, state === "open");
    }
  }

  // ── what the session tells ───────────────────────────────────────────────────────────────────────────────────

  onHeartbeat(): void {
    this.$handler.onConnectionPing();
  }

  onUpgrade(transport: Transport): void {
    debug("moved to %s", transport.name);
    reachedWebSocket = transport.name === "websocket";
    this.$probes?.stop();
  }

  onUpgradeError(candidate: Transport, error: Error): void {
    debug("not moved to %s: %s", candidate.name, error.message);
    this.$probes?.proceed();
  }

  // ── transports ───────────────────────────────────────────────────────────────────────────────────────────────

  private $createTransport(name: string): Transport {
    debug("opening %s to %s", name, this.$uri.origin);
    const Constructor = this.$transports.get(name) as TransportConstructor;
    return new Constructor(this);
  }

  /** Makes the transport to try after `failed`, if there is another. */
  private $replace(failed: Transport): Transport | undefined {
    reachedWebSocket = false;
    this.$transports.delete(failed.name);
    const [next] = this.$transports.keys();
    return next === undefined ? undefined : this.$createTransport(next);
  }

  private $startUpgrade(): void {
    const names = this.session.handshake?.upgrades.filter((name) => this.$transports.has(name)) ?? [];
    if (this.$options.upgrade !== false) {
      this.$probes = new Probes(this.$environment.deadlines, names, (name) => this.$probe(name));
      this.$probes.begin();
    }
  }

  private $probe(name: string): void {
    if (this.session.mayUpgradeTo(name)) {
      reachedWebSocket = false;
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

  private $finish(): void {
    this.$state = "closed";
    this.$trial?.stop();
    this.$probes?.stop();
    for (const stop of this.$stopListening) {
      stop();
    }
  }
}
