/** The whole proof: build, the checks that run nothing of ours, then every test. Ends with one plain line of counts. */

import { readFileSync } from "node:fs";
import { root, runLine } from "./run.mjs";
import { closingLine, runTests } from "./vitest.mjs";

/** Scripts of the root's package.json. Each counts as one test. */
const CHECKS = [
  "check:types",
  "lint",
  "format:check",
  "check:imports",
  "check:packages",
  "check:names",
  "check:size",
  "setup",
];

/** Projects of vitest.config.ts; the others are suites of their own. */
const PROJECTS = ["unit", "types", "types-e2e", "e2e", "browser"];

const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

function succeeds(name) {
  console.log(`\n> ${name}: ${scripts[name]}`);
  return runLine(scripts[name]);
}

async function prove() {
  // All that follows would only judge an earlier build.
  if (!succeeds("build")) return { counts: { passed: 0, failed: 1, skipped: 0 }, broken: ["build"] };
  const broken = CHECKS.filter((name) => !succeeds(name));
  const tests = await runTests(PROJECTS);
  const passed = tests.passed + 1 + CHECKS.length - broken.length;
  return { counts: { passed, failed: tests.failed + broken.length, skipped: tests.skipped }, broken };
}

const { counts, broken } = await prove();
if (broken.length > 0) console.error(`\nFailed: ${broken.join(", ")}`);
console.log(`\n${closingLine(counts)}`);
if (counts.failed > 0) process.exitCode = 1;
