import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readText, writeText } from "../src/utf8.ts";

/** Any UTF-16, lone surrogates included, short and long. */
const text = fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 60 });
const ascii = fc.string({ unit: fc.nat({ max: 0x7f }).map((code) => String.fromCharCode(code)), maxLength: 60 });

describe("text", () => {
  it("becomes the bytes that Node.js makes of it, where it is told to", () => {
    fc.assert(
      fc.property(fc.oneof(text, ascii), fc.nat({ max: 5 }), (written, offset) => {
        const target = new Uint8Array(offset + 3 * written.length);
        const length = writeText(written, target, offset);
        expect(Buffer.from(target.subarray(offset, offset + length)).equals(Buffer.from(written))).toBe(true);
        expect(target.subarray(0, offset).every((byte) => byte === 0)).toBe(true);
      }),
    );
  });

  it("is read from its bytes, whatever stands around them", () => {
    fc.assert(
      fc.property(fc.oneof(text, ascii), ascii, ascii, (written, before, after) => {
        const source = Buffer.from(before + written + after);
        const start = before.length;
        const end = source.length - after.length;
        expect(readText(source, start, end)).toBe(Buffer.from(written).toString());
      }),
    );
  });

  it("is read from any bytes at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(readText(bytes, 0, bytes.length)).toBe(Buffer.from(bytes).toString());
      }),
    );
  });
});
