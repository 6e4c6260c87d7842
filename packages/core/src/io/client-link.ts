import { PacketType, type EventPacket, type Packet, type ProtocolError } from "@hawser/parser";
import type { DisconnectReason } from "../codes.ts";
import type { ViolationCode } from "../violations.ts";
import { failure } from "../errors.ts";
import type { Acks } from "./acks.ts";
import { Link, type AckIds, type LinkHandler, type LinkPort, type SendFlags } from "./link.ts";

/** What a server's CONNECT packet says. */
export interface Welcome {
  sid: string;
  pid?: string | undefined;
}

/** Room 1 as a client's link sees it. */
export interface ClientLinkHandler extends LinkHandler {
  /** The server let us in. Called before anything that waited is delivered or sent. */
  onLinkWelcome(welcome: Welcome): void;
  /** Everything that waited has been delivered and sent; `connect` listeners are next. */
  onLinkConnect(): void;
  /** The server kept us out, or answered in a way that this client can't use. */
  onLinkRefused(error: Error): void;
  /** The session was over before the server answered. */
  onLinkLost?(reason: DisconnectReason, cause?: Error): void;
}

/** An event that waits for the namespace to be joined, with how it wishes to be sent. */
export interface BufferedEvent extends EventPacket {
  readonly options: SendFlags;
}

/**
 * A namespace on a client, which outlives the connections that carry it:
 *
 * ```
 *  idle ── connect(auth) ──► CONNECT ──► connecting ── CONNECT from the server ──► connected
 *   ▲                                        │ CONNECT_ERROR                           │
 *   └──────── session closed, DISCONNECT ────┴─────────────────────────────────────────┘
 * ```
 *
 * Events emitted before the namespace is joined wait, and leave in order once it is. Events received before the
 * server's CONNECT (it replays what a recovered socket missed) wait likewise.
 */
export class ClientLink extends Link {
  declare protected readonly $handler: ClientLinkHandler;
  /** The events that wait to be sent. Applications may take some of them out. */
  sendBuffer: BufferedEvent[] = [];
  private $receiveBuffer: EventPacket[] = [];

  constructor(nsp: string, port: LinkPort, handler: ClientLinkHandler, ackIds: AckIds) {
    super(nsp, port, handler, ackIds, "idle");
  }

  /** The arguments of the events that wait to be delivered. */
  get receiveBuffer(): readonly unknown[][] {
    return this.$receiveBuffer.map((packet) => packet.data);
  }

  /**
   * Asks the server to let us in; the session must be open.
   *
   * @param auth - what the server's middlewares see as `handshake.auth`
   */
  connect(auth: Record<string, unknown> | undefined): void {
    this.$state = "connecting";
    this.$port.sendPacket({ type: PacketType.CONNECT, nsp: this.nsp, data: auth });
  }

  /** Leaves the namespace, telling the server if it had let us in. */
  disconnect(): void {
    const wasConnected = this.$state === "connected";
    if (wasConnected) {
      this.$port.sendPacket({ type: PacketType.DISCONNECT, nsp: this.nsp });
    }
    this.$leave("io client disconnect", wasConnected);
  }

  override receive(packet: Packet): ProtocolError<ViolationCode> | undefined {
    switch (packet.type) {
      case PacketType.CONNECT:
        this.$receiveConnect(packet.data);
        break;
      case PacketType.EVENT:
        if (this.$state === "connected") {
          this.$deliver(packet);
        } else if (this.$state === "connecting") {
          this.$receiveBuffer.push(packet);
        }
        break;
      case PacketType.ACK:
        this.acks.settle(packet.id, packet.data);
        break;
      case PacketType.DISCONNECT:
        this.$receiveDisconnect();
        break;
      case PacketType.CONNECT_ERROR:
        this.$receiveRefusal(packet.data);
        break;
    }
    return undefined;
  }

  override sessionClosed(reason: DisconnectReason, cause?: Error): void {
    if (this.$state === "connecting") {
      this.$leave(reason, false);
      this.$handler.onLinkLost?.(reason, cause);
    } else {
      this.$leave(reason, this.$state === "connected", cause);
    }
  }

  protected override $emitPacket(packet: EventPacket, flags: SendFlags): void {
    if (flags.volatile && !this.$port.writable) {
      this.$abandonAck(packet);
    } else if (!this.sendBuffer[0] && this.$canSend()) {
      this.$transmit(packet, flags);
    } else {
      this.sendBuffer.push({ ...packet, options: flags });
    }
  }

  private $canSend(): boolean {
    return this.$state === "connected" && this.$port.alive();
  }

  protected override $createAcks(): Acks {
    const acks = super.$createAcks();
    acks.onExpired = (id) => {
      this.sendBuffer = this.sendBuffer.filter((event) => event.id !== id);
    };
    return acks;
  }

  private $receiveConnect(data: Record<string, unknown> | undefined): void {
    const { sid, pid } = data ?? {};
    if (this.$state !== "connecting") {
      if (this.$state === "idle" && sid !== undefined) {
        // We left before the server answered, and it does not know.
        this.$port.sendPacket({ type: PacketType.DISCONNECT, nsp: this.nsp });
      }
      return;
    }
    if (typeof sid !== "string") {
      this.$rest();
      this.$handler.onLinkRefused(failure("ERR_V2_SERVER"));
      return;
    }
    this.$state = "connected";
    this.$handler.onLinkWelcome({ sid, pid: typeof pid === "string" ? pid : undefined });
    // Emptied before its contents are handled: what they cause must not meet them again.
    const received = this.$receiveBuffer;
    this.$receiveBuffer = [];
    for (const packet of received) {
      // A listener may have left the namespace.
      if (this.state === "connected") {
        this.$deliver(packet);
      }
    }
    // What listeners emit meanwhile has queued up behind the rest.
    while (this.sendBuffer[0] && this.$canSend()) {
      this.$sendBuffered(this.sendBuffer.shift() as BufferedEvent);
    }
    if (this.state === "connected") {
      this.$handler.onLinkConnect();
    }
  }

  /** Nobody who emitted it is left to be told that it can't be encoded. */
  private $sendBuffered(event: BufferedEvent): void {
    try {
      this.$transmit(event, event.options);
    } catch (error) {
      this.$abandonAck(event);
      this.$handler.onUserError(error, "event");
    }
  }

  private $receiveDisconnect(): void {
    if (this.$state === "connected") {
      this.$leave("io server disconnect", true);
    } else {
      // It crossed our CONNECT: it ends the stay before, and what came ahead of it belongs there.
      this.$receiveBuffer = [];
    }
  }

  private $receiveRefusal(data: string | { message: string; data?: unknown }): void {
    if (this.$state === "connecting") {
      this.$rest();
      const refusal = typeof data === "string" ? { message: data } : data;
      this.$handler.onLinkRefused(Object.assign(new Error(refusal.message), { data: refusal.data }));
    }
  }

  /** Takes no part any more; what was received for the stay that is over does not belong to the next one. */
  private $rest(): void {
    this.$state = "idle";
    this.$receiveBuffer = [];
  }

  private $leave(reason: DisconnectReason, notify: boolean, cause?: Error): void {
    this.$rest();
    if (notify) {
      this.$handler.onLinkClose(reason, cause);
      this.$dropAcks((id) => this.sendBuffer.some((event) => event.id === id));
    }
  }
}
