// @ts-check

/**
 * Nothing that arrives is trusted: each check takes an unknown value and gives a value that is known to be good, or throws a `Refusal`.
 * @import { Outcome, Picture, Place } from "./events.d.ts"
 */

import { limits } from "./public/limits.js";

/** Input that breaks a rule. The message is meant for the person who sent it. */
export class Refusal extends Error {}

/**
 * Does `work` and tells what came of it: its value, or the reason of a `Refusal`. Other errors pass through.
 *
 * @template Value
 * @param {() => Value} work
 * @returns {Outcome<Value>}
 */
export function outcomeOf(work) {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}

/**
 * @param {unknown} value
 * @returns {Place}
 */
export function checkPlace(value) {
  const { name, room, after } = fieldsOf(value);
  return {
    name: checkLine("A name", name, limits.nameLength),
    room: checkRoom(room),
    after: typeof after === "number" && after >= 0 ? after : 0,
  };
}

/**
 * @param {unknown} value
 * @returns {{ key: string, text: string }}
 */
export function checkMessage(value) {
  const { key, text } = fieldsOf(value);
  return { key: checkKey(key), text: checkLength("A message", text, limits.textLength) };
}

/**
 * @param {unknown} value
 * @returns {{ key: string, picture: Picture }}
 */
export function checkPicture(value) {
  const { key, name, bytes } = fieldsOf(value);
  if (!(bytes instanceof Uint8Array)) throw new Refusal("A picture consists of bytes.");
  if (bytes.length > limits.pictureBytes) {
    throw new Refusal(`A picture may have at most ${limits.pictureBytes / 1_000_000} MB.`);
  }
  const type = pictureTypeOf(bytes);
  if (type === undefined) throw new Refusal("A picture is a PNG, JPEG, GIF or WebP file.");
  return {
    key: checkKey(key),
    picture: {
      name: checkLine("A picture's name", name, limits.pictureNameLength),
      type,
      bytes: /** @type {Uint8Array<ArrayBuffer>} */ (bytes),
    },
  };
}

/**
 * The media type is read from the first bytes, because what a client says about it proves nothing.
 * SVG is left out on purpose: it is a document that can hold scripts.
 *
 * @param {Uint8Array} bytes
 * @returns {string | undefined}
 */
function pictureTypeOf(bytes) {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "image/gif";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "image/webp";
  return undefined;
}

/**
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
function fieldsOf(value) {
  if (typeof value !== "object" || value === null) throw new Refusal("This is not what the server expects.");
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} value */
function checkKey(value) {
  if (typeof value !== "string" || !/^[a-z0-9-]{1,40}$/.test(value)) throw new Refusal("The key is not valid.");
  return value;
}

/** @param {unknown} value */
function checkRoom(value) {
  const room = checkLine("A room's name", value, limits.roomLength).toLowerCase();
  if (!/^[\p{L}\p{M}\p{N}_-]+$/u.test(room)) {
    throw new Refusal("A room's name consists of letters, digits, - and _.");
  }
  return room;
}

/**
 * One line: no line breaks, no other control characters, and none that turn the direction of what follows.
 *
 * @param {string} what
 * @param {unknown} value
 * @param {number} longest
 */
function checkLine(what, value, longest) {
  const line = checkLength(what, value, longest);
  if (/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(line)) throw new Refusal(`${what} is one line of plain text.`);
  return line;
}

/**
 * @param {string} what
 * @param {unknown} value
 * @param {number} longest
 */
function checkLength(what, value, longest) {
  const text = typeof value === "string" ? value.trim() : "";
  if (text === "" || text.length > longest) throw new Refusal(`${what} has 1 to ${longest} characters.`);
  return text;
}
