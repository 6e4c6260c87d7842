import { sizeOf, type EnginePacket } from "./wire.ts";

/** The packets that a session has accepted but not yet handed to its transport. */
export class Outbox {
  private $packets: EnginePacket[] = [];
  private $size = 0;

  /** How many packets wait. */
  get length(): number {
    return this.$packets.length;
  }

  /** How many bytes wait, as {@link sizeOf} counts them. */
  get size(): number {
    return this.$size;
  }

  /** The packets that wait, first to leave first. Not to be changed. */
  get packets(): readonly EnginePacket[] {
    return this.$packets;
  }

  push(packet: EnginePacket): void {
    this.$packets.push(packet);
    this.$size += sizeOf(packet.data);
  }

  /** Takes all that wait. */
  takeAll(): EnginePacket[] {
    const packets = this.$packets;
    this.$packets = [];
    this.$size = 0;
    return packets;
  }

  /** Takes the first `count`. */
  take(count: number): EnginePacket[] {
    const packets = this.$packets.splice(0, count);
    for (const packet of packets) {
      this.$size -= sizeOf(packet.data);
    }
    return packets;
  }
}
