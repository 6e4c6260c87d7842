/** Text to bytes and back, as UTF-8. What is no valid text becomes U+FFFD, in either direction. */

/** In browsers and Node.js alike; the types of neither are at hand, for this package is for both. */
declare const TextEncoder: new () => {
  encodeInto(text: string, target: Uint8Array): { readonly written: number };
};
declare const TextDecoder: new (
  encoding: string,
  options: { readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const encoder = new TextEncoder();
// A byte order mark is a character like any other here.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to this length it takes less time to go through ASCII here than to call what the platform has. */
const SHORT = 24;

/**
 * Writes `text`.
 *
 * @param target - has room for three bytes for each unit of `text` behind `offset`
 * @returns how many bytes it took
 */
export function writeText(text: string, target: Uint8Array, offset: number): number {
  const { length } = text;
  if (length <= SHORT) {
    let index = 0;
    for (; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) {
        break;
      }
      target[offset + index] = unit;
    }
    if (index === length) {
      return length;
    }
  }
  return encoder.encodeInto(text, target.subarray(offset)).written;
}

/** Reads the text in `source` from `start` until `end`. */
export function readText(source: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT) {
    let text = "";
    let index = start;
    for (; index < end; index++) {
      const byte = source[index] as number;
      if (byte > 0x7f) {
        break;
      }
      text += String.fromCharCode(byte);
    }
    if (index === end) {
      return text;
    }
  }
  return decoder.decode(source.subarray(start, end));
}
