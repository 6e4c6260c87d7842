/** Runs the workspace's tools. Uses nothing from `node_modules` itself, so that it works before the first install. */

import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

/** The workspace's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** The package manager, and the one place that says which. */
const PNPM = "pnpm@12.21.0";

/** With the programs of the workspace's dependencies on the path, as in a package manager's scripts. */
const env = { ...process.env, PATH: `${root}node_modules/.bin${delimiter}${process.env.PATH}` };

/**
 * Runs a command in the workspace's folder and waits for its end.
 *
 * @param {string} command a program
 * @param {string[]} args
 * @param {{ quiet?: boolean }} options `quiet` keeps what it prints for the caller
 * @returns {{ ok: boolean, output: string }} whether it succeeded, and what it printed if it was to be quiet
 */
export function run(command, args, { quiet = false } = {}) {
  const { status, error, stdout } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ["ignore", quiet ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
    // On Windows the programs are batch files.
    shell: process.platform === "win32",
  });
  if (error) throw error;
  return { ok: status === 0, output: stdout ?? "" };
}

/** Runs a line of shell, such as a script of package.json, in the workspace's folder. Returns whether it succeeded. */
export function runLine(line) {
  return spawnSync(line, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"], shell: true }).status === 0;
}

/** The command that is pnpm: the one that runs this script, or else the one that the workspace is made with. */
export function pnpmCommand() {
  return startedByPnpm() ? ["pnpm"] : ["npx", "-y", PNPM];
}

/** Runs pnpm in the workspace's folder, as {@link run} does. */
export function pnpm(args, options) {
  const [command, ...before] = pnpmCommand();
  return run(command, [...before, ...args], options);
}

/** Whether pnpm started this script, and so has installed already (`verifyDepsBeforeRun` in pnpm-workspace.yaml). */
export function startedByPnpm() {
  return process.env.npm_config_user_agent?.startsWith("pnpm/") ?? false;
}

/** Whether the module at `url` is the script that Node.js was started with, rather than one that another module imports. */
export function isMain(url) {
  return process.argv[1] !== undefined && fileURLToPath(url) === realpathSync(process.argv[1]);
}
