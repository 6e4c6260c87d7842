/** Finds or installs the proxies, and runs the tests that need them. `pnpm build` comes first. */

import { setUp } from "../../scripts/setup.mjs";
import { conclude, runTests } from "../../scripts/vitest.mjs";

conclude(setUp("nginx", "haproxy") ? await runTests(["proxies"]) : { passed: 0, failed: 1, skipped: 0 });
