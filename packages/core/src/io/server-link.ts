import {
  PacketType,
  type ConnectErrorPacket,
  type EventData,
  type EventPacket,
  type Packet,
  type ProtocolError,
} from "@hawser/parser";
import type { DisconnectReason } from "../codes.ts";
import type { ViolationCode } from "../violations.ts";
import { violation } from "../errors.ts";
import { Link, type AckIds, type LinkHandler, type LinkPort, type SendFlags } from "./link.ts";

/** What a server tells a client in its CONNECT packet. */
export interface ConnectReply {
  /** The socket's id. */
  sid: string;
  /** The private id by which the client may recover its state, if the server offers that. */
  pid?: string;
}

/**
 * A namespace on a server's connection. It begins with the client's CONNECT:
 *
 * ```
 *  client ── CONNECT ──► connecting ── accept() ──► CONNECT ──► connected ── DISCONNECT, either way ──► closed
 *                            └──────── refuse() ──► CONNECT_ERROR ──► closed
 * ```
 */
export class ServerLink extends Link {
  constructor(nsp: string, port: LinkPort, handler: LinkHandler, ackIds: AckIds) {
    super(nsp, port, handler, ackIds, "connecting");
  }

  /**
   * Lets the client in; CONNECT leaves in this turn, before anything sent from now on.
   *
   * @param reply - what it is told; nothing, where the revision has no such thing
   */
  accept(reply: ConnectReply | undefined): void {
    this.$state = "connected";
    this.$port.sendPacket({ type: PacketType.CONNECT, nsp: this.nsp, data: reply && { ...reply } });
  }

  /** Sends an event that a recovered client missed; before `accept`, so that the client holds it back until then. */
  replay(data: EventData): void {
    this.$transmit({ type: PacketType.EVENT, nsp: this.nsp, data }, {});
  }

  /**
   * Keeps the client out.
   *
   * @param refusal - what it is told
   */
  refuse(refusal: ConnectErrorPacket["data"]): void {
    this.$state = "closed";
    this.$port.sendPacket({ type: PacketType.CONNECT_ERROR, nsp: this.nsp, data: refusal });
    this.$dropAcks();
  }

  /** Leaves the namespace and tells the client so. */
  disconnect(): void {
    if (this.$state === "connected") {
      this.$state = "closed";
      this.$port.sendPacket({ type: PacketType.DISCONNECT, nsp: this.nsp });
      this.$left("server namespace disconnect");
    }
  }

  /** Leaves the namespace without a word on the wire. */
  leave(reason: DisconnectReason, cause?: Error): void {
    if (this.$state === "closed") {
      return;
    }
    this.$state = "closed";
    this.$left(reason, cause);
  }

  private $left(reason: DisconnectReason, cause?: Error): void {
    this.$handler.onLinkClose(reason, cause);
    this.$dropAcks();
  }

  override receive(packet: Packet): ProtocolError<ViolationCode> | undefined {
    if (packet.type === PacketType.DISCONNECT) {
      this.leave("client namespace disconnect");
      return undefined;
    }
    if (this.$state === "connecting" && packet.type === PacketType.CONNECT) {
      // A client that gave up and tried again while its first attempt is still looked at: one answer serves both.
      return undefined;
    }
    if (this.$state !== "connected") {
      return violation("ERR_PACKET_ORDER");
    }
    switch (packet.type) {
      case PacketType.EVENT:
        this.$deliver(packet);
        return undefined;
      case PacketType.ACK:
        this.acks.settle(packet.id, packet.data);
        return undefined;
      default:
        return violation("ERR_PACKET_ORDER");
    }
  }

  override sessionClosed(reason: DisconnectReason, cause?: Error): void {
    this.leave(reason, cause);
  }

  protected override $emitPacket(packet: EventPacket, flags: SendFlags): void {
    if (this.$state === "closed") {
      // The acknowledgement just registered is the only one there is: it fails like those before it.
      this.$dropAcks();
    } else if (flags.volatile && !this.$port.writable) {
      this.$abandonAck(packet);
    } else {
      this.$transmit(packet, flags);
    }
  }
}
