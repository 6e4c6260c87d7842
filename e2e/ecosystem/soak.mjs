/**
 * The example of three nodes under load while its parts are killed, with every message counted, for as many minutes as are given:
 * `node e2e/ecosystem/soak.mjs 30`. `pnpm build` comes first. `HAWSER_SEED` repeats which parts are chosen.
 */

import { setUp } from "../../scripts/setup.mjs";
import { conclude, runTests } from "../../scripts/vitest.mjs";

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) throw new Error(`${process.argv[2]} is no number of minutes`);
process.env.HAWSER_SOAK_SECONDS = String(minutes * 60);
const ready = setUp("redis", "haproxy");
conclude(ready ? await runTests(["ecosystem"], ["failures/under-load"]) : { passed: 0, failed: 1, skipped: 0 });
