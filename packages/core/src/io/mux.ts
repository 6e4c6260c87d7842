import { PacketType, ProtocolError, type DecodeResult, type Frame, type Packet } from "@hawser/parser";
import { MESSAGE_OVERHEAD, type Budget } from "../budget.ts";
import type { CloseReason, ViolationCode } from "../codes.ts";
import { Deadline, type Deadlines } from "../deadlines.ts";
import { violation } from "../errors.ts";
import type { Session, SessionHandler } from "../engine/session.ts";
import type { EngineData } from "../engine/wire.ts";
import type { Inbox, Turn } from "../turn.ts";
import type { Link, LinkPort, SendFlags } from "./link.ts";

/** Turns the frames of one connection into packets. */
export interface FrameDecoder {
  /** Whether a packet is half received. */
  readonly pending: boolean;
  add(frame: Frame): DecodeResult;
  reset(): void;
}

/** Room 3: how packets become frames and back. */
export interface Codec {
  encode(packet: Packet): Frame[];
  createDecoder(): FrameDecoder;
}

/** What a mux is told once, shared by all connections of a server or client. */
export interface MuxSettings {
  readonly codec: Codec;
  readonly deadlines: Deadlines;
  readonly turn: Turn;
  /** Milliseconds within which the next attachment of a half-received packet must arrive. */
  readonly attachmentTimeout: number;
}

/** The shell that a connection belongs to. */
export interface MuxOwner {
  /** The handshake is done. */
  onMuxOpen(): void;
  /** A packet is about to be handed to its link. */
  onMuxPacket?(packet: Packet): void;
  /** A packet for a namespace that nobody has joined; returns the violation if that is one. */
  onMuxUnrouted(packet: Packet): ProtocolError<ViolationCode> | undefined;
  /** The peer broke the protocol; packets that came before have been handled. The owner ends the session. */
  onMuxViolation(error: ProtocolError): void;
  /** The session is over; the links are told next. */
  onMuxEnd?(reason: CloseReason, cause?: Error): void;
  /** The session is over and every link has been told. */
  onMuxClose(reason: CloseReason, cause?: Error): void;
}

/** How the session ended; waits in the inbox behind the packets that came before. */
class SessionEnd {
  readonly reason: CloseReason;
  readonly cause: Error | undefined;

  constructor(reason: CloseReason, cause: Error | undefined) {
    this.reason = reason;
    this.cause = cause;
  }
}

/**
 * `condemned`: a violation waits in the inbox; what came before it is still handled, what comes after is not looked at.
 * `broken`: the violation was reported; nothing is handled any more.
 */
type Standing = "sound" | "condemned" | "broken";

type InboxItem = Packet | ProtocolError | SessionEnd;

/** The time limit for the attachments of a half-received packet. */
class AttachmentDeadline extends Deadline {
  private readonly $mux: Mux;

  constructor(mux: Mux) {
    super();
    this.$mux = mux;
  }

  override expire(): void {
    this.$mux.onAttachmentTimeout();
  }
}

/** For how many namespaces a mux remembers that this end left them. */
const MAX_REMEMBERED = 128;

/**
 * Between rooms 3 and 2: decodes what the session received, and hands each packet to the link of its namespace in a
 * deferred turn, in wire order. The end of the session takes its place in the same queue, so that what arrived before
 * it is delivered before it.
 */
export class Mux implements SessionHandler, LinkPort, Inbox {
  readonly session: Session;
  readonly links: Map<string, Link> = new Map<string, Link>();
  private readonly $settings: MuxSettings;
  private readonly $owner: MuxOwner;
  private readonly $budget: Budget;
  private readonly $decoder: FrameDecoder;
  private $inbox: InboxItem[] = [];
  /** What the frames of a half-received packet were charged. */
  private $unfinished = 0;
  private $drainAwaited = false;
  private $standing: Standing = "sound";
  private $left: Set<string> | undefined;
  private $attachmentDeadline: AttachmentDeadline | undefined;

  /**
   * @param createSession - makes the session that reports to this mux
   */
  constructor(
    settings: MuxSettings,
    owner: MuxOwner,
    budget: Budget,
    createSession: (handler: SessionHandler) => Session,
  ) {
    this.$settings = settings;
    this.$owner = owner;
    this.$budget = budget;
    this.$decoder = settings.codec.createDecoder();
    this.session = createSession(this);
  }

  get deadlines(): Deadlines {
    return this.$settings.deadlines;
  }

  get writable(): boolean {
    return this.session.writable;
  }

  alive(): boolean {
    return this.session.alive();
  }

  // ── links ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Routes the packets of a namespace to `link`.
   *
   * @returns the violation, if the peer has joined too many
   */
  attach(link: Link): ProtocolError<ViolationCode> | undefined {
    const refused = this.links.has(link.nsp) ? undefined : this.$budget.chargeNamespace();
    if (refused) {
      return violation(refused);
    }
    this.links.set(link.nsp, link);
    this.$left?.delete(link.nsp);
    return undefined;
  }

  /** Routes nothing to `link` any more. Packets that the peer sent before it knew are ignored. */
  detach(link: Link): void {
    if (this.links.get(link.nsp) !== link) {
      return;
    }
    this.links.delete(link.nsp);
    this.$budget.releaseNamespace();
    this.$left ??= new Set();
    this.$left.add(link.nsp);
    if (this.$left.size > MAX_REMEMBERED) {
      for (const oldest of this.$left) {
        this.$left.delete(oldest);
        break;
      }
    }
  }

  // ── down ─────────────────────────────────────────────────────────────────────────────────────────────────────

  sendPacket(packet: Packet, flags?: SendFlags): void {
    const options = flags?.compress === undefined ? undefined : { compress: flags.compress };
    for (const frame of this.$settings.codec.encode(packet)) {
      this.session.send(frame, options);
    }
  }

  // ── up ───────────────────────────────────────────────────────────────────────────────────────────────────────

  onSessionOpen(): void {
    this.$owner.onMuxOpen();
  }

  onSessionMessage(_session: Session, data: EngineData): void {
    if (this.$standing !== "sound") {
      return;
    }
    const size = typeof data === "string" ? data.length : "byteLength" in data ? data.byteLength : data.size;
    const excess = this.$budget.chargeInbound(size);
    const result = excess ? violation(excess) : this.$decoder.add(data);
    this.$unfinished = this.$decoder.pending ? this.$unfinished + size + MESSAGE_OVERHEAD : 0;
    this.$superviseAttachments();
    if (result) {
      this.$enqueue(result);
    }
  }

  onSessionClose(_session: Session, reason: CloseReason, cause?: Error): void {
    this.$decoder.reset();
    this.$superviseAttachments();
    this.$enqueue(new SessionEnd(reason, cause));
  }

  drain(): void {
    const items = this.$inbox;
    this.$inbox = [];
    this.$drainAwaited = false;
    this.$budget.settleInbound(this.$unfinished);
    let handled = 0;
    try {
      for (const item of items) {
        handled++;
        this.$handle(item);
      }
    } finally {
      if (handled < items.length) {
        // A handler threw, which is no reason to lose what came after.
        this.$inbox = [...items.slice(handled), ...this.$inbox];
        this.$awaitDrain();
      }
    }
  }

  /** @internal The next attachment did not arrive in time. */
  onAttachmentTimeout(): void {
    this.$decoder.reset();
    this.$enqueue(violation("ERR_ATTACHMENT_TIMEOUT"));
  }

  private $enqueue(item: InboxItem): void {
    if (item instanceof ProtocolError) {
      this.$standing = "condemned";
    }
    this.$inbox.push(item);
    this.$awaitDrain();
  }

  private $awaitDrain(): void {
    if (!this.$drainAwaited) {
      this.$drainAwaited = true;
      this.$settings.turn.awaitDrain(this);
    }
  }

  private $handle(item: InboxItem): void {
    if (item instanceof SessionEnd) {
      this.$end(item);
    } else if (item instanceof ProtocolError) {
      this.$report(item);
    } else {
      this.$route(item);
    }
  }

  private $route(packet: Packet): void {
    if (this.$standing === "broken") {
      return;
    }
    this.$owner.onMuxPacket?.(packet);
    const link = this.links.get(packet.nsp);
    let error: ProtocolError | undefined;
    if (link) {
      error = link.receive(packet);
    } else if (packet.type === PacketType.CONNECT || !this.$left?.has(packet.nsp)) {
      error = this.$owner.onMuxUnrouted(packet);
    }
    if (error) {
      this.$report(error);
    }
  }

  private $report(error: ProtocolError): void {
    if (this.$standing !== "broken") {
      this.$standing = "broken";
      this.$owner.onMuxViolation(error);
    }
  }

  private $end(end: SessionEnd): void {
    this.$owner.onMuxEnd?.(end.reason, end.cause);
    for (const link of [...this.links.values()]) {
      link.sessionClosed(end.reason, end.cause);
    }
    this.$owner.onMuxClose(end.reason, end.cause);
  }

  /** Each attachment has to arrive within the time that a heartbeat has: one that takes longer would fail that too. */
  private $superviseAttachments(): void {
    if (this.$decoder.pending) {
      this.$attachmentDeadline ??= new AttachmentDeadline(this);
      this.deadlines.start(this.$attachmentDeadline, this.$settings.attachmentTimeout);
    } else if (this.$attachmentDeadline) {
      this.deadlines.stop(this.$attachmentDeadline);
      this.$attachmentDeadline = undefined;
    }
  }
}
