/**
 * MessagePack to values (`docs/protocol.md`, "MessagePack").
 */

import { packetError } from "@hawser/parser";
import { MAX_DEPTH } from "./encode.ts";
import { readText } from "./utf8.ts";

/** What a message of the engine brings that is not text. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** Assigns an own property; a plain assignment to a key named `__proto__` would change the prototype instead. */
function setOwn(target: Record<string, unknown>, key: string | number, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/** Reads values one after the other. */
class Reader {
  private readonly $source: Bytes;
  private readonly $bytes: Uint8Array;
  private readonly $view: DataView;
  private $offset = 0;

  constructor(source: Bytes) {
    this.$source = source;
    this.$bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);
    this.$view = new DataView(this.$bytes.buffer, this.$bytes.byteOffset, this.$bytes.byteLength);
  }

  /** The value that is all of the bytes. */
  readAll(): unknown {
    const value = this.$read(0);
    if (this.$offset < this.$bytes.length) {
      throw packetError("ERR_PACKET_PAYLOAD");
    }
    return value;
  }

  /** @param depth - how many arrays and maps are around the value */
  private $read(depth: number): unknown {
    const prefix = this.$readUint(1);
    if (prefix < 0x80) {
      return prefix;
    }
    if (prefix < 0x90) {
      return this.$readMap(prefix - 0x80, depth);
    }
    if (prefix < 0xa0) {
      return this.$readArray(prefix - 0x90, depth);
    }
    if (prefix < 0xc0) {
      return this.$readText(prefix - 0xa0);
    }
    if (prefix >= 0xe0) {
      return prefix - 0x100;
    }
    return this.$readPrefixed(prefix, depth);
  }

  /** A value whose prefix tells its type, and of how many bytes its length or it is. */
  private $readPrefixed(prefix: number, depth: number): unknown {
    if (prefix < 0xc4) {
      return this.$readConstant(prefix);
    }
    if (prefix < 0xc7) {
      return this.$readBinary(this.$readUint(1 << (prefix - 0xc4)));
    }
    if (prefix < 0xca) {
      return this.$readExtension(this.$readUint(1 << (prefix - 0xc7)), prefix);
    }
    if (prefix < 0xd4) {
      return this.$readNumber(prefix);
    }
    if (prefix < 0xd9) {
      return this.$readExtension(1 << (prefix - 0xd4), prefix);
    }
    if (prefix < 0xdc) {
      return this.$readText(this.$readUint(1 << (prefix - 0xd9)));
    }
    return prefix < 0xde
      ? this.$readArray(this.$readUint(2 << (prefix - 0xdc)), depth)
      : this.$readMap(this.$readUint(2 << (prefix - 0xde)), depth);
  }

  private $readConstant(prefix: number): null | boolean {
    if (prefix === 0xc1) {
      throw packetError("ERR_PACKET_PAYLOAD");
    }
    return prefix === 0xc0 ? null : prefix === 0xc3;
  }

  private $readNumber(prefix: number): number {
    switch (prefix) {
      case 0xca:
        return this.$view.getFloat32(this.$advance(4));
      case 0xcb:
        return this.$view.getFloat64(this.$advance(8));
      case 0xcf:
        return this.$readUint(4) * 2 ** 32 + this.$readUint(4);
      case 0xd0:
        return this.$view.getInt8(this.$advance(1));
      case 0xd1:
        return this.$view.getInt16(this.$advance(2));
      case 0xd2:
        return this.$view.getInt32(this.$advance(4));
      case 0xd3:
        return this.$readInt64();
      default:
        return this.$readUint(1 << (prefix - 0xcc));
    }
  }

  /** Takes the next `length` bytes, if they are there, and returns where they begin. */
  private $advance(length: number): number {
    const start = this.$offset;
    if (length > this.$bytes.length - start) {
      throw packetError("ERR_PACKET_PAYLOAD");
    }
    this.$offset = start + length;
    return start;
  }

  /** An integer without a sign, of 1, 2 or 4 bytes. */
  private $readUint(size: number): number {
    const start = this.$advance(size);
    return size === 1
      ? this.$view.getUint8(start)
      : size === 2
        ? this.$view.getUint16(start)
        : this.$view.getUint32(start);
  }

  private $readInt64(): number {
    return this.$view.getInt32(this.$advance(4)) * 2 ** 32 + this.$readUint(4);
  }

  private $readText(length: number): string {
    const start = this.$advance(length);
    return readText(this.$bytes, start, start + length);
  }

  /** Bytes of the same kind as those that are read: a `Buffer` of Node.js in a `Buffer`, an `ArrayBuffer` of its own in a browser. */
  private $readBinary(length: number): Bytes {
    const start = this.$advance(length);
    const end = start + length;
    const source = this.$source;
    return source instanceof Uint8Array ? source.subarray(start, end) : this.$copy(start, end);
  }

  private $copy(start: number, end: number): ArrayBuffer {
    const { buffer, byteOffset } = this.$bytes;
    return buffer.slice(byteOffset + start, byteOffset + end) as ArrayBuffer;
  }

  /** Types of which the protocol knows nothing are left to the application, with their number. */
  private $readExtension(length: number, prefix: number): unknown {
    const type = this.$view.getInt8(this.$advance(1));
    if (type === 0) {
      if (prefix === 0xd4) {
        this.$advance(1);
        return undefined;
      }
      if (prefix === 0xd7) {
        return new Date(this.$readInt64());
      }
      if (prefix < 0xd4) {
        const start = this.$advance(length);
        return this.$copy(start, start + length);
      }
    }
    return [type, this.$readBinary(length)];
  }

  private $readArray(length: number, depth: number): unknown[] {
    this.$enter(depth);
    // It grows with what is there: a length is easily announced.
    const items: unknown[] = [];
    for (let index = 0; index < length; index++) {
      items.push(this.$read(depth + 1));
    }
    return items;
  }

  private $readMap(size: number, depth: number): Record<string, unknown> {
    this.$enter(depth);
    const map: Record<string, unknown> = {};
    for (let index = 0; index < size; index++) {
      const key = this.$read(depth + 1);
      if (typeof key !== "string" && typeof key !== "number") {
        throw packetError("ERR_PACKET_PAYLOAD");
      }
      setOwn(map, key, this.$read(depth + 1));
    }
    return map;
  }

  private $enter(depth: number): void {
    if (depth >= MAX_DEPTH) {
      throw packetError("ERR_NESTING");
    }
  }
}

/**
 * Decodes a value.
 *
 * @param bytes - the value, the whole value, and nothing but the value
 * @throws ProtocolError if it is anything else, or nested more than 1000 deep
 */
export function decode(bytes: Bytes): unknown {
  return new Reader(bytes).readAll();
}
