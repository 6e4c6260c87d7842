/**
 * Package managers: how an application tells each that others get hawser for Socket.IO, and how it installs. What it writes in YAML is JSON
 * here, of which YAML is a superset.
 */

import { spawnSync } from "node:child_process";
import { pnpmCommand } from "../../scripts/run.mjs";

const YARN = "@yarnpkg/cli-dist@4.18.1";

/** Yarn reads nothing of what npm is configured to. */
function yarnEnvironment() {
  const { stdout } = spawnSync("npm", ["config", "get", "registry"], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  return { YARN_NPM_REGISTRY_SERVER: stdout.trim(), YARN_ENABLE_IMMUTABLE_INSTALLS: "false" };
}

/** Of npm's overrides those of what the application itself depends on: they have to be the same, and npm has a word for that. */
function asDependedOn({ dependencies }, overrides) {
  const names = Object.keys(overrides).filter((name) => name in dependencies);
  return Object.fromEntries(names.map((name) => [name, `$${name}`]));
}

/**
 * @typedef {object} PackageManager
 * @property {(manifest: { dependencies: object }, overrides: Record<string, string>, settings: object) => Record<string, object | string>} files what is
 *   written into an application's folder; a text as it is
 * @property {() => string[]} command that installs
 * @property {() => Record<string, string>=} environment of that command, besides this process's
 */

/** @type {Record<"npm" | "pnpm" | "yarn", PackageManager>} */
export const managers = {
  npm: {
    files: (manifest, overrides) => ({
      "package.json": { ...manifest, overrides: { ...overrides, ...asDependedOn(manifest, overrides) } },
    }),
    command: () => [
      "npm",
      "install",
      "--no-audit",
      "--no-fund",
      "--no-package-lock",
      "--ignore-scripts",
      "--prefer-offline",
    ],
  },
  pnpm: {
    files: (manifest, overrides, settings) => ({
      "package.json": manifest,
      "pnpm-workspace.yaml": { ...settings, overrides, pmOnFail: "ignore", allowBuilds: {} },
    }),
    command: () => [...pnpmCommand(), "install", "--no-frozen-lockfile"],
  },
  yarn: {
    files: (manifest, overrides, settings) => ({
      "package.json": { ...manifest, resolutions: overrides },
      ".yarnrc.yml": { nodeLinker: "node-modules", enableScripts: false, enableTelemetry: false, ...settings },
      // It makes the folder a project of its own.
      "yarn.lock": "",
    }),
    command: () => ["npx", "-y", YARN, "install"],
    environment: yarnEnvironment,
  },
};
