import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const BUNDLE = "socket.io.esm.min.js";

/**
 * @typedef {object} ClientSize
 * @property {string} label
 * @property {number} [bytes] absent if the bundle is not built
 * @property {number} [gzip] bytes, at level 9
 * @property {number} [brotli] bytes, at the highest quality
 */

/** @returns {ClientSize[]} the size of each client's minified ES module bundle for browsers */
export function clientSizes() {
  return [
    measure("socket.io-client", officialBundle()),
    measure("hawser-client", fileURLToPath(new URL(`../packages/client/dist/${BUNDLE}`, import.meta.url))),
  ];
}

function officialBundle() {
  const manifest = createRequire(import.meta.url).resolve("socket.io-client/package.json");
  return join(dirname(manifest), "dist", BUNDLE);
}

/**
 * @param {string} label
 * @param {string} file
 * @returns {ClientSize}
 */
function measure(label, file) {
  try {
    const code = readFileSync(file);
    return {
      label,
      bytes: code.length,
      gzip: gzipSync(code, { level: 9 }).length,
      brotli: brotliCompressSync(code).length,
    };
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return { label };
    throw error;
  }
}
