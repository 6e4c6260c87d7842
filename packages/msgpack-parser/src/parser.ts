/**
 * The codec in the form that parsers for Socket.IO have.
 */

import { DecodedEmitter, type Frame, type Packet } from "@hawser/parser";
import { decodePacket, encodePacket } from "./packet.ts";

/** Turns packets into messages. */
export class Encoder {
  /**
   * Encodes a packet.
   *
   * @returns one message
   * @throws what {@link encodePacket} throws
   */
  encode(packet: Packet): [message: Uint8Array] {
    return [encodePacket(packet)];
  }
}

/** Turns messages into packets, which it emits as `decoded`. */
export class Decoder extends DecodedEmitter {
  /**
   * Takes the next message.
   *
   * @throws ProtocolError if it is not acceptable
   */
  add(message: Frame): void {
    const packet = decodePacket(message);
    if ("code" in packet) {
      throw packet;
    }
    this.emit("decoded", packet);
  }

  /** Does nothing: there are no packets of several messages. */
  destroy(): void {}
}
