import type { Packet } from "./packet.ts";

/** Receives each decoded packet. */
export type DecodedListener = (packet: Packet) => void;

/** A listener, or what stands for one that is to be called once. */
type Registered = DecodedListener & { listener?: DecodedListener };

/** What decoders of parsers for Socket.IO have in common: those who are told of decoded packets. It knows no other event. */
export class DecodedEmitter {
  protected $listeners: Registered[] = [];

  /** Calls `listener` with each decoded packet. */
  on(_event: "decoded", listener: DecodedListener): this {
    this.$listeners.push(listener);
    return this;
  }

  /** Removes `listener`; without one, all of them. */
  off(_event?: "decoded", listener?: DecodedListener): this {
    this.$listeners = listener
      ? this.$listeners.filter((other) => other !== listener && other.listener !== listener)
      : [];
    return this;
  }

  /** Same as `off`. */
  removeListener(event?: "decoded", listener?: DecodedListener): this {
    return this.off(event, listener);
  }

  /** Tells the listeners of a packet. */
  emit(_event: "decoded", packet: Packet): this {
    for (const listener of this.$listeners) {
      listener(packet);
    }
    return this;
  }
}
