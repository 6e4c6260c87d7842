/** The page and its proof do not drift apart. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { names, shown } from "./documented.ts";

const folder = new URL("./", import.meta.url);
const tests = readdirSync(folder)
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"));

test("every configuration of docs/behind-a-proxy.md has a name", () => {
  expect(new Set(names).size).toBe(shown);
  expect(shown).toBeGreaterThan(5);
});

test.each(names)("the configuration %j is used by a test", (name) => {
  const used = new RegExp(`documented\\(\\s*"${name}"`);
  expect(tests.some((text) => used.test(text))).toBe(true);
});
