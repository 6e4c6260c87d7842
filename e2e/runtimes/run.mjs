/** Installs other runtimes than Node.js in this folder, and runs the tests that need them. `pnpm build` comes first. */

import { pnpm } from "../../scripts/run.mjs";
import { setUp } from "../../scripts/setup.mjs";
import { conclude, runTests } from "../../scripts/vitest.mjs";

const ready = pnpm(["--dir", "e2e/runtimes", "install", "--frozen-lockfile"]).ok && setUp("chromium", "python");
conclude(ready ? await runTests(["runtimes"]) : { passed: 0, failed: 1, skipped: 0 });
