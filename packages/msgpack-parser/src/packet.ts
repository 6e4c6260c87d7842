/**
 * Packets as MessagePack: one message of the engine for each, whatever it carries.
 */

import { ProtocolError, packetError, toPacket, type Frame, type Packet, type PacketViolation } from "@hawser/parser";
import { decode, type Bytes } from "./decode.ts";
import { encode } from "./encode.ts";

/**
 * Encodes a packet.
 *
 * @returns the message
 * @throws TypeError if the data contains itself, or a `Blob`; RangeError if it is nested more than 1000 deep, or contains an integer of
 * more than 64 bits; and what a `toJSON` method throws
 */
export function encodePacket({ type, nsp, data, id }: Packet): Uint8Array {
  const fields: Record<string, unknown> = { type, nsp };
  // `null` is what an adapter's bus, for one, makes of an absent payload or id.
  if (data !== undefined && data !== null) {
    fields.data = data;
  }
  if (id !== undefined && id !== null) {
    fields.id = id;
  }
  return encode(fields);
}

/**
 * Decodes a message.
 *
 * @returns the packet, or the violation. Never throws
 */
export function decodePacket(message: Frame): Packet | ProtocolError<PacketViolation> {
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
