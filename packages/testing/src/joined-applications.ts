import {
  Budget,
  CLIENT_ROLE,
  ClientLink,
  DeadlineQueue,
  DeadlineTimers,
  JSON_CODEC,
  Mux,
  REVISION_4,
  SERVER_ROLE,
  ServerLink,
  ServerMux,
  ServerSession,
  type Session,
  Turn,
  violation,
  type BudgetLimits,
  type CloseReason,
  type Handshake,
  type LinkPort,
  type MuxOwner,
  type Deadlines,
  type SendFlags,
  type ServerMuxOwner,
  type ServerMuxSettings,
  type SessionHandler,
  type SessionSettings,
  type Transport,
  type ViolationCode,
} from "@hawser/core";
import { PacketType, type Packet, type ProtocolError } from "@hawser/parser";
import type { FakeClock } from "./fake-clock.ts";
import { FakeWire, type FakeWireOptions } from "./fake-wire.ts";
import { JoinedNamespace } from "./joined-namespace.ts";
import { Transcript, type Side } from "./transcript.ts";

/** What a wire may be told; who accepts it and where it is written down is not the test's affair. */
export type JoinedWireOptions = Pick<FakeWireOptions, "latency" | "jitter" | "random">;

/** How two applications are joined. */
export interface JoinedApplicationsOptions extends JoinedWireOptions {
  /** What carries them; `"upgrade"` begins as polling and moves on as soon as it can. Default: `"websocket"`. */
  transport?: "polling" | "websocket" | "upgrade";
  /** What the server announces. Default: pings after 25 seconds, a timeout of 20 seconds, a payload of a megabyte. */
  handshake?: Partial<Handshake>;
  /** What the server lets a connection hold. Default: a megabyte, and 10 namespaces. */
  limits?: Partial<BudgetLimits>;
  /** Milliseconds that an upgrade may take. Default: 10 000. */
  upgradeTimeout?: number;
  /** Milliseconds that closing, and on the client the handshake, may take. Default: 30 000. */
  transitionTimeout?: number;
  /** Milliseconds that the next attachment may take. Default: 45 000. */
  attachmentTimeout?: number;
  /** Says why the client may not join a namespace, or `undefined` to let it in. Default: everybody may. */
  refuse?: (nsp: string) => string | undefined;
  /** What the server does with a client that has joined. */
  onConnection?: (namespace: JoinedNamespace<ServerLink>) => void;
}

type Settled = Required<Omit<JoinedApplicationsOptions, keyof JoinedWireOptions>>;

/** What both ends have: their share of time, and a diary. */
abstract class Application {
  /**
   * What happened here, in order: `open`, `welcome / s1`, `connect /`, `event / ["a",1]`, `leave / transport close`,
   * `violation ERR_…`, `upgraded to websocket`, `close transport close`, …
   */
  readonly log: string[] = [];
  readonly deadlines: Deadlines;
  protected readonly muxSettings: ServerMuxSettings;
  readonly #sessionSettings: SessionSettings;

  constructor(clock: FakeClock, side: Side, options: Settled) {
    const deadlines = side === "server" ? new DeadlineQueue(clock) : new DeadlineTimers(clock);
    const turn = new Turn(clock);
    const { upgradeTimeout, transitionTimeout: closeTimeout, attachmentTimeout } = options;
    const role = side === "server" ? SERVER_ROLE : CLIENT_ROLE;
    this.deadlines = deadlines;
    this.muxSettings = { codec: JSON_CODEC, deadlines, turn, attachmentTimeout };
    this.#sessionSettings = { role, deadlines, turn, revision: REVISION_4, upgradeTimeout, closeTimeout };
  }

  /** What happened since this was last asked. */
  take(): string[] {
    return this.log.splice(0);
  }

  protected createSession(handler: SessionHandler, transport: Transport, id?: string): ServerSession {
    const session = new ServerSession(this.#sessionSettings, handler, transport, id);
    session.observer = {
      synchronous: false,
      onUpgrade: ({ name }) => this.log.push(`upgraded to ${name}`),
      onUpgradeError: ({ name }) => this.log.push(`stays, ${name} failed`),
    };
    return session;
  }
}

/** The client's end: a Manager in miniature. Its namespaces outlive its connections; it never reconnects by itself. */
export class ClientApplication extends Application implements MuxOwner, LinkPort {
  readonly #namespaces = new Map<string, JoinedNamespace<ClientLink>>();
  readonly #opened: () => void;
  #mux: Mux | undefined;

  constructor(clock: FakeClock, options: Settled, opened: () => void) {
    super(clock, "client", options);
    this.#opened = opened;
  }

  /** The session of the present connection. */
  get session(): Session {
    return (this.#mux as Mux).session;
  }

  /** A namespace; it is joined whenever there is a connection, until it is left. */
  namespace(nsp = "/"): JoinedNamespace<ClientLink> {
    const known = this.#namespaces.get(nsp);
    if (known) {
      return known;
    }
    const left = (namespace: JoinedNamespace<ClientLink>, reason: string): void => {
      if (reason.startsWith("io ")) {
        this.#namespaces.delete(nsp);
        this.#mux?.links.delete(nsp);
      }
    };
    const ids = { next: 0 };
    const namespace = new JoinedNamespace(nsp, this.log, left, (handler) => new ClientLink(nsp, this, handler, ids));
    this.#namespaces.set(nsp, namespace);
    if (this.#mux?.session.state === "open") {
      this.#join(namespace);
    }
    return namespace;
  }

  /** @internal Begins a connection. */
  connect(transport: Transport, timeout: number): void {
    const mux = new Mux(this.muxSettings, this, (handler) => this.createSession(handler, transport));
    this.#mux = mux;
    mux.session.expectOpen(timeout);
  }

  #join(namespace: JoinedNamespace<ClientLink>): void {
    this.#mux?.links.set(namespace.link.nsp, namespace.link);
    namespace.link.connect(undefined);
  }

  onMuxOpen(): void {
    this.log.push("open");
    for (const namespace of this.#namespaces.values()) {
      this.#join(namespace);
    }
    this.#opened();
  }

  onMuxViolation(error: ProtocolError): void {
    this.log.push(`violation ${error.code}`);
    this.session.abort("parse error", error);
  }

  onMuxClose(reason: CloseReason): void {
    this.log.push(`close ${reason}`);
  }

  get writable(): boolean {
    return this.#mux?.session.writable ?? false;
  }

  alive(): boolean {
    return this.#mux?.session.alive() ?? false;
  }

  sendPacket(packet: Packet, flags?: SendFlags): void {
    this.#mux?.sendPacket(packet, flags);
  }
}

/** The server's end: every connection in turn, with the namespaces that its client has joined. */
export class ServerApplication extends Application implements ServerMuxOwner {
  readonly #options: Settled;
  readonly #namespaces = new Map<string, JoinedNamespace<ServerLink>>();
  readonly #ids = { next: 0 };
  #mux: ServerMux | undefined;
  #sockets = 0;
  #connections = 0;

  constructor(clock: FakeClock, options: Settled) {
    super(clock, "server", options);
    this.#options = options;
  }

  /** The session of the last connection. */
  get session(): ServerSession {
    return (this.#mux as ServerMux).session;
  }

  /** @throws Error if the client has not joined it, or left it */
  namespace(nsp = "/"): JoinedNamespace<ServerLink> {
    const namespace = this.#namespaces.get(nsp);
    if (!namespace) {
      throw new Error(`the client is not in ${nsp}`);
    }
    return namespace;
  }

  /** @internal A connection has arrived. */
  accept(transport: Transport): void {
    const { limits, handshake } = this.#options;
    const sid = `session ${++this.#connections}`;
    const budget = new Budget({ inbound: 1_000_000, namespaces: 10, ...limits });
    this.#mux = new ServerMux(this.muxSettings, this, budget, (handler) => this.createSession(handler, transport, sid));
    this.#mux.session.open({
      sid,
      upgrades: ["websocket"],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_000_000,
      ...handshake,
    });
  }

  onMuxOpen(): void {
    this.log.push("open");
  }

  onMuxUnrouted({ type, nsp }: Packet): ProtocolError<ViolationCode> | undefined {
    if (type !== PacketType.CONNECT) {
      return violation("ERR_PACKET_ORDER");
    }
    const mux = this.#mux as ServerMux;
    const namespace = new JoinedNamespace<ServerLink>(
      nsp,
      this.log,
      ({ link }) => {
        mux.detach(link);
        this.#namespaces.delete(nsp);
      },
      (handler) => new ServerLink(nsp, mux, handler, this.#ids),
    );
    const { link } = namespace;
    const excess = mux.attach(link);
    if (excess) {
      return excess;
    }
    const refusal = this.#options.refuse(nsp);
    if (refusal !== undefined) {
      link.refuse({ message: refusal });
      mux.detach(link);
      return undefined;
    }
    this.#namespaces.set(nsp, namespace);
    link.accept({ sid: `s${++this.#sockets}` });
    this.log.push(`join ${nsp}`);
    this.#options.onConnection(namespace);
    return undefined;
  }

  onMuxViolation(error: ProtocolError): void {
    this.log.push(`violation ${error.code}`);
    this.session.close();
  }

  onMuxClose(reason: CloseReason): void {
    this.log.push(`close ${reason}`);
  }
}

/**
 * A client and a server, from their namespaces down to fake wires, joined at virtual time. The client connects when the
 * clock first advances, and again when it is told to.
 */
export class JoinedApplications {
  readonly client: ClientApplication;
  readonly server: ServerApplication;
  /** What went over all wires. */
  readonly transcript: Transcript = new Transcript();
  readonly #clock: FakeClock;
  readonly #options: Settled;
  readonly #wireOptions: JoinedWireOptions;
  #wire!: FakeWire;
  #candidate: FakeWire | undefined;

  constructor(clock: FakeClock, options: JoinedApplicationsOptions = {}) {
    const { latency = 0, jitter = 0, random, ...rest } = options;
    this.#clock = clock;
    this.#wireOptions = { latency, jitter, ...(random && { random }) };
    this.#options = {
      transport: "websocket",
      handshake: {},
      limits: {},
      upgradeTimeout: 10_000,
      transitionTimeout: 30_000,
      attachmentTimeout: 45_000,
      refuse: () => undefined,
      onConnection: () => {},
      ...rest,
    };
    this.server = new ServerApplication(clock, this.#options);
    this.client = new ClientApplication(clock, this.#options, () => {
      if (this.#options.transport === "upgrade") {
        this.upgrade();
      }
    });
    this.connect();
  }

  /** The wire on which the present connection began. */
  get wire(): FakeWire {
    return this.#wire;
  }

  /** The wire that carries the present connection, by the client's lights. */
  get carrier(): FakeWire {
    return this.#candidate?.client === this.client.session.transport ? this.#candidate : this.#wire;
  }

  /** Makes a new connection. The one before should be over. */
  connect(): void {
    this.#wire = new FakeWire(this.#clock, {
      ...this.#wireOptions,
      flavour: this.#options.transport === "websocket" ? "websocket" : "polling",
      transcript: this.transcript,
      accept: (transport) => this.server.accept(transport),
    });
    this.client.connect(this.#wire.client, this.#options.transitionTimeout);
  }

  /**
   * Begins to move the session to a WebSocket.
   *
   * @param options - of its wire. Default: those of the first one
   * @throws Error if the client's session is in no state to begin an upgrade
   */
  upgrade(options: JoinedWireOptions = this.#wireOptions): FakeWire {
    const { session } = this.client;
    const wire = new FakeWire(this.#clock, {
      ...options,
      transcript: this.transcript,
      accept: (transport) => {
        if (!this.server.session.upgradeTo(transport)) {
          transport.abort();
        }
      },
    });
    if (!session.upgradeTo(wire.client)) {
      wire.client.abort();
      throw new Error(`a client's session that is ${session.state} began no upgrade`);
    }
    this.#candidate = wire;
    return wire;
  }
}
