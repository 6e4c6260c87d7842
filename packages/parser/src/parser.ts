/**
 * The codec in the form that parsers for Socket.IO have, so that other parsers can extend it: an `Encoder`, and a
 * `Decoder` that emits what it decodes.
 */

import type { Frame } from "./binary.ts";
import type { Reviver } from "./decode.ts";
import { DecodedEmitter } from "./decoded-emitter.ts";
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
   * Encodes a packet.
   *
   * @returns one text frame, and one more for each attachment
   */
  encode(packet: Packet): Frame[] {
    return encodePacket(packet, this.$replacer);
  }
}

/** Turns frames into packets, which it emits as `decoded`. */
export class Decoder extends DecodedEmitter {
  private readonly $decoder: PacketDecoder;

  /**
   * @param options - or a `reviver` alone
   */
  constructor(options?: PacketDecoderOptions | Reviver) {
    super();
    this.$decoder = new PacketDecoder(typeof options === "function" ? { reviver: options } : options);
  }

  /**
   * Takes the next frame.
   *
   * @throws ProtocolError if it is not acceptable
   */
  add(frame: Frame): void {
    const result = this.$decoder.add(frame);
    if (result instanceof Error) {
      throw result;
    }
    if (result) {
      this.emit("decoded", result);
    }
  }

  /** Forgets a half-received packet. */
  destroy(): void {
    this.$decoder.reset();
  }
}
