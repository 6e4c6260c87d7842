import { ProtocolError, type DecodeResult, type Frame, type Packet } from "@hawser/parser";
import type { CloseReason } from "../codes.ts";
import type { Session } from "../engine/session.ts";
import type { EngineData } from "../engine/wire.ts";
import type { SessionHandler, SessionPort } from "../ports.ts";
import type { Inbox, Turn } from "../turn.ts";
import type { Link, SendFlags } from "./link.ts";

/** Turns the frames of one connection into packets. */
export interface FrameDecoder {
  /** Whether a packet is half received. */
  readonly pending: boolean;
  /** Takes the next frame. One that does not answer with what came of it tells the receiver that it was made with. */
  add(frame: Frame): DecodeResult;
  /** Forgets a half-received packet. */
  reset(): void;
}

/** Who takes packets, and violations, that a decoder does not answer with. */
export interface PacketReceiver {
  onDecoded(result: Packet | ProtocolError): void;
}

/** Room 3: how packets become frames and back. */
export interface Codec {
  encode(packet: Packet): Frame[];
  createDecoder(receiver: PacketReceiver): FrameDecoder;
}

/** What a mux is told once, shared by all connections of a server or client. */
export interface MuxSettings {
  readonly codec: Codec;
  readonly turn: Turn;
}

/** The shell that a connection belongs to. */
export interface MuxOwner {
  /** The handshake is done. */
  onMuxOpen(): void;
  /** A packet is about to be handed to its link. */
  onMuxPacket?(packet: Packet): void;
  /** The peer broke the protocol; packets that came before have been handled. The owner ends the session. */
  onMuxViolation(error: ProtocolError): void;
  /** The session is over; the links are told next. */
  onMuxEnd?(reason: CloseReason, cause?: Error): void;
  /** The session is over and every link has been told. */
  onMuxClose(reason: CloseReason, cause?: Error): void;
}

/** How the session ended; waits in the inbox behind the packets that came before. */
interface SessionEnd {
  readonly reason: CloseReason;
  readonly cause: Error | undefined;
}

/**
 * `condemned`: a violation waits in the inbox; what came before it is still handled, what comes after is not looked at.
 * `broken`: the violation was reported; nothing is handled any more.
 */
type Standing = "sound" | "condemned" | "broken";

type InboxItem = Packet | ProtocolError | SessionEnd;

/**
 * Between rooms 3 and 2: decodes what the session received, and hands each packet to the link of its namespace in a
 * deferred turn, in wire order. The end of the session takes its place in the same queue, so that what arrived before
 * it is delivered before it.
 */
export class Mux<S extends SessionPort = Session> implements SessionHandler, PacketReceiver, Inbox {
  readonly session: S;
  /** Where the packets of each namespace go. */
  readonly links: Map<string, Link> = new Map<string, Link>();
  protected readonly $decoder: FrameDecoder;
  private readonly $settings: MuxSettings;
  private readonly $owner: MuxOwner;
  private $inbox: InboxItem[] = [];
  private $drainAwaited = false;
  private $standing: Standing = "sound";

  /**
   * @param createSession - makes the session that reports to this mux
   */
  constructor(settings: MuxSettings, owner: MuxOwner, createSession: (handler: SessionHandler) => S) {
    this.$settings = settings;
    this.$owner = owner;
    this.$decoder = settings.codec.createDecoder(this);
    this.session = createSession(this);
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

  onSessionMessage(_session: SessionPort, data: EngineData): void {
    if (this.$standing === "sound") {
      this.$receive(data);
    }
  }

  onDecoded(result: Packet | ProtocolError): void {
    this.$enqueue(result);
  }

  onSessionClose(_session: SessionPort, reason: CloseReason, cause?: Error): void {
    this.$decoder.reset();
    this.$enqueue({ reason, cause });
  }

  drain(): void {
    const items = this.$inbox;
    this.$inbox = [];
    this.$drainAwaited = false;
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

  protected $receive(data: EngineData): void {
    const result = this.$decoder.add(data);
    if (result) {
      this.$enqueue(result);
    }
  }

  /** A packet for a namespace that nobody has joined; returns the violation if that is one. */
  protected $receiveUnrouted(_packet: Packet): ProtocolError | undefined {
    // A client has left the namespace meanwhile, and the server does not know.
    return undefined;
  }

  protected $enqueue(item: InboxItem): void {
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
    if ("reason" in item) {
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
    const error = link ? link.receive(packet) : this.$receiveUnrouted(packet);
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

  private $end({ reason, cause }: SessionEnd): void {
    this.$owner.onMuxEnd?.(reason, cause);
    for (const link of [...this.links.values()]) {
      link.sessionClosed(reason, cause);
    }
    this.$owner.onMuxClose(reason, cause);
  }
}
