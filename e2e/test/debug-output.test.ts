/** Which of the client's builds can say what they do, and which were made small instead. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (file: string): string =>
  readFileSync(new URL(`../../packages/client/dist/${file}`, import.meta.url), "utf8");

/** A scope, and something that is said in it. */
const WORDS = ["socket.io-client:socket", "asks to be let in"];

const SPEAKING = ["node.js", "esm/node.js", "browser-debug.js", "esm/browser-debug.js", "socket.io.js"];
const SILENT = ["browser.js", "esm/browser.js", "socket.io.min.js", "socket.io.esm.min.js"];

test.each(SPEAKING)("%s speaks", (file) => {
  const code = read(file);
  expect(WORDS.filter((words) => !code.includes(words))).toEqual([]);
});

test.each(SILENT)("%s has nothing of that in it", (file) => {
  const code = read(file);
  expect(WORDS.filter((words) => code.includes(words))).toEqual([]);
  expect(code).not.toMatch(/from ?"debug"|require\("debug"\)|localStorage/);
});
