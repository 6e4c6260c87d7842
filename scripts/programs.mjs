/**
 * Programs that tests need and npm does not have: looked for on this machine, and installed where that needs no more than
 * Debian's own packages.
 */

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * @typedef {object} Program
 * @property {string} title what it is called
 * @property {string} variable the environment variable that may hold the path of its executable
 * @property {string[]} commands its names on the PATH, the best one first
 * @property {string[]} packages those of Debian that bring it
 * @property {(() => string[])=} elsewhere where it may be besides
 * @property {((path: string) => boolean)=} suits whether an executable of that name is of use
 */

/** Where Debian puts servers, which is not on everybody's PATH. */
const SERVERS = "/usr/sbin";

/** Modules that a Python must have. */
const PYTHON_MODULES = ["socketio", "engineio", "aiohttp", "requests", "websocket"];

export const programs = /** @satisfies {Record<string, Program>} */ ({
  chromium: {
    title: "Chromium or Chrome",
    variable: "CHROMIUM_PATH",
    commands: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    packages: ["chromium"],
    elsewhere: chromiumElsewhere,
  },
  nginx: {
    title: "nginx",
    variable: "NGINX_PATH",
    commands: ["nginx"],
    packages: ["nginx-light"],
  },
  haproxy: {
    title: "HAProxy",
    variable: "HAPROXY_PATH",
    commands: ["haproxy"],
    packages: ["haproxy"],
  },
  redis: {
    title: "Redis",
    variable: "REDIS_SERVER_PATH",
    commands: ["redis-server"],
    packages: ["redis-server"],
  },
  postgres: {
    title: "PostgreSQL",
    variable: "POSTGRES_PATH",
    commands: ["postgres"],
    packages: ["postgresql"],
    elsewhere: postgresElsewhere,
  },
  python: {
    title: `Python 3 with the modules ${PYTHON_MODULES.join(", ")}`,
    variable: "PYTHON_PATH",
    commands: ["python3"],
    packages: ["python3", "python3-socketio", "python3-aiohttp", "python3-requests", "python3-websocket"],
    suits: (path) => spawnSync(path, ["-c", `import ${PYTHON_MODULES.join()}`], { stdio: "ignore" }).status === 0,
  },
});

function chromiumElsewhere() {
  const { HOME = "", PROGRAMFILES, LOCALAPPDATA, "PROGRAMFILES(X86)": PROGRAMFILES_X86 } = process.env;
  const folders = [PROGRAMFILES, PROGRAMFILES_X86, LOCALAPPDATA].filter((folder) => folder !== undefined);
  const applications = ["/Applications", join(HOME, "Applications")];
  return [
    ...folders.flatMap((folder) => [
      join(folder, "Google/Chrome/Application/chrome.exe"),
      join(folder, "Chromium/Application/chrome.exe"),
    ]),
    ...applications.flatMap((folder) => [
      join(folder, "Chromium.app/Contents/MacOS/Chromium"),
      join(folder, "Google Chrome.app/Contents/MacOS/Google Chrome"),
    ]),
  ];
}

/** Debian puts the server of each version in a folder of its own. The newest comes first. */
function postgresElsewhere() {
  const folder = "/usr/lib/postgresql";
  const versions = existsSync(folder) ? readdirSync(folder).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(folder, version, "bin/postgres"));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Looks for a program.
 *
 * @param {Program} program
 * @returns {string | undefined} the path of its executable: what its environment variable says, or the first one that suits
 * @throws {Error} if its environment variable is set to something that is of no use
 */
export function findProgram({ title, variable, commands, elsewhere, suits = () => true }) {
  const isOfUse = (/** @type {string} */ path) => isExecutable(path) && suits(path);
  const wanted = process.env[variable];
  if (wanted) {
    if (!isOfUse(wanted)) throw new Error(`${variable} is ${wanted}, which is not ${title}`);
    return wanted;
  }
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""), "/usr/bin", SERVERS];
  const onPath = folders.flatMap((folder) => commands.map((command) => join(folder, command)));
  return [...new Set([...onPath, ...(elsewhere?.() ?? [])])].find(isOfUse);
}

/** Whether Debian's package manager is here, and ours to use. */
function canInstall() {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !isExecutable("/usr/bin/apt-get")) return false;
  const system = readFileSync("/etc/os-release", "utf8");
  return /^ID(_LIKE)?=.*\bdebian\b/m.test(system);
}

/**
 * Installs packages of Debian. Returns whether that succeeded.
 *
 * @param {string[]} packages
 */
function install(packages) {
  const apt = (/** @type {string[]} */ ...args) =>
    spawnSync("/usr/bin/apt-get", ["-o", "DPkg::Lock::Timeout=120", ...args], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status === 0;
  return apt("update") && apt("install", "-y", "--no-install-recommends", ...packages);
}

/**
 * Looks for a program, and installs it if it is missing and that is possible.
 *
 * @param {Program} program
 * @returns {string | undefined} the path of its executable; without one, how to get it has been printed
 */
export function provideProgram(program) {
  const { title, variable, packages } = program;
  const found = findProgram(program);
  if (found !== undefined) return found;
  if (canInstall()) {
    console.log(`Installing ${packages.join(", ")}...`);
    if (!install(packages)) console.error("apt-get could not install it.");
    const installed = findProgram(program);
    if (installed !== undefined) return installed;
  }
  console.error(
    `There is no ${title}. Install it (on Debian: apt-get install ${packages.join(" ")}), or set ${variable} to its executable.`,
  );
  return undefined;
}
