import type { EngineData, EnginePacket } from "./wire.ts";

function isHighSurrogate(code: number): boolean {
  return (code & 0xfc00) === 0xd800;
}

function isLowSurrogate(code: number): boolean {
  return (code & 0xfc00) === 0xdc00;
}

/** The length of `text` in UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7ff) {
      // Three bytes, or four for the two halves of a surrogate pair.
      length += 2;
      if (isHighSurrogate(code) && isLowSurrogate(text.charCodeAt(index + 1))) {
        index++;
      }
    } else if (code > 0x7f) {
      length++;
    }
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
