import { PacketType, type Packet, type ProtocolError } from "@hawser/parser";
import { MESSAGE_OVERHEAD, type Budget } from "../budget.ts";
import type { CloseReason } from "../codes.ts";
import type { ViolationCode } from "../violations.ts";
import { Deadline, type Deadlines } from "../deadlines.ts";
import { violation } from "../errors.ts";
import type { ServerSession } from "../engine/server-session.ts";
import { sizeOf, type EngineData } from "../engine/wire.ts";
import type { SessionHandler, SessionPort } from "../ports.ts";
import type { Link, LinkPort } from "./link.ts";
import { Mux, type MuxOwner, type MuxSettings } from "./mux.ts";

/** What a server's mux is told once, shared by all connections. */
export interface ServerMuxSettings extends MuxSettings {
  readonly deadlines: Deadlines;
  /** Milliseconds within which the next attachment of a half-received packet must arrive. */
  readonly attachmentTimeout: number;
}

/** The shell that a server's connection belongs to. */
export interface ServerMuxOwner extends MuxOwner {
  /** A packet for a namespace that the client has not joined; returns the violation if that is one. */
  onMuxUnrouted(packet: Packet): ProtocolError<ViolationCode> | undefined;
}

/** The time limit for the attachments of a half-received packet. */
class AttachmentDeadline extends Deadline {
  private readonly $mux: ServerMux<SessionPort>;

  constructor(mux: ServerMux<SessionPort>) {
    super();
    this.$mux = mux;
  }

  override expire(): void {
    this.$mux.onAttachmentTimeout();
  }
}

/** For how many namespaces a mux remembers that this end left them. */
const MAX_REMEMBERED = 128;

/** The longest name that is remembered: a client must not fill the memory with names that it made up. */
const MAX_REMEMBERED_LENGTH = 1024;

/**
 * The mux of a server's connection, which minds what its client makes it hold, and for how long: a client is anybody.
 */
export class ServerMux<S extends SessionPort = ServerSession> extends Mux<S> implements LinkPort {
  readonly deadlines: Deadlines;
  private readonly $serverOwner: ServerMuxOwner;
  private readonly $attachmentTimeout: number;
  private readonly $budget: Budget;
  /** What the frames of a half-received packet were charged. */
  private $unfinished = 0;
  private $left: Set<string> | undefined;
  private $attachmentDeadline: AttachmentDeadline | undefined;

  /**
   * @param createSession - makes the session that reports to this mux
   */
  constructor(
    settings: ServerMuxSettings,
    owner: ServerMuxOwner,
    budget: Budget,
    createSession: (handler: SessionHandler) => S,
  ) {
    super(settings, owner, createSession);
    this.deadlines = settings.deadlines;
    this.$serverOwner = owner;
    this.$attachmentTimeout = settings.attachmentTimeout;
    this.$budget = budget;
  }

  get writable(): boolean {
    return this.session.writable;
  }

  alive(): boolean {
    return this.session.alive();
  }

  /**
   * Routes the packets of a namespace to `link`.
   *
   * @returns the violation, if the client has joined too many
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

  /** Routes nothing to `link` any more. Packets that the client sent before it knew are ignored. */
  detach(link: Link): void {
    if (this.links.get(link.nsp) !== link) {
      return;
    }
    this.links.delete(link.nsp);
    this.$budget.releaseNamespace();
    if (link.nsp.length > MAX_REMEMBERED_LENGTH) {
      return;
    }
    this.$left ??= new Set();
    this.$left.add(link.nsp);
    if (this.$left.size > MAX_REMEMBERED) {
      for (const oldest of this.$left) {
        this.$left.delete(oldest);
        break;
      }
    }
  }

  /** Takes a packet that the client did not send because its revision has it go without saying. */
  receiveImplied(packet: Packet): void {
    this.$enqueue(packet);
  }

  override onSessionClose(session: SessionPort, reason: CloseReason, cause?: Error): void {
    super.onSessionClose(session, reason, cause);
    this.$superviseAttachments();
  }

  override drain(): void {
    this.$budget.settleInbound(this.$unfinished);
    super.drain();
  }

  /** @internal The next attachment did not arrive in time. */
  onAttachmentTimeout(): void {
    this.$decoder.reset();
    this.$enqueue(violation("ERR_ATTACHMENT_TIMEOUT"));
  }

  protected override $receive(data: EngineData): void {
    const size = sizeOf(data);
    const excess = this.$budget.chargeInbound(size);
    if (excess) {
      this.$enqueue(violation(excess));
    } else {
      super.$receive(data);
    }
    this.$unfinished = this.$decoder.pending ? this.$unfinished + size + MESSAGE_OVERHEAD : 0;
    this.$superviseAttachments();
  }

  protected override $receiveUnrouted(packet: Packet): ProtocolError | undefined {
    const leftMeanwhile = packet.type !== PacketType.CONNECT && this.$left?.has(packet.nsp);
    return leftMeanwhile ? undefined : this.$serverOwner.onMuxUnrouted(packet);
  }

  /** Each attachment has to arrive within the time that a heartbeat has: one that takes longer would fail that too. */
  private $superviseAttachments(): void {
    if (this.$decoder.pending) {
      this.$attachmentDeadline ??= new AttachmentDeadline(this);
      this.deadlines.start(this.$attachmentDeadline, this.$attachmentTimeout);
    } else if (this.$attachmentDeadline) {
      this.deadlines.stop(this.$attachmentDeadline);
      this.$attachmentDeadline = undefined;
    }
  }
}
