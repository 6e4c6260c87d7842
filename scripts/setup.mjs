/**
 * Finds Chromium for the browser tests. As a script it also installs it, where that needs no more than Debian's own package.
 * Without it the browser tests are skipped; on CI (`CI=true`) that is a failure.
 */

import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { isMain } from "./run.mjs";

const COMMANDS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const HOW_TO_GET_IT = `Install Chromium or Chrome (on Debian: apt-get install chromium), or set CHROMIUM_PATH to its executable.`;

/**
 * @returns {string | undefined} the path of a Chromium or Chrome executable: CHROMIUM_PATH, or the first one found on the path or in
 *   the usual places
 * @throws {Error} if CHROMIUM_PATH is set and cannot be executed
 */
export function findChromium() {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted) {
    if (!isExecutable(wanted)) throw new Error(`CHROMIUM_PATH is ${wanted}, which cannot be executed`);
    return wanted;
  }
  return usualPlaces().find(isExecutable);
}

function usualPlaces() {
  const { PATH = "", HOME = "", PROGRAMFILES, LOCALAPPDATA, "PROGRAMFILES(X86)": PROGRAMFILES_X86 } = process.env;
  switch (process.platform) {
    case "win32":
      return [PROGRAMFILES, PROGRAMFILES_X86, LOCALAPPDATA]
        .filter((folder) => folder !== undefined)
        .flatMap((folder) => [
          join(folder, "Google/Chrome/Application/chrome.exe"),
          join(folder, "Chromium/Application/chrome.exe"),
        ]);
    case "darwin":
      return ["/Applications", join(HOME, "Applications")].flatMap((folder) => [
        join(folder, "Chromium.app/Contents/MacOS/Chromium"),
        join(folder, "Google Chrome.app/Contents/MacOS/Google Chrome"),
      ]);
    default:
      return PATH.split(delimiter)
        .filter((folder) => folder !== "")
        .flatMap((folder) => COMMANDS.map((command) => join(folder, command)));
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether Debian's package manager is here, and ours to use. */
function canInstall() {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !isExecutable("/usr/bin/apt-get")) return false;
  const system = readFileSync("/etc/os-release", "utf8");
  return /^ID(_LIKE)?=.*\bdebian\b/m.test(system);
}

function install() {
  const apt = (...args) =>
    spawnSync("/usr/bin/apt-get", args, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status === 0;
  return apt("update") && apt("install", "-y", "--no-install-recommends", "chromium");
}

/**
 * Finds Chromium, or installs it.
 *
 * @returns {boolean} whether the tests can go on: it is there, or may be missing
 */
export function setUp() {
  if (findChromium() === undefined && canInstall()) {
    console.log("Installing Chromium for the browser tests...");
    if (!install()) console.error("apt-get could not install it.");
  }
  const chromium = findChromium();
  if (chromium !== undefined) {
    console.log(`Browser tests run in ${chromium}`);
    return true;
  }
  const required = process.env.CI === "true";
  console.error(
    `No Chromium: the browser tests ${required ? "cannot run, and CI must not skip them" : "are skipped"}. ${HOW_TO_GET_IT}`,
  );
  return !required;
}

if (isMain(import.meta.url)) process.exitCode = setUp() ? 0 : 1;
