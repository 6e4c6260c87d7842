/**
 * The parser: packets as MessagePack, one message of the engine for each, whatever it carries.
 */

import {
  DecodedEmitter,
  ProtocolError,
  packetError,
  toPacket,
  type Frame,
  type Packet,
  type PacketViolation,
} from "@hawser/parser";
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
    const { type, nsp, data } = packet;
    const fields: Record<string, unknown> = { type, nsp };
    // `null` is what an adapter's bus, for one, makes of an absent payload or id.
    if (data !== undefined && data !== null) {
      fields.data = data;
    }
    if ("id" in packet && packet.id !== undefined && packet.id !== null) {
      fields.id = packet.id;
    }
    return [encode(fields)];
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
    if (packet instanceof Error) {
      throw packet;
    }
    this.emit("decoded", packet);
  }

  /** Does nothing: there are no packets of several messages. */
  destroy(): void {}
}

/** The packet in a message, or the violation. Never throws. */
function decodePacket(message: Frame): Packet | ProtocolError<PacketViolation> {
  if (typeof message === "string") {
    return packetError("ERR_PACKET_TYPE");
  }
  try {
    return toPacket(decode(message as Bytes));
  } catch (error) {
    return error instanceof ProtocolError
      ? (error as ProtocolError<PacketViolation>)
      : packetError("ERR_PACKET_PAYLOAD", error);
  }
}
