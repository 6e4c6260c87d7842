import { PacketType, type EventData, type EventPacket, type Packet, type ProtocolError } from "@hawser/parser";
import type { DisconnectReason } from "../codes.ts";
import type { ViolationCode } from "../violations.ts";
import type { Deadlines } from "../deadlines.ts";
import { Acks, type AckCallback, type AckOptions } from "./acks.ts";

/** How one event wishes to be sent. */
export interface SendFlags {
  /** Whether the transport may compress it. Default: true. */
  compress?: boolean | undefined;
  /** Whether it may be lost if it can't leave at once. Default: false. */
  volatile?: boolean | undefined;
}

/** Room 3 as a link sees it. */
export interface LinkPort {
  readonly deadlines: Deadlines;
  /** Whether a packet sent now would leave in this turn. */
  readonly writable: boolean;
  /** Whether the peer's heartbeat is on time. If not, the session is about to end and should be entrusted with nothing. */
  alive(): boolean;
  /** Sends a packet of this connection. */
  sendPacket(packet: Packet, flags?: SendFlags): void;
}

/** Answers the event that came with it; only the first call counts. */
export type AckFunction = (...args: unknown[]) => void;

/** What of the application was running when it threw. */
export type UserCodePhase =
  "event" | "acknowledgement" | "connection" | "disconnect" | "middleware" | "namespace" | "adapter" | "engine";

/** Room 1 as a link sees it. */
export interface LinkHandler {
  /** An event arrived; `ack` is there if the sender waits for an answer. */
  onLinkEvent(data: EventData, ack: AckFunction | undefined): void;
  /** An event is handed to the codec. */
  onLinkOutgoing(data: EventData): void;
  /** The namespace was left, for whatever reason. */
  onLinkClose(reason: DisconnectReason, cause?: Error): void;
  /** The application threw. */
  onUserError(error: unknown, phase: UserCodePhase): void;
  /** What an acknowledgement callback returned; a promise, if it is an `async` one. */
  onAckResult?(result: unknown): void;
}

/** Where acknowledgement ids come from; a server shares one among the sockets of a namespace. */
export interface AckIds {
  next: number;
}

/**
 * `idle`: a client that does not take part at present. `connecting`: CONNECT was sent but not answered.
 * `connected`: events flow. `closed`: a server's last state.
 */
export type LinkState = "idle" | "connecting" | "connected" | "closed";

/**
 * Room 2: one namespace on one connection, as far as both ends do the same (`docs/protocol.md`, "Namespaces"): events
 * out and in, and their acknowledgements.
 */
export abstract class Link {
  readonly nsp: string;
  protected readonly $port: LinkPort;
  protected readonly $handler: LinkHandler;
  protected $state: LinkState;
  private readonly $ackIds: AckIds;
  private $acks: Acks | undefined;

  constructor(nsp: string, port: LinkPort, handler: LinkHandler, ackIds: AckIds, state: LinkState) {
    this.nsp = nsp;
    this.$port = port;
    this.$handler = handler;
    this.$ackIds = ackIds;
    this.$state = state;
  }

  get state(): LinkState {
    return this.$state;
  }

  /** The acknowledgements that are awaited. */
  get acks(): Acks {
    return (this.$acks ??= this.$createAcks());
  }

  /**
   * Sends an event.
   *
   * @param data - the event's name and arguments
   * @param flags - how it wishes to be sent
   * @param callback - called with the answer, if one is wanted
   * @param options - how the answer is awaited
   */
  emit(data: EventData, flags: SendFlags, callback?: AckCallback, options?: AckOptions): void {
    const packet: EventPacket = { type: PacketType.EVENT, nsp: this.nsp, data };
    if (callback) {
      packet.id = this.$ackIds.next++;
      this.acks.register(packet.id, callback, options ?? { errorFirst: false });
    }
    try {
      this.$emitPacket(packet, flags);
    } catch (error) {
      // It can't be encoded. Whoever emitted it learns that here, and not a second time by its timeout.
      if (packet.id !== undefined) {
        this.acks.forget(packet.id);
      }
      throw error;
    }
  }

  /**
   * Takes the next packet of this namespace.
   *
   * @returns the violation, if the packet is not allowed in the present state
   */
  abstract receive(packet: Packet): ProtocolError<ViolationCode> | undefined;

  /** The session that carried this namespace is over. */
  abstract sessionClosed(reason: DisconnectReason, cause?: Error): void;

  /** Sends an event packet, or keeps or drops it as the state and the flags demand. */
  protected abstract $emitPacket(packet: EventPacket, flags: SendFlags): void;

  protected $transmit(packet: EventPacket, flags: SendFlags): void {
    this.$handler.onLinkOutgoing(packet.data);
    this.$port.sendPacket(packet, flags);
  }

  protected $deliver(packet: EventPacket): void {
    const { id } = packet;
    this.$handler.onLinkEvent(packet.data, id === undefined ? undefined : this.$answer(id));
  }

  /** Fails the acknowledgements that can't be answered any more. */
  protected $dropAcks(keep?: (id: number) => boolean): void {
    this.$acks?.disconnect(keep);
  }

  /** A volatile event was dropped: its answer will not come. */
  protected $abandonAck(packet: EventPacket): void {
    if (packet.id !== undefined) {
      this.acks.abandon(packet.id);
    }
  }

  protected $createAcks(): Acks {
    return new Acks(this.$port.deadlines, (callback, args) => {
      try {
        const result: unknown = callback(...args);
        this.$handler.onAckResult?.(result);
      } catch (error) {
        this.$handler.onUserError(error, "acknowledgement");
      }
    });
  }

  private $answer(id: number): AckFunction {
    let answered = false;
    return (...data) => {
      // Servers of Socket.IO end the whole connection for an ACK to a namespace that was left.
      if (!answered && this.$state === "connected") {
        answered = true;
        this.$port.sendPacket({ type: PacketType.ACK, nsp: this.nsp, id, data });
      }
    };
  }
}
