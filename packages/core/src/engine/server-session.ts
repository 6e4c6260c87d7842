import { encodeHandshake, type Handshake } from "./handshake.ts";
import type { Transport } from "../ports.ts";
import { Session } from "./session.ts";
import { sizeOf, type EngineData, type EnginePacket } from "./wire.ts";

/** A session at the server's end, which opens it. */
export class ServerSession extends Session {
  /** The revision of the Engine.IO protocol, as both ends agreed on it. */
  get protocol(): number {
    return this.$settings.revision.protocol;
  }

  /** Whether the session is trying to move to another transport. */
  get upgrading(): boolean {
    return this.$upgrades.length > 0;
  }

  /** How many bytes wait to leave: those of {@link queued}, and those that the transport has taken but not passed on. */
  get bufferedAmount(): number {
    const queued = this.queued.reduce((size, packet) => size + sizeOf(packet.data), 0);
    return queued + (this.transport.bufferedAmount ?? 0);
  }

  override onTransportPacket(transport: Transport, packet: EnginePacket): void {
    if (this.$heartbeat?.extendable && packet.type !== "pong") {
      this.$heartbeat.extend?.();
    }
    super.onTransportPacket(transport, packet);
  }

  onUpgradeProbed(candidate: Transport): void {
    this.observer?.onUpgradeProbed?.(candidate);
  }

  /**
   * Opens the session: OPEN is the first packet to leave.
   *
   * @param handshake - what the client is told
   * @param initial - a message to follow OPEN at once, if any
   */
  open(handshake: Handshake, initial?: EngineData): void {
    this.handshake = handshake;
    this.$push({ type: "open", data: encodeHandshake(handshake) });
    if (initial !== undefined) {
      this.$push({ type: "message", data: initial });
    }
    this.$opened(handshake);
  }
}
