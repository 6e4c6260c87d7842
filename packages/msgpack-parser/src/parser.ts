/**
 * The parser: packets as MessagePack, one message of the engine for each, whatever it carries.
 */

import { DecodedEmitter, packetError, toPacket, type AckPacket, type Frame, type Packet } from "@hawser/parser";
import { decode, type Bytes } from "./decode.ts";
import { encode } from "./encode.ts";

/** Turns packets into messages. */
export class Encoder {
  /**
   * Encodes a packet.
   *
   * @returns one message
   * @throws TypeError if the data contains itself, or a `Blob`; RangeError if it is nested more than 1000 deep, or contains an integer of more
   * than 64 bits; and what a `toJSON` method throws
   */
  encode(packet: Packet): [message: Uint8Array] {
    const { type, nsp, data, id } = packet as Packet & Partial<Pick<AckPacket, "id">>;
    const fields: Record<string, unknown> = { type, nsp };
    // `null` is what an adapter's bus, for one, makes of an absent payload or id.
    if (data !== undefined && data !== null) {
      fields.data = data;
    }
    if (id !== undefined && id !== null) {
      fields.id = id;
    }
    return [encode(fields)];
  }
}

/** Turns messages into packets, which it emits as `decoded`. */
export class Decoder extends DecodedEmitter {
  /**
   * Takes the next message.
   *
   * @throws ProtocolError if it is not acceptable; TypeError if it is a `Blob`, whose bytes can't be had at once
   */
  add(message: Frame): void {
    const packet = typeof message === "string" ? packetError("ERR_PACKET_TYPE") : toPacket(decode(message as Bytes));
    if ("code" in packet) {
      throw packet;
    }
    this.emit("decoded", packet);
  }

  /** Does nothing: there are no packets of several messages. */
  destroy(): void {}
}
