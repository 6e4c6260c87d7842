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
import { decodeEnginePacket, encodeEnginePacket, type BinaryType, type EnginePacket } from "./wire.ts";

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
/** In place of a length up to 125: it follows, in two bytes or in eight. */
const SHORT_FOLLOWS = 126;
const LONG_FOLLOWS = 127;
const BYTE = 2 ** 8;

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

/** The header as bytes; of each number only the lowest eight bits count. */
function headerOf({ kind, bytes: { length } }: Payload): number[] {
  if (length < SHORT_FOLLOWS) {
    return [kind + length];
  }
  if (length < BYTE ** 2) {
    return [kind + SHORT_FOLLOWS, length / BYTE, length];
  }
  return [kind + LONG_FOLLOWS, ...[7, 6, 5, 4, 3, 2, 1, 0].map((place) => length / BYTE ** place)];
}

function join(payloads: readonly Payload[]): Uint8Array {
  const parts = payloads.flatMap((payload) => [headerOf(payload), payload.bytes]);
  const joined = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
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
    if (this.$part === "payload") {
      this.$expect("kind", 1);
      // The chunk is not ours to keep, and its memory is more than these bytes.
      const data = this.$binary ? new Uint8Array(bytes).buffer : decoder.decode(bytes);
      return decodeEnginePacket(data, this.$binaryType);
    }
    let length = bytes.reduce((value, byte) => value * BYTE + byte, 0);
    if (this.$part === "kind") {
      this.$binary = length >= BINARY;
      length %= BINARY;
      if (length >= SHORT_FOLLOWS) {
        this.$expect("length", length === SHORT_FOLLOWS ? 2 : 8);
        return undefined;
      }
    }
    this.$expect("payload", length);
    // Binary data may be empty, but no text: the digit at least is there.
    return length > this.$maxPayload || (length === 0 && !this.$binary) ? violation("ERR_ENGINE_PACKET") : undefined;
  }

  private $expect(part: Part, size: number): void {
    this.$part = part;
    this.$size = size;
  }
}
