/** Programs that others wrote, such as proxies and databases: real ones, each a child process on ports of its own. */

import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withTimeout } from "./waiting.ts";

/** How to run a program, and how to tell from what it prints what has become of it. */
export interface DaemonSettings {
  readonly name: string;
  /** Its executable; undefined where there is none. */
  readonly path: string | undefined;
  readonly args: readonly string[];
  readonly folder: string;
  /** It can be used. */
  readonly ready: RegExp;
  /** Another process has its port. */
  readonly portTaken: RegExp;
  /** Ends it; SIGTERM unless told otherwise. */
  readonly endSignal?: NodeJS.Signals;
  /** The user that it runs as, for those that refuse to be root. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Below the ports that the system gives to whoever asks for any, so that nobody gets one of these by chance. */
const [LOWEST_PORT, HIGHEST_PORT] = [20_000, 32_000];

/** A port that was free a moment ago. */
export async function probablyFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (free) {
      await new Promise((resolve) => server.close(resolve));
      return port;
    }
  }
}

/** A program found the port taken that was free a moment before. */
export class PortTakenError extends Error {}

/**
 * Starts something on a port that nobody else has.
 *
 * @param start - throws a {@link PortTakenError} if the port is taken after all
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await start(await probablyFreePort());
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error;
    }
  }
}

/**
 * Starts something that needs a folder of its own, which goes with it if it does not start.
 *
 * @param what - is in the folder's name
 * @param start - from now on the folder is its to remove
 */
export async function inFolder<T>(what: string, start: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `hawser-${what}-`));
  try {
    return await start(folder);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

/** Milliseconds after which a signal is sent again. */
const INSISTENCE = 1_000;

/** A program that runs until it is told to end. */
export class Daemon {
  readonly #settings: DaemonSettings;
  #child: ChildProcess | undefined;
  #output = "";
  /** Whether it has ended, and all that it printed is known. */
  #hasClosed = false;
  #onOutput: (() => void) | undefined;

  constructor(settings: DaemonSettings) {
    this.#settings = settings;
  }

  get #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Starts it, for the first time or after an end, and waits until it is ready.
   *
   * @throws PortTakenError if another process has its port
   */
  async start(): Promise<void> {
    const { name, path, args, folder, ready, portTaken, uid, gid } = this.#settings;
    if (path === undefined) throw new Error(`there is no ${name}`);
    this.#output = "";
    this.#hasClosed = false;
    const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"], cwd: folder, uid, gid });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#onOutput?.();
      });
    }
    child.on("close", () => {
      // Another one may have taken its place.
      if (this.#child !== child) return;
      this.#hasClosed = true;
      this.#onOutput?.();
    });
    try {
      await this.#prints(ready);
    } catch (error) {
      await this.stop();
      throw portTaken.test(this.#output) ? new PortTakenError() : error;
    }
  }

  /** Sends a signal until the program has printed that it obeyed: the first may be lost on one that has just started. */
  async signal(signal: NodeJS.Signals, obeyed: RegExp): Promise<void> {
    this.#output = "";
    await this.#insist(signal, this.#prints(obeyed));
  }

  /** Ends it in good order, and waits for that. */
  async stop(): Promise<void> {
    await this.#end(this.#settings.endSignal ?? "SIGTERM");
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Has it stand still: its connections stay, and nothing is answered. */
  pause(): void {
    this.#child!.kill("SIGSTOP");
  }

  /** Has it go on after {@link pause}. */
  resume(): void {
    this.#child!.kill("SIGCONT");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#isRunning) {
      await this.#insist(signal, withTimeout(once(this.#child!, "exit"), `${this.#settings.name} to end`));
    }
    this.#child = undefined;
  }

  async #insist(signal: NodeJS.Signals, effect: Promise<unknown>): Promise<void> {
    const child = this.#child!;
    const send = (): unknown => child.kill(signal);
    const timer = setInterval(send, INSISTENCE);
    send();
    // One that stands still obeys nothing.
    child.kill("SIGCONT");
    try {
      await effect;
    } finally {
      clearInterval(timer);
    }
  }

  async #prints(words: RegExp): Promise<void> {
    const printed = new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (words.test(this.#output)) resolve();
        else if (this.#hasClosed || this.#settings.portTaken.test(this.#output)) reject(new Error("it ended"));
      };
      this.#onOutput = look;
      look();
    });
    try {
      await withTimeout(printed, `${this.#settings.name} to print ${String(words)}`);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it printed:\n${this.#output}`, { cause: error });
    } finally {
      this.#onOutput = undefined;
    }
  }
}
