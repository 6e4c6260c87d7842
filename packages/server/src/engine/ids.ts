import { randomFillSync } from "node:crypto";

/** 12 random bytes and a 3-byte counter make 20 characters of URL-safe base64; tools for sticky sessions rely on that. */
const RANDOM_BYTES = 12;
const ID_BYTES = 15;

/** Random bytes are drawn for many ids at once: a system call for each would dominate. */
const pool = Buffer.alloc(RANDOM_BYTES * 128);
let poolOffset = pool.length;
let counter = 0;

const bytes = Buffer.alloc(ID_BYTES);

/** A new id that can't be guessed (96 random bits) and does not repeat: exactly 20 characters of `[A-Za-z0-9_-]`. */
export function generateId(): string {
  if (poolOffset === pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  pool.copy(bytes, 0, poolOffset, poolOffset + RANDOM_BYTES);
  poolOffset += RANDOM_BYTES;
  counter = (counter + 1) & 0xffffff;
  bytes.writeUIntBE(counter, RANDOM_BYTES, 3);
  return bytes.toString("base64url");
}
