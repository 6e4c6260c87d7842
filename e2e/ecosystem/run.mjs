/**
 * What others wrote for Socket.IO, on hawser: packs hawser, installs the applications (all, or those that are named), finds or installs
 * Redis and PostgreSQL, and runs the tests. `pnpm build` comes first.
 *
 *     node e2e/ecosystem/run.mjs [file of tests] [--applications adapters,nest] [--keep folder]
 *
 * `--keep` installs into a folder that is kept, and finds there what an earlier run installed from tarballs of then.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setUp } from "../../scripts/setup.mjs";
import { conclude, runTests } from "../../scripts/vitest.mjs";
import { applications } from "./applications.mjs";
import { installApplications } from "./install.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { applications: { type: "string" }, keep: { type: "string" } },
});
const names = values.applications?.split(",") ?? Object.keys(applications);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "hawser-ecosystem-"));
mkdirSync(folder, { recursive: true });
try {
  const missing = names.filter((name) => !existsSync(join(folder, name)));
  const ready = (await installApplications(folder, missing)) && setUp("redis", "postgres", "haproxy", "chromium");
  process.env.HAWSER_ECOSYSTEM = folder;
  conclude(ready ? await runTests(["ecosystem"], positionals) : { passed: 0, failed: 1, skipped: 0 });
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}
