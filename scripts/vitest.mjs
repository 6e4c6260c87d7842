/** Runs tests of the given projects (`node scripts/vitest.mjs unit e2e`), or of all, and ends with one plain line of counts. */

import { startVitest } from "vitest/node";
import { isMain } from "./run.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @param {string[]} projects names of projects in vitest.config.ts; none for all
 * @param {string[]} files parts of the names of files; none for all
 * @returns {Promise<Counts>}
 */
export async function runTests(projects, files = []) {
  const vitest = await startVitest("test", files, { run: true, watch: false, project: projects });
  const counts = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 };
  for (const module of vitest.state.getTestModules()) {
    // A file that cannot be loaded, or a hook that throws, has no test to fail.
    for (const group of [module, ...module.children.allSuites()]) counts.failed += group.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === "pending" ? "failed" : state]++;
    }
  }
  await vitest.close();
  return counts;
}

/** @param {Counts} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Ends a suite: prints the counts, and lets the process fail if a test did, if there was none, or on CI if one was skipped.
 *
 * @param {Counts} counts
 */
export function conclude(counts) {
  console.log(closingLine(counts));
  const lacking = process.env.CI === "true" && counts.skipped > 0;
  if (counts.failed > 0 || counts.passed === 0 || lacking) process.exitCode = 1;
}

if (isMain(import.meta.url)) conclude(await runTests(process.argv.slice(2)));
