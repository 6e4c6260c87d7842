/** Programs of an installed application, each a process of its own. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { withTimeout } from "../harness/waiting.ts";

/** How long a program may take to say where it listens, in milliseconds: it may have much to load. */
const START = 30_000;

/** A program of Node.js that runs. */
export class Program {
  readonly #child: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    }
  }

  /**
   * Starts one.
   *
   * @param folder - where it runs
   * @param args - of Node.js: its options, the program's file, and the program's arguments
   */
  static start(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new Program(child);
  }

  /** The URL that it prints first of all. */
  async url(): Promise<string> {
    const printed = new Promise<string>((resolve, reject) => {
      const look = (): void => {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(this.#output);
        if (found) resolve(found[0]);
      };
      this.#child.stdout!.on("data", look);
      this.#child.once("close", () => reject(new Error(`it ended:\n${this.#output}`)));
      look();
    });
    return withTimeout(printed, "the program's URL", START);
  }

  /**
   * Waits until it ends by itself.
   *
   * @returns all that it printed
   * @throws Error if it fails
   */
  async finished(limit: number): Promise<string> {
    const [code] = (await withTimeout(once(this.#child, "close"), "the program to end", limit)) as [number | null];
    if (code !== 0) throw new Error(`it ended with ${code}:\n${this.#output}`);
    return this.#output;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "close");
  }
}
