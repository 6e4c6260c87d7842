import type { EngineData, EnginePacket } from "./wire.ts";

/** The length of `text` in UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

/** How many bytes `data` takes as a record of a polling payload, its type not counted. */
function payloadLength(data: EngineData): number {
  if (typeof data === "string") {
    return utf8Length(data);
  }
  // Base64 makes four characters of every three bytes that are begun.
  return 4 * Math.ceil(("byteLength" in data ? data.byteLength : data.size) / 3);
}

/**
 * How many of `packets` fit in a payload of `maxPayload` bytes: the longest run from the front, but at least one packet,
 * for one that is too large by itself is for the peer to refuse.
 */
export function fittingPackets(packets: readonly EnginePacket[], maxPayload: number): number {
  // One byte for the first packet's type; each further one costs a separator and a type.
  let size = 1;
  for (let index = 0; index < packets.length; index++) {
    const data = packets[index]?.data;
    if (data !== undefined) {
      size += payloadLength(data);
    }
    if (index > 0 && size > maxPayload) {
      return index;
    }
    size += 2;
  }
  return packets.length;
}
