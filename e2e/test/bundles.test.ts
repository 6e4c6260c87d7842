/** The bundles for pages run in browsers since 2020: what is younger is not in them. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Syntax and functions of ES2021 and later that a page of 2020 does not know. */
const YOUNGER: Record<string, RegExp> = {
  "Object.hasOwn": /Object\.hasOwn\b/,
  "array.at()": /\.at\(/,
  "string.replaceAll()": /\.replaceAll\(/,
  "array.findLast()": /\.findLast(?:Index)?\(/,
  "AbortSignal.timeout()": /AbortSignal\.(?:any|timeout)\b/,
  "structuredClone()": /\bstructuredClone\(/,
  "logical assignment": /\?\?=|\|\|=|&&=/,
  "private names": /[{;]#\w|this\.#/,
};

test.each(["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"])("%s", (file) => {
  const code = readFileSync(new URL(`../../packages/client/dist/${file}`, import.meta.url), "utf8");
  // Comments of the bundle for debugging may speak of anything.
  const bare = code.replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
  const found = Object.keys(YOUNGER).filter((name) => YOUNGER[name]!.test(bare));
  expect(found).toEqual([]);
});
