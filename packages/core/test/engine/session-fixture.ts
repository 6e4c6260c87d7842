import { FakeClock } from "@hawser/testing";
import {
  CLIENT_ROLE,
  DeadlineQueue,
  REVISION_4,
  SERVER_ROLE,
  ServerSession,
  Turn,
  type CloseReason,
  type EngineData,
  type Handshake,
  type SessionHandler,
  type SessionSettings,
} from "../../src/index.ts";
import { StubTransport } from "../stub-transport.ts";

export const handshake: Handshake = {
  sid: "the-id",
  upgrades: ["websocket"],
  pingInterval: 25_000,
  pingTimeout: 20_000,
  maxPayload: 100,
};

/** The OPEN packet of {@link handshake}. */
export const OPEN = `0${JSON.stringify(handshake)}`;

/** One session on a stub transport, with what it told the room above. */
export class SessionFixture implements SessionHandler {
  readonly clock: FakeClock = new FakeClock();
  readonly log: string[] = [];
  readonly settings: SessionSettings;
  readonly session: ServerSession;
  closed: { reason: CloseReason; cause: (Error & { code?: string }) | undefined } | undefined;

  constructor(role: "server" | "client", transport: StubTransport, settings: Partial<SessionSettings> = {}) {
    this.settings = {
      role: role === "server" ? SERVER_ROLE : CLIENT_ROLE,
      deadlines: new DeadlineQueue(this.clock),
      turn: new Turn(this.clock),
      revision: REVISION_4,
      upgradeTimeout: 10_000,
      closeTimeout: 30_000,
      ...settings,
    };
    this.session = new ServerSession(this.settings, this, transport, role === "server" ? "the-id" : undefined);
  }

  /** A session that is open, with nothing left in its transport's memory. */
  static open(
    role: "server" | "client",
    transport: StubTransport,
    settings?: Partial<SessionSettings>,
  ): SessionFixture {
    const fixture = new SessionFixture(role, transport, settings);
    if (role === "server") {
      fixture.session.open(handshake);
    } else {
      transport.receive(OPEN);
    }
    fixture.clock.runDeferred();
    transport.writes.length = fixture.log.length = 0;
    return fixture;
  }

  onSessionOpen(): void {
    this.log.push("open");
  }

  onSessionMessage(_session: ServerSession, data: EngineData): void {
    this.log.push(`message ${typeof data === "string" ? data : `of ${(data as Buffer).length} bytes`}`);
  }

  onSessionClose(_session: ServerSession, reason: CloseReason, cause?: Error): void {
    this.closed = { reason, cause };
    this.log.push(`close: ${reason}`);
  }
}
