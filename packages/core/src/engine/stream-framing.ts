/**
 * Engine packets on a stream of bytes (`docs/protocol.md`, "WebTransport"): each stands behind a header that tells whether
 * it is binary, and how long it is.
 *
 * ```
 *  first byte                             then                  then
 *  B lllllll  l up to 125: the length                           the payload:
 *  B 1111110                              2 bytes: the length     B = 0  text: the digit and the data in UTF-8
 *  B 1111111                              8 bytes: the length     B = 1  the data of a binary message
 * ```
 */

import type { ProtocolError } from "@hawser/parser";
import { violation } from "../errors.ts";
import type { ViolationCode } from "../violations.ts";
import { decodeEnginePacket, encodeEnginePacket, type BinaryType, type EngineData, type EnginePacket } from "./wire.ts";

// UTF-8 as every platform has it, although it is no part of the language.
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}

/** What a `Blob` is asked for. */
interface ReadableBlob {
  arrayBuffer(): Promise<ArrayBuffer>;
}

const BINARY = 0x80;
const LENGTH_FOLLOWS = 126;
const LONG_LENGTH_FOLLOWS = 127;
const SHORT = 2;
const LONG = 8;
const SHORT_LIMIT = 2 ** 16;
/** What the first half of a long length counts. */
const HIGH = 2 ** 32;

const EMPTY = new Uint8Array();

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A packet without its header. */
interface Payload {
  /** What the first byte begins with. */
  readonly kind: 0 | typeof BINARY;
  readonly bytes: Uint8Array;
}

/**
 * Writes packets, in order and into one buffer.
 *
 * @param done - receives the buffer; later than the call where a `Blob` must be read
 * @param fail - told why a `Blob` could not be read
 */
export function encodeFramedPackets(
  packets: readonly EnginePacket[],
  done: (bytes: Uint8Array) => void,
  fail: (error: unknown) => void,
): void {
  const payloads: Payload[] = [];
  let missing = packets.length;
  packets.forEach((packet, index) => {
    const store = (payload: Payload): void => {
      payloads[index] = payload;
      if (--missing === 0) {
        done(join(payloads));
      }
    };
    const { data } = packet;
    if (data === undefined || typeof data === "string") {
      encodeEnginePacket(packet, true, (text) => store(textPayload(text as string)));
    } else if ("byteLength" in data) {
      store(binaryPayload(data));
    } else {
      (data as unknown as ReadableBlob).arrayBuffer().then((buffer) => store(binaryPayload(buffer)), fail);
    }
  });
}

function textPayload(text: string): Payload {
  return { kind: 0, bytes: encoder.encode(text) };
}

function binaryPayload(data: ArrayBuffer | ArrayBufferView): Payload {
  if (data.byteLength === 0) {
    // A length of 0 counts as garbage with some peers. As base64, no data has a length.
    return textPayload("b");
  }
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  return { kind: BINARY, bytes };
}

function headerLength(length: number): number {
  return 1 + (length < LENGTH_FOLLOWS ? 0 : length < SHORT_LIMIT ? SHORT : LONG);
}

function join(payloads: readonly Payload[]): Uint8Array {
  let size = 0;
  for (const { bytes } of payloads) {
    size += headerLength(bytes.length) + bytes.length;
  }
  const joined = new Uint8Array(size);
  const view = new DataView(joined.buffer);
  let offset = 0;
  for (const { kind, bytes } of payloads) {
    const { length } = bytes;
    if (length < LENGTH_FOLLOWS) {
      joined[offset] = kind | length;
    } else if (length < SHORT_LIMIT) {
      joined[offset] = kind | LENGTH_FOLLOWS;
      view.setUint16(offset + 1, length);
    } else {
      joined[offset] = kind | LONG_LENGTH_FOLLOWS;
      view.setUint32(offset + 1, length / HIGH);
      view.setUint32(offset + 1 + LONG / 2, length);
    }
    offset += headerLength(length);
    joined.set(bytes, offset);
    offset += length;
  }
  return joined;
}

function readLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length === SHORT ? view.getUint16(0) : view.getUint32(0) * HIGH + view.getUint32(LONG / 2);
}

/** What the decoder waits for. */
type Part = "kind" | "length" | "payload";

/**
 * Reads packets from a stream, which may be cut anywhere. It takes no more memory than twice what has arrived of the
 * packet that is not complete yet, whatever length its header promises, and each byte is copied a bounded number of times.
 */
export class FramedPacketDecoder {
  private readonly $maxPayload: number;
  private readonly $binaryType: BinaryType;
  private $part: Part = "kind";
  /** How many bytes the part has. */
  private $size = 1;
  private $binary = false;
  /** The part as far as earlier chunks have brought it, with room for more. */
  private $begun: Uint8Array = EMPTY;
  private $length = 0;

  /**
   * @param maxPayload - the longest packet that is accepted, in bytes without its header
   * @param binaryType - how binary data is handed out
   */
  constructor(maxPayload: number, binaryType: BinaryType) {
    this.$maxPayload = Math.min(maxPayload, Number.MAX_SAFE_INTEGER);
    this.$binaryType = binaryType;
  }

  /**
   * Reads on. What arrives after a violation, or after `accept` wanted no more, can't be read.
   *
   * @param chunk - the next bytes; they are not looked at any more afterwards
   * @param accept - receives each packet that is complete; returns whether to go on
   * @returns the violation that ended it, if one did
   */
  read(chunk: Uint8Array, accept: (packet: EnginePacket) => boolean): ProtocolError<ViolationCode> | undefined {
    let offset = 0;
    for (;;) {
      const end = offset + this.$size - this.$length;
      if (end > chunk.length) {
        this.$keep(chunk.subarray(offset));
        return undefined;
      }
      const read = this.$take(this.$complete(chunk.subarray(offset, end)));
      if (read) {
        if ("code" in read) {
          return read;
        }
        if (!accept(read)) {
          return undefined;
        }
      }
      offset = end;
    }
  }

  /** Puts by what is there of the part. */
  private $keep(bytes: Uint8Array): void {
    const length = this.$length + bytes.length;
    if (length > this.$begun.length) {
      const begun = new Uint8Array(Math.min(this.$size, Math.max(length, 2 * this.$begun.length)));
      begun.set(this.$begun);
      this.$begun = begun;
    }
    this.$begun.set(bytes, this.$length);
    this.$length = length;
  }

  /** The whole part, of which `bytes` are the end. */
  private $complete(bytes: Uint8Array): Uint8Array {
    if (this.$length === 0) {
      return bytes;
    }
    this.$keep(bytes);
    const whole = this.$begun;
    this.$begun = EMPTY;
    this.$length = 0;
    return whole;
  }

  /** Reads a part, and so knows which is the next; returns what is to be told of it. */
  private $take(bytes: Uint8Array): EnginePacket | ProtocolError<ViolationCode> | undefined {
    switch (this.$part) {
      case "kind":
        return this.$takeKind(bytes[0] as number);
      case "length":
        return this.$expectPayload(readLength(bytes));
      default:
        this.$expect("kind", 1);
        return decodeEnginePacket(this.$binary ? this.$binaryData(bytes) : decoder.decode(bytes), this.$binaryType);
    }
  }

  private $takeKind(kind: number): ProtocolError<ViolationCode> | undefined {
    this.$binary = kind >= BINARY;
    const length = kind % BINARY;
    if (length < LENGTH_FOLLOWS) {
      return this.$expectPayload(length);
    }
    this.$expect("length", length === LENGTH_FOLLOWS ? SHORT : LONG);
    return undefined;
  }

  private $expectPayload(length: number): ProtocolError<ViolationCode> | undefined {
    this.$expect("payload", length);
    // Binary data may be empty, but no text: the digit at least is there.
    return length > this.$maxPayload || (length === 0 && !this.$binary) ? violation("ERR_ENGINE_PACKET") : undefined;
  }

  private $expect(part: Part, size: number): void {
    this.$part = part;
    this.$size = size;
  }

  /** A copy, or what the parser will copy: the chunk is not ours to keep, and its memory is more than these bytes. */
  private $binaryData(bytes: Uint8Array): EngineData {
    return this.$binaryType === "arraybuffer"
      ? new Uint8Array(bytes).buffer
      : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
