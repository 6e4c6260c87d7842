import { deconstruct, hasBinary, type BinaryData, type Frame } from "./binary.ts";
import { PacketType, type Packet } from "./packet.ts";

/** What `JSON.stringify` takes as its second argument. */
export type Replacer = (this: unknown, key: string, value: unknown) => unknown;

/**
 * Encodes a packet into the frames that carry it: one text frame, and one more for each attachment, in order
 * (`docs/protocol.md`, "Packets").
 *
 * @param packet - the packet
 * @param replacer - applied to the data as by `JSON.stringify`
 * @throws what `JSON.stringify` throws: a `TypeError` on a cycle or a BigInt, or what a `toJSON` method throws
 */
export function encodePacket(packet: Packet, replacer?: Replacer): Frame[] {
  const { type, data } = packet;
  if ((type === PacketType.EVENT || type === PacketType.ACK) && hasBinary(data)) {
    const attachments: BinaryData[] = [];
    const json = JSON.stringify(deconstruct(data, attachments), replacer);
    const binaryType = type === PacketType.EVENT ? PacketType.BINARY_EVENT : PacketType.BINARY_ACK;
    return [`${binaryType}${attachments.length}-${addressOf(packet)}${json}`, ...attachments];
  }
  const json = data === undefined ? "" : JSON.stringify(data, replacer);
  return [type + addressOf(packet) + json];
}

/** The namespace and the acknowledgement id, each only where it says something. */
function addressOf(packet: Packet): string {
  const nsp = packet.nsp === "/" ? "" : packet.nsp + ",";
  return "id" in packet && packet.id !== undefined ? nsp + packet.id : nsp;
}
