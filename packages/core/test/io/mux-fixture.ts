import { FakeClock } from "@hawser/testing";
import { PacketType, type Packet, type ProtocolError } from "@hawser/parser";
import {
  Budget,
  DeadlineQueue,
  JSON_CODEC,
  Link,
  ServerMux,
  REVISION_4,
  SERVER_ROLE,
  ServerSession,
  Turn,
  type BudgetLimits,
  type CloseReason,
  type Codec,
  type DisconnectReason,
  type LinkPort,
  type ServerMuxOwner,
  type ViolationCode,
} from "../../src/index.ts";
import { handshake } from "../engine/session-fixture.ts";
import { StubTransport } from "../stub-transport.ts";
import { RecordingHandler } from "./link-fixture.ts";

const NAMES = ["CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR"];

/** A packet in a word or two. */
export function show(packet: Packet): string {
  const first: unknown = packet.type === PacketType.EVENT ? packet.data[0] : undefined;
  return `${NAMES[packet.type]} ${packet.nsp}${first === undefined ? "" : ` ${first as string}`}`;
}

/** A link that writes down what it is handed, and may do something about it. */
export class RecordingLink extends Link {
  readonly log: string[];
  onPacket: (packet: Packet) => ProtocolError<ViolationCode> | undefined | void = () => {};

  constructor(nsp: string, port: LinkPort, log: string[]) {
    super(nsp, port, new RecordingHandler(), { next: 0 }, "connected");
    this.log = log;
  }

  override receive(packet: Packet): ProtocolError<ViolationCode> | undefined {
    this.log.push(show(packet));
    return this.onPacket(packet) ?? undefined;
  }

  override sessionClosed(reason: DisconnectReason, cause?: Error): void {
    this.log.push(`${this.nsp} closed: ${reason}${cause ? `, ${cause.message}` : ""}`);
  }

  protected override $emitPacket(): void {
    throw new Error("this link sends nothing");
  }
}

export interface MuxOptions {
  limits?: Partial<BudgetLimits>;
  codec?: Codec;
  /** Share the time and the turns of another connection. */
  beside?: MuxFixture;
}

/** A connection of a server: a mux and its session on a stub transport, open. */
export class MuxFixture implements ServerMuxOwner {
  readonly clock: FakeClock;
  readonly turn: Turn;
  readonly deadlines: DeadlineQueue;
  readonly transport: StubTransport = new StubTransport();
  readonly mux: ServerMux;
  /** What links and owner were told, in the order in which they were. */
  readonly log: string[];
  onUnrouted: (packet: Packet) => ProtocolError<ViolationCode> | undefined = () => undefined;

  constructor({ limits, codec = JSON_CODEC, beside }: MuxOptions = {}) {
    this.clock = beside?.clock ?? new FakeClock();
    this.turn = beside?.turn ?? new Turn(this.clock);
    this.deadlines = beside?.deadlines ?? new DeadlineQueue(this.clock);
    this.log = beside?.log ?? [];
    const { turn, deadlines } = this;
    const budget = new Budget({ inbound: 1_000_000, namespaces: 10, ...limits });
    this.mux = new ServerMux({ codec, deadlines, turn, attachmentTimeout: 45_000 }, this, budget, (handler) => {
      const settings = { turn, deadlines, revision: REVISION_4, upgradeTimeout: 10_000, closeTimeout: 30_000 };
      return new ServerSession({ ...settings, role: SERVER_ROLE }, handler, this.transport, "the-id");
    });
    this.mux.session.open(handshake);
    this.clock.runDeferred();
    this.transport.writes.length = this.log.length = 0;
  }

  /** Joins a namespace. */
  attach(nsp = "/"): RecordingLink {
    const link = new RecordingLink(nsp, this.mux, this.log);
    this.mux.attach(link);
    return link;
  }

  /** Frames arrive in one read, and what that defers is done. */
  receive(...frames: (string | Buffer)[]): void {
    this.transport.receive(...frames);
    this.clock.runDeferred();
  }

  /** What happened since this was last asked. */
  take(): string[] {
    return this.log.splice(0);
  }

  onMuxOpen(): void {
    this.log.push("open");
  }

  onMuxUnrouted(packet: Packet): ProtocolError<ViolationCode> | undefined {
    this.log.push(`unrouted ${show(packet)}`);
    return this.onUnrouted(packet);
  }

  onMuxViolation(error: ProtocolError): void {
    this.log.push(`violation ${error.code}`);
    this.mux.session.abort("forced close", error);
  }

  onMuxClose(reason: CloseReason, cause?: Error): void {
    this.log.push(`closed: ${reason}${cause ? `, ${cause.message}` : ""}`);
  }
}
