/** Runs rows in child processes. */

import { fork } from "node:child_process";
import { join } from "node:path";

/**
 * @param {string} folder a folder that a Scratch made
 * @param {"official" | "hawser"} side
 * @param {string[]} ids which rows; none for all
 * @param {number} limit milliseconds without news after which the child is ended
 * @param {boolean} quiet whether what the child prints is thrown away
 * @returns {Promise<Map<string, import("./child.ts").Outcome>>} what became of them; a row that is missing brought its process down or hung
 */
export function runInChild(folder, side, ids, limit, quiet = true) {
  return new Promise((resolve, reject) => {
    const outcomes = new Map();
    const child = fork(join(folder, "e2e/parity/child.js"), [side, ...ids], {
      // What goes wrong without any outcome is only told there.
      stdio: ["ignore", "ignore", quiet ? "ignore" : "inherit", "ipc"],
    });
    const end = () => child.kill("SIGKILL");
    let timer = setTimeout(end, limit);
    child.on("message", (outcome) => {
      clearTimeout(timer);
      timer = setTimeout(end, limit);
      outcomes.set(outcome.id, outcome);
    });
    child.on("error", reject);
    child.on("exit", () => {
      clearTimeout(timer);
      resolve(outcomes);
    });
  });
}
