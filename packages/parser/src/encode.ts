import type { Reviver } from "./decode.ts";
import { deconstruct, hasBinary, type BinaryData, type Frame } from "./binary.ts";
import { PacketType, type Packet } from "./packet.ts";

/** What `JSON.stringify` takes as its second argument; a reviver has the same form. */
export type Replacer = Reviver;

/**
 * Encodes a packet into the frames that carry it: one text frame, and one more for each attachment, in order
 * (`docs/protocol.md`, "Packets").
 *
 * @param packet - the packet
 * @param replacer - applied to the data as by `JSON.stringify`
 * @throws a `RangeError` on a cycle, a `TypeError` on a BigInt, or what a `toJSON` method throws
 */
export function encodePacket(packet: Packet, replacer?: Replacer): Frame[] {
  const { type, data } = packet;
  if ((type === PacketType.EVENT || type === PacketType.ACK) && hasBinary(data)) {
    const attachments: BinaryData[] = [];
    const json = JSON.stringify(deconstruct(data, attachments), replacer);
    const binaryType = type === PacketType.EVENT ? PacketType.BINARY_EVENT : PacketType.BINARY_ACK;
    return [`${binaryType}${attachments.length}-${addressOf(packet)}${json}`, ...attachments];
  }
  // `null` is what others make of an absent payload or id, an adapter's bus among them; JavaScript users do too.
  const json = data === undefined || data === null ? "" : JSON.stringify(data, replacer);
  return [type + addressOf(packet) + json];
}

/** The namespace and the acknowledgement id, each only where it says something. */
function addressOf(packet: Packet): string {
  // JavaScript users leave out the namespace where they mean the main one.
  const nsp = !packet.nsp || packet.nsp === "/" ? "" : packet.nsp + ",";
  return nsp + (packet.id ?? "");
}
