/** Packs hawser's packages, and installs the applications of the tests in folders outside of the workspace, where nothing of it is found. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pnpm } from "../../scripts/run.mjs";
import { applications, DEFAULT_REPLACED, OFFICIAL_VERSION } from "./applications.mjs";
import { managers } from "./managers.mjs";

/** How many install at the same time. */
const WIDTH = 2;

/** Packs all packages. Returns what the manifest of an application says to get one, by its name. */
function pack(folder) {
  const packed = pnpm(["--filter", "./packages/*", "pack", "--json", "--pack-destination", folder], { quiet: true });
  if (!packed.ok) throw new Error(`the packages cannot be packed:\n${packed.output}`);
  return new Map(JSON.parse(packed.output).map(({ name, filename }) => [name, `file:${filename}`]));
}

/** The manifest of an application, and what its package manager reads besides. */
function filesOf(name, tarballs) {
  const { dependencies, replaced = DEFAULT_REPLACED, manager = "npm", settings = {} } = applications[name];
  const substitutes = Object.entries(replaced).map(([official, ours]) => [official, tarballs.get(ours)]);
  // hawser's packages depend on each other by versions that no registry has yet.
  const overrides =
    substitutes.length === 0 ? {} : { ...Object.fromEntries(tarballs), ...Object.fromEntries(substitutes) };
  const ours = Object.fromEntries([...tarballs].filter(([ofTarball]) => ofTarball in dependencies));
  const manifest = {
    name: `hawser-ecosystem-${name}`,
    private: true,
    dependencies: { ...dependencies, ...ours, "socket.io": overrides["socket.io"] ?? OFFICIAL_VERSION },
  };
  // What the application itself depends on has to be the same as what it wants others to depend on.
  for (const dependency of Object.keys(manifest.dependencies)) {
    if (dependency in overrides) manifest.dependencies[dependency] = overrides[dependency];
  }
  return managers[manager].files(manifest, overrides, settings);
}

/** Installs one application. Returns whether that succeeded. */
async function install(name, folder, tarballs) {
  mkdirSync(folder);
  for (const [file, contents] of Object.entries(filesOf(name, tarballs))) {
    writeFileSync(join(folder, file), typeof contents === "string" ? contents : JSON.stringify(contents, null, 2));
  }
  const { command, environment = () => ({}) } = managers[applications[name].manager ?? "npm"];
  const [program, ...args] = command();
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...environment() },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [status] = await once(child, "close");
  console.log(status === 0 ? `installed ${name}` : `${name} cannot be installed:\n${output}`);
  return status === 0;
}

/**
 * Packs hawser and installs applications.
 *
 * @param {string} folder an empty one; each application gets a folder of its name in it
 * @param {readonly string[]} names of applications
 * @returns {Promise<boolean>} whether all could be installed
 */
export async function installApplications(folder, names) {
  const tarballs = pack(join(folder, "tarballs"));
  const left = [...names];
  let succeeded = true;
  const work = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      if (!(await install(name, join(folder, name), tarballs))) succeeded = false;
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
  return succeeded;
}
