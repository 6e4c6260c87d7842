/**
 * The codec in the form that parsers for Socket.IO have, so that other parsers can extend it: an `Encoder`, and a
 * `Decoder` that emits what it decodes.
 */

import type { UncheckedPacket } from "./assemble.ts";
import { isBinary, type Frame } from "./binary.ts";
import type { Reviver } from "./decode.ts";
import { DecodedEmitter, type DecodedListener } from "./decoded-emitter.ts";
import { PacketDecoder, type PacketDecoderOptions } from "./decoder.ts";
import { encodePacket, type Replacer } from "./encode.ts";
import type { Packet } from "./packet.ts";

/** Turns packets into frames. */
export class Encoder {
  private readonly $replacer: Replacer | undefined;

  /**
   * @param replacer - applied to the data as by `JSON.stringify`
   */
  constructor(replacer?: Replacer) {
    this.$replacer = replacer;
  }

  /**
   * Encodes a packet. Its data is taken to fit its type.
   *
   * @returns one text frame, and one more for each attachment
   */
  encode(packet: UncheckedPacket): Frame[] {
    return encodePacket(packet as Packet, this.$replacer);
  }
}

/** What a {@link Decoder} may be told. */
export type DecoderOptions = PacketDecoderOptions;

/**
 * Turns frames into packets, which it emits as `decoded`. It has the methods of `component-emitter`, as decoders have in
 * Socket.IO, for this one event.
 */
export class Decoder extends DecodedEmitter {
  private readonly $decoder: PacketDecoder;

  /**
   * @param options - or a `reviver` alone
   */
  constructor(options?: DecoderOptions | Reviver | null) {
    super();
    this.$decoder = new PacketDecoder(typeof options === "function" ? { reviver: options } : (options ?? {}));
  }

  /**
   * Takes the next frame: text, or an attachment.
   *
   * @throws ProtocolError if it is not acceptable, TypeError if it is neither text nor binary
   */
  add(frame: unknown): void {
    if (!isFrame(frame)) {
      throw new TypeError(`Unknown type: ${String(frame)}`);
    }
    const result = this.$decoder.add(frame);
    if (result instanceof Error) {
      throw result;
    }
    if (result) {
      this.emitReserved("decoded", result);
    }
  }

  /** Forgets a half-received packet. */
  destroy(): void {
    this.$decoder.reset();
  }

  // JavaScript may well name another event, whose listeners are not to be handed packets.

  override on(event: "decoded", listener: DecodedListener): this {
    return event === "decoded" ? super.on(event, listener) : this;
  }

  override emit(event: "decoded", packet: Packet): this {
    return event === "decoded" ? super.emit(event, packet) : this;
  }

  /** Tells the listeners of a packet, from within a class that extends this one. */
  protected emitReserved(event: "decoded", packet: UncheckedPacket): this {
    return this.emit(event, packet as Packet);
  }

  /** Calls `listener` with the next decoded packet, and then no more. */
  once(event: "decoded", listener: DecodedListener): this {
    const first = (packet: Packet): void => {
      this.off(event, first);
      listener(packet);
    };
    return this.on(event, Object.assign(first, { listener }));
  }

  /** Those who are told of packets. */
  listeners(event: "decoded"): readonly DecodedListener[] {
    return event === "decoded" ? this.$listeners : [];
  }

  /** Whether anybody is told of packets. */
  hasListeners(event: "decoded"): boolean {
    return this.listeners(event).length > 0;
  }

  /** Same as `on`. */
  addEventListener(event: "decoded", listener: DecodedListener): this {
    return this.on(event, listener);
  }

  /** Same as `off`. */
  removeEventListener(event?: "decoded", listener?: DecodedListener): this {
    return this.off(event, listener);
  }

  /** Removes all listeners. */
  removeAllListeners(event?: "decoded"): this {
    return this.off(event);
  }
}

function isFrame(value: unknown): value is Frame {
  return typeof value === "string" || (typeof value === "object" && value !== null && isBinary(value));
}
