/** Builds every package: declarations by the compiler, then `dist` by Rollup. */

import { readdirSync, rmSync } from "node:fs";
import { root, run } from "./run.mjs";

function build() {
  // Types that are wrong leave the last `dist` alone.
  if (!run("tsc", ["-b", "tsconfig.build.json"]).ok) return false;
  for (const name of readdirSync(`${root}packages`)) {
    rmSync(`${root}packages/${name}/dist`, { recursive: true, force: true });
  }
  return run("rollup", ["--config", "--silent"]).ok;
}

process.exitCode = build() ? 0 : 1;
