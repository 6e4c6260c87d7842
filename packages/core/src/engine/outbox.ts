import type { EnginePacket } from "./wire.ts";

/** The packets that a session has accepted but not yet handed to its transport. */
export class Outbox {
  private $packets: EnginePacket[] = [];

  /** How many packets wait. */
  get length(): number {
    return this.$packets.length;
  }

  /** The packets that wait, first to leave first. Not to be changed. */
  get packets(): readonly EnginePacket[] {
    return this.$packets;
  }

  push(packet: EnginePacket): void {
    this.$packets.push(packet);
  }

  /** Takes all that wait. */
  takeAll(): EnginePacket[] {
    const packets = this.$packets;
    this.$packets = [];
    return packets;
  }

  /** Takes the first `count`. */
  take(count: number): EnginePacket[] {
    return this.$packets.splice(0, count);
  }
}
