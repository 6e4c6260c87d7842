/**
 * Values to MessagePack (`docs/protocol.md`, "MessagePack").
 */

import { isBinary, type BinaryData } from "@hawser/parser";
import { writeText } from "./utf8.ts";

/** How deep arrays and maps may be nested, the packet's own included. */
export const MAX_DEPTH = 1000;

/** At this depth circles are looked for: a large one would otherwise be written over and over until `MAX_DEPTH`. */
const CIRCLE_CHECK_DEPTH = 32;

const INITIAL_CAPACITY = 1024;

/** A writer that has grown beyond this is not used again. */
const MAX_IDLE_CAPACITY = 65_536;

/** How many bytes the header of a text takes. */
function textHeader(length: number): number {
  return length < 0x20 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5;
}

/** Writes values, one at a time, into the same memory, which grows when it has to. */
class Writer {
  private $bytes: Uint8Array<ArrayBuffer> = new Uint8Array(INITIAL_CAPACITY);
  private $view: DataView = new DataView(this.$bytes.buffer);
  private $end = 0;
  /** The arrays and objects around the value that is being written. */
  private readonly $containers: object[] = [];

  /** Whether it is small enough to be kept for the next value. */
  get reusable(): boolean {
    return this.$bytes.length <= MAX_IDLE_CAPACITY;
  }

  /** The bytes of a value. */
  encode(value: unknown): Uint8Array<ArrayBuffer> {
    this.$write(value);
    const encoded = this.$bytes.slice(0, this.$end);
    this.$end = 0;
    return encoded;
  }

  private $write(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.$writeText(value);
        break;
      case "number":
        this.$writeNumber(value);
        break;
      case "boolean":
        this.$writeByte(value ? 0xc3 : 0xc2);
        break;
      case "bigint":
        this.$writeBigInt(value);
        break;
      case "object":
        if (value === null) {
          this.$writeByte(0xc0);
        } else {
          this.$writeObject(value);
        }
        break;
      default:
        // undefined, or a function or symbol that stands where something must.
        this.$writeSized(0xd4, 2, 0);
    }
  }

  // ── room ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Makes sure that there is room for `length` more bytes. */
  private $reserve(length: number): void {
    const needed = this.$end + length;
    if (needed > this.$bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.$bytes.length));
      larger.set(this.$bytes);
      this.$bytes = larger;
      this.$view = new DataView(larger.buffer);
    }
  }

  /** Makes room for `length` bytes and returns where they begin. */
  private $advance(length: number): number {
    this.$reserve(length);
    const start = this.$end;
    this.$end = start + length;
    return start;
  }

  // ── headers and numbers ──────────────────────────────────────────────────────────────────────────────────────

  private $writeByte(byte: number): void {
    const start = this.$advance(1);
    this.$bytes[start] = byte;
  }

  /** A prefix, and an integer that takes `size` bytes. */
  private $writeSized(prefix: number, size: 1 | 2 | 4 | 8, value: number): void {
    const start = this.$advance(1 + size);
    this.$bytes[start] = prefix;
    let rest = value;
    for (let offset = start + size; offset > start; offset--) {
      // What does not fit into a byte falls away.
      this.$bytes[offset] = rest;
      rest = Math.floor(rest / 0x100);
    }
  }

  /** The length of a text or of bytes, behind one of three prefixes in a row. */
  private $writeLength(length: number, prefix: number): void {
    if (length < 0x100) {
      this.$writeSized(prefix, 1, length);
    } else if (length < 0x10000) {
      this.$writeSized(prefix + 1, 2, length);
    } else {
      this.$writeSized(prefix + 2, 4, length);
    }
  }

  /** How many items there are: in one byte, or behind one of two prefixes in a row. */
  private $writeCount(count: number, short: number, prefix: number): void {
    if (count < 0x10) {
      this.$writeByte(short | count);
    } else if (count < 0x10000) {
      this.$writeSized(prefix, 2, count);
    } else {
      this.$writeSized(prefix + 1, 4, count);
    }
  }

  private $writeNumber(value: number): void {
    if (!Number.isInteger(value) || value < -(2 ** 63) || value >= 2 ** 64 || Object.is(value, -0)) {
      const start = this.$advance(9);
      this.$bytes[start] = 0xcb;
      this.$view.setFloat64(start + 1, value);
    } else if (value >= 0) {
      if (value < 0x80) {
        this.$writeByte(value);
      } else if (value < 0x100000000) {
        this.$writeLength(value, 0xcc);
      } else {
        this.$writeSized(0xcf, 8, value);
      }
    } else if (value >= -0x20) {
      this.$writeByte(value);
    } else if (value >= -0x80) {
      this.$writeSized(0xd0, 1, value);
    } else if (value >= -0x8000) {
      this.$writeSized(0xd1, 2, value);
    } else if (value >= -0x80000000) {
      this.$writeSized(0xd2, 4, value);
    } else {
      this.$writeSized(0xd3, 8, value);
    }
  }

  private $writeBigInt(value: bigint): void {
    if (value < -(2n ** 63n) || value >= 2n ** 64n) {
      throw new RangeError("an integer of more than 64 bits can't be sent");
    }
    const start = this.$advance(9);
    this.$bytes[start] = value < 0n ? 0xd3 : 0xcf;
    this.$view.setBigInt64(start + 1, value);
  }

  // ── everything else ──────────────────────────────────────────────────────────────────────────────────────────

  private $writeText(text: string): void {
    // A unit of UTF-16 takes three bytes at most, and the header five.
    this.$reserve(5 + 3 * text.length);
    const start = this.$end;
    // It stands before what it is the length of: taken to be that of ASCII, and put right if it was not.
    const assumed = textHeader(text.length);
    const length = writeText(text, this.$bytes, start + assumed);
    const header = textHeader(length);
    if (header !== assumed) {
      this.$bytes.copyWithin(start + header, start + assumed, start + assumed + length);
    }
    if (length < 0x20) {
      this.$writeByte(0xa0 | length);
    } else {
      this.$writeLength(length, 0xd9);
    }
    this.$end += length;
  }

  private $writeObject(value: object): void {
    if (isBinary(value)) {
      this.$writeBinary(value);
    } else if (value instanceof Date) {
      this.$writeDate(value);
    } else {
      this.$enter(value);
      if (Array.isArray(value)) {
        this.$writeArray(value);
      } else {
        this.$writeExpanded(value);
      }
      this.$containers.pop();
    }
  }

  /** @throws TypeError if `container` is inside of itself; RangeError if it is too deep inside of others */
  private $enter(container: object): void {
    const depth = this.$containers.length;
    if ((depth === CIRCLE_CHECK_DEPTH || depth === MAX_DEPTH) && this.$containers.includes(container)) {
      throw new TypeError("circular data can't be sent");
    }
    if (depth === MAX_DEPTH) {
      throw new RangeError("data nested too deeply can't be sent");
    }
    this.$containers.push(container);
  }

  private $writeArray(items: readonly unknown[]): void {
    // What runs while the items are written may change how many there are.
    const { length } = items;
    this.$writeCount(length, 0x90, 0xdc);
    for (let index = 0; index < length; index++) {
      this.$write(items[index]);
    }
  }

  /** An object, or what its `toJSON` makes of it. */
  private $writeExpanded(value: object): void {
    const { toJSON } = value as { toJSON?: unknown };
    const expanded: unknown = typeof toJSON === "function" ? toJSON.call(value) : value;
    if (expanded === value) {
      this.$writeMap(value as Record<string, unknown>);
    } else {
      this.$write(expanded);
    }
  }

  private $writeMap(map: Record<string, unknown>): void {
    const keys = Object.keys(map).filter((key) => typeof map[key] !== "function");
    this.$writeCount(keys.length, 0x80, 0xde);
    for (const key of keys) {
      this.$writeText(key);
      this.$write(map[key]);
    }
  }

  private $writeBinary(value: BinaryData): void {
    if (!("byteLength" in value)) {
      throw new TypeError("a Blob can't be sent, but its arrayBuffer() can");
    }
    // Of a view its window alone, for the memory around it is somebody else's.
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value);
    this.$writeLength(bytes.length, 0xc4);
    const start = this.$advance(bytes.length);
    this.$bytes.set(bytes, start);
  }

  private $writeDate(date: Date): void {
    const time = date.getTime();
    this.$writeByte(0xd7);
    // The type stands where the prefix does elsewhere. An invalid date is one that no date can be.
    this.$writeSized(0, 8, Number.isNaN(time) ? -(2 ** 63) : time);
  }
}

/** The writer that is used next. None while one writes: an application's `toJSON` may emit something itself. */
let idle: Writer | undefined;

/**
 * Encodes a value: whatever JSON can express, and `undefined`, dates, binary data, and integers of up to 64 bits. Members of objects
 * that are functions are left out, and functions and symbols elsewhere become `undefined`.
 *
 * @param value - the value
 * @throws TypeError if it contains itself, or a `Blob`; RangeError if it is nested more than 1000 deep, or contains a larger integer;
 * and what a `toJSON` method throws
 */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = idle ?? new Writer();
  idle = undefined;
  const encoded = writer.encode(value);
  if (writer.reusable) {
    idle = writer;
  }
  return encoded;
}
