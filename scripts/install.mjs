/** Installs the dependencies, for those who start a script with npm or node: pnpm does so by itself. */

import { pnpm, startedByPnpm } from "./run.mjs";

if (!startedByPnpm() && !pnpm(["install"]).ok) process.exitCode = 1;
