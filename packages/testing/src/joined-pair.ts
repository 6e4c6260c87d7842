import {
  DeadlineQueue,
  CLIENT_ROLE,
  REVISION_4,
  SERVER_ROLE,
  ServerSession,
  Turn,
  type CloseReason,
  type EngineData,
  type Handshake,
  type SessionHandler,
  type SessionSettings,
  type Transport,
} from "@hawser/core";
import type { FakeClock } from "./fake-clock.ts";
import { FakeWire, type FakeWireOptions } from "./fake-wire.ts";
import { Transcript, type Side } from "./transcript.ts";

/** The wire is described as usual; who accepts it and where it is written down is the pair's affair. */
export interface JoinedPairOptions extends Omit<FakeWireOptions, "accept" | "transcript"> {
  /** What the server announces. Default: pings after 25 seconds, a timeout of 20 seconds, one upgrade, to WebSocket. */
  handshake?: Partial<Handshake>;
  /** Milliseconds that an upgrade may take. Default: 10 000. */
  upgradeTimeout?: number;
  /** Milliseconds that closing, and on the client the handshake, may take. Default: 30 000. */
  transitionTimeout?: number;
}

/** What one end of a pair was told by its session. */
export class PairEnd implements SessionHandler {
  /** The messages that arrived. */
  readonly received: EngineData[] = [];
  /** Whether the handshake was done. */
  opened = false;
  /** How the session ended, if it did. */
  closed: { reason: CloseReason; cause: Error | undefined } | undefined;
  /** Called with each message that arrives. */
  onMessage: (data: EngineData) => void = () => {};
  /** @internal */
  readonly settings: SessionSettings;
  #session: ServerSession | undefined;

  constructor(role: Side, clock: FakeClock, upgradeTimeout: number, closeTimeout: number) {
    const deadlines = new DeadlineQueue(clock);
    const end = role === "server" ? SERVER_ROLE : CLIENT_ROLE;
    this.settings = { role: end, deadlines, turn: new Turn(clock), revision: REVISION_4, upgradeTimeout, closeTimeout };
  }

  /** @throws Error on the server's end before the first request has arrived */
  get session(): ServerSession {
    if (!this.#session) {
      throw new Error("no session yet: nothing has reached the server");
    }
    return this.#session;
  }

  /** @internal Begins the session. */
  start(transport: Transport, id?: string): ServerSession {
    return (this.#session = new ServerSession(this.settings, this, transport, id));
  }

  onSessionOpen(): void {
    this.opened = true;
  }

  onSessionMessage(_session: ServerSession, data: EngineData): void {
    this.received.push(data);
    this.onMessage(data);
  }

  onSessionClose(_session: ServerSession, reason: CloseReason, cause?: Error): void {
    if (this.closed) {
      throw new Error(`a session closed twice: ${this.closed.reason}, then ${reason}`);
    }
    this.closed = { reason, cause };
  }
}

/** Two sessions, a client's and a server's, joined by fake wires at virtual time. They open as the clock advances. */
export class JoinedPair {
  readonly client: PairEnd;
  readonly server: PairEnd;
  /** The wire on which they began. */
  readonly wire: FakeWire;
  /** What went over all wires of the pair. */
  readonly transcript: Transcript = new Transcript();
  readonly #clock: FakeClock;

  constructor(clock: FakeClock, options: JoinedPairOptions = {}) {
    const { handshake, upgradeTimeout = 10_000, transitionTimeout = 30_000, ...wireOptions } = options;
    const announced: Handshake = {
      sid: "session",
      upgrades: ["websocket"],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_000_000,
      ...handshake,
    };
    this.#clock = clock;
    this.client = new PairEnd("client", clock, upgradeTimeout, transitionTimeout);
    this.server = new PairEnd("server", clock, upgradeTimeout, transitionTimeout);
    this.wire = new FakeWire(clock, {
      ...wireOptions,
      transcript: this.transcript,
      accept: (transport) => this.server.start(transport, announced.sid).open(announced),
    });
    this.client.start(this.wire.client).expectOpen(transitionTimeout);
  }

  /**
   * Begins an upgrade on a wire of its own, which the server takes up when the connection reaches it.
   *
   * @param options - of the new wire
   * @throws Error if the client's session is in no state to begin one
   */
  upgrade(options: Omit<FakeWireOptions, "accept" | "transcript"> = {}): FakeWire {
    const wire = new FakeWire(this.#clock, {
      ...options,
      transcript: this.transcript,
      accept: (transport) => {
        if (!this.server.session.upgradeTo(transport)) {
          transport.abort();
        }
      },
    });
    if (!this.client.session.upgradeTo(wire.client)) {
      wire.client.abort();
      throw new Error(`a client's session that is ${this.client.session.state} began no upgrade`);
    }
    return wire;
  }
}
