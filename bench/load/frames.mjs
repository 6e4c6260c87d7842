import { randomInt } from "node:crypto";

const TEXT = 0x81; // one final frame of text
const MASKED = 0x80;
const LENGTH_IN_16_BITS = 126;
const NOTHING = Buffer.alloc(0);

/**
 * @param {string} text at most 65,535 bytes
 * @returns {Buffer} the WebSocket frame that a client sends it in
 */
export function clientFrame(text) {
  const payload = Buffer.from(text);
  const isShort = payload.length < LENGTH_IN_16_BITS;
  const header = Buffer.alloc(isShort ? 2 : 4);
  header[0] = TEXT;
  header[1] = MASKED | (isShort ? payload.length : LENGTH_IN_16_BITS);
  if (!isShort) header.writeUInt16BE(payload.length, 2);
  // Never a byte of zero: a server may skip the work for a mask that changes nothing.
  const mask = Buffer.from(Array.from({ length: 4 }, () => randomInt(1, 256)));
  const masked = payload.map((byte, index) => byte ^ /** @type {number} */ (mask[index % 4]));
  return Buffer.concat([header, mask, masked]);
}

/** Finds the frames in what a server sends. */
export class FrameReader {
  #incomplete = NOTHING;
  /** @type {(bytes: Buffer, start: number, end: number) => void} */
  #onText;

  /**
   * @param {(bytes: Buffer, start: number, end: number) => void} onText is told where in `bytes` a text is; the bytes
   *   are valid only until it returns
   */
  constructor(onText) {
    this.#onText = onText;
  }

  /**
   * @param {Buffer} chunk
   * @param {number} start
   * @param {number} end
   * @throws {Error} if a frame is anything but one final, unmasked text of less than 64 KiB
   */
  receive(chunk, start, end) {
    let bytes = chunk;
    let offset = start;
    if (this.#incomplete.length > 0) {
      bytes = Buffer.concat([this.#incomplete, chunk.subarray(start, end)]);
      offset = 0;
      end = bytes.length;
      this.#incomplete = NOTHING;
    }
    while (end - offset >= 2) {
      let payload = offset + 2;
      let length = /** @type {number} */ (bytes[offset + 1]);
      if (bytes[offset] !== TEXT || length > LENGTH_IN_16_BITS) {
        throw new Error(`unexpected frame: ${bytes.toString("hex", offset, Math.min(end, offset + 16))}`);
      }
      if (length === LENGTH_IN_16_BITS) {
        if (end - offset < 4) break;
        payload = offset + 4;
        length = bytes.readUInt16BE(offset + 2);
      }
      if (payload + length > end) break;
      this.#onText(bytes, payload, payload + length);
      offset = payload + length;
    }
    if (offset < end) this.#incomplete = Buffer.from(bytes.subarray(offset, end));
  }
}
