/**
 * Finds or installs the programs that tests need besides Node.js, by their names in programs.mjs: `node scripts/setup.mjs chromium`.
 * Where one is missing its tests are skipped; on CI (`CI=true`) that is a failure.
 */

import { programs, provideProgram } from "./programs.mjs";
import { isMain } from "./run.mjs";

/**
 * Finds programs, or installs them.
 *
 * @param {...keyof typeof programs} names
 * @returns {boolean} whether the tests can go on: all are there, or may be missing
 */
export function setUp(...names) {
  const missing = names.filter((name) => {
    const path = provideProgram(programs[name]);
    if (path !== undefined) console.log(`${programs[name].title}: ${path}`);
    return path === undefined;
  });
  if (missing.length === 0) return true;
  const required = process.env.CI === "true";
  const outcome = required ? "cannot run, and CI must not skip them" : "are skipped";
  console.error(`Tests with ${missing.map((name) => programs[name].title).join(", ")} ${outcome}.`);
  return !required;
}

if (isMain(import.meta.url)) process.exitCode = setUp(...process.argv.slice(2)) ? 0 : 1;
