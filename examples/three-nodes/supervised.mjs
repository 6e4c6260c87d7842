// @ts-check

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** @import { ChildProcess } from "node:child_process" */

/** A program that is started again when it ends, until it is told to. */
export class Supervised {
  /** @type {ChildProcess | undefined} */
  #child;
  #wanted = true;

  /**
   * @param {object} program
   * @param {string} program.name
   * @param {number} program.port where it listens, by which its being there is known
   * @param {number} program.pause milliseconds until it is started again
   * @param {() => ChildProcess} program.start
   */
  constructor({ name, port, pause, start }) {
    this.name = name;
    this.port = port;
    this.pause = pause;
    this.start = start;
  }

  /** Resolves once it listens for the first time. */
  async run() {
    const listening = this.#spawn();
    void this.#watch();
    await listening;
  }

  /** Ends it as a crash would; it comes back. */
  kill() {
    this.#child?.kill("SIGKILL");
  }

  /** Ends it for good. */
  async stop() {
    this.#wanted = false;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    // It may stand still.
    child.kill("SIGCONT");
    const patience = setTimeout(() => child.kill("SIGKILL"), 2_000);
    await exit;
    clearTimeout(patience);
  }

  async #watch() {
    while (this.#wanted) {
      if (this.#child) await once(this.#child, "exit");
      if (!this.#wanted) return;
      console.log(`${this.name} ended`);
      await sleep(this.pause);
      if (this.#wanted) void this.#spawn();
    }
  }

  async #spawn() {
    const child = this.start();
    this.#child = child;
    while (!(await isListening(this.port))) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      await sleep(50);
    }
    console.log(`${this.name} is process ${child.pid}, on port ${this.port}`);
  }
}

/**
 * Starts a program whose output nobody needs but its errors.
 *
 * @param {string} path
 * @param {string[]} args
 * @returns {ChildProcess}
 */
export function program(path, args) {
  return spawn(path, args, { stdio: ["ignore", "ignore", "inherit"] });
}

/**
 * Ports that are free.
 *
 * @param {number} first where to look; 0 leaves the choice to the system
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(first, count) {
  /** @type {number[]} */
  const found = [];
  for (let candidate = first; found.length < count; candidate += first === 0 ? 0 : 1) {
    const port = await tryPort(candidate);
    if (port !== undefined && !found.includes(port)) found.push(port);
    if (candidate > first + 1_000) throw new Error(`There are no ${count} free ports above ${first}`);
  }
  return found;
}

/**
 * @param {number} port
 * @returns {Promise<number | undefined>}
 */
function tryPort(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : undefined));
    });
  });
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
