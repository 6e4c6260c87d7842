/**
 * Frames on a stream of bytes, as WebTransport carries them, by hand.
 */

import type { Frame } from "./engine-frames.ts";

/** Where the header of a frame says that two bytes, or eight, tell the length. */
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;

/** Writes a frame with its header. */
export function encodeStreamFrame(frame: Frame): Buffer {
  const body = Buffer.from(frame as string);
  const kind = typeof frame === "string" ? 0 : 0x80;
  if (body.length < TWO_BYTES) {
    return Buffer.concat([Buffer.from([kind + body.length]), body]);
  }
  const long = body.length > 0xffff;
  const header = Buffer.alloc(long ? 9 : 3);
  header.writeUInt8(kind + (long ? EIGHT_BYTES : TWO_BYTES));
  if (long) {
    header.writeBigUInt64BE(BigInt(body.length), 1);
  } else {
    header.writeUInt16BE(body.length, 1);
  }
  return Buffer.concat([header, body]);
}

/**
 * Takes the frames from the front of what has arrived.
 *
 * @returns the frames, and what is left because it is not complete
 */
export function decodeStreamFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let rest = bytes;
  for (;;) {
    const short = (rest[0] ?? 0) & 0x7f;
    const start = short === EIGHT_BYTES ? 9 : short === TWO_BYTES ? 3 : 1;
    if (rest.length < start) {
      return { frames, rest };
    }
    const length =
      short === EIGHT_BYTES ? Number(rest.readBigUInt64BE(1)) : short === TWO_BYTES ? rest.readUInt16BE(1) : short;
    if (rest.length < start + length) {
      return { frames, rest };
    }
    const body = rest.subarray(start, start + length);
    frames.push((rest[0] as number) >= 0x80 ? Buffer.from(body) : body.toString());
    rest = rest.subarray(start + length);
  }
}
