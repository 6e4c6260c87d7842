import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withTimeout } from "../harness/waiting.ts";
import { addressed } from "./documented.ts";
import type { ProxyProgram } from "./programs.ts";

export interface ProxySettings {
  /** The ports of the servers behind it. */
  readonly servers: readonly number[];
  /** What the configuration says outside of any site, such as how long a worker may take to end. */
  readonly global?: string;
}

/** Below the ports that the system gives to whoever asks for any, so that nobody gets one of these by chance. */
const [LOWEST_PORT, HIGHEST_PORT] = [20_000, 32_000];

/** A port that was free a moment ago. */
async function probablyFreePort(): Promise<number> {
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

/** Milliseconds after which a signal is sent again. */
const INSISTENCE = 1_000;

/** Sends a signal until it has had its effect: the first one is lost on a HAProxy that has started just now. */
async function insist(child: ChildProcess, signal: NodeJS.Signals, effect: Promise<unknown>): Promise<void> {
  const send = (): unknown => child.kill(signal);
  const timer = setInterval(send, INSISTENCE);
  send();
  try {
    await effect;
  } finally {
    clearInterval(timer);
  }
}

class PortTakenError extends Error {}

/** A real proxy on 127.0.0.1, as a child process. */
export class Proxy {
  readonly port: number;
  readonly #program: ProxyProgram;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #output = "";
  #onOutput: (() => void) | undefined;

  private constructor(program: ProxyProgram, folder: string, port: number) {
    this.#program = program;
    this.#folder = folder;
    this.port = port;
  }

  /**
   * Starts a proxy.
   *
   * @param configuration - with the addresses of the documentation
   * @throws Error if the program does not want it
   */
  static async start(program: ProxyProgram, configuration: string, settings: ProxySettings): Promise<Proxy> {
    const folder = await mkdtemp(join(tmpdir(), "hawser-proxy-"));
    try {
      for (;;) {
        const proxy = new Proxy(program, folder, await probablyFreePort());
        const { servers, global = "" } = settings;
        const own = program.configure(addressed(configuration, proxy.port, servers), global, folder);
        await writeFile(proxy.#file, own);
        try {
          await proxy.start();
          return proxy;
        } catch (error) {
          if (!(error instanceof PortTakenError)) throw error;
        }
      }
    } catch (error) {
      await rm(folder, { recursive: true });
      throw error;
    }
  }

  get #file(): string {
    return join(this.#folder, "configuration");
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again after {@link stop}, at the same address. */
  async start(): Promise<void> {
    const { path, args, ready, portTaken } = this.#program;
    if (path === undefined) throw new Error(`there is no ${this.#program.name}`);
    this.#output = "";
    const child = spawn(path, args(this.#file), { stdio: ["ignore", "pipe", "pipe"], cwd: this.#folder });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#onOutput?.();
      });
    }
    child.on("close", () => this.#onOutput?.());
    try {
      await this.#prints(ready);
    } catch (error) {
      await this.stop();
      throw portTaken.test(this.#output) ? new PortTakenError() : error;
    }
  }

  /** Has it read its configuration again: those who serve the connections that exist are to end, others take new ones. */
  async reload(): Promise<void> {
    this.#output = "";
    const { reloadSignal, reloaded } = this.#program;
    await insist(this.#child!, reloadSignal, this.#prints(reloaded));
  }

  /** Ends it, and with it every connection through it. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      await insist(child, "SIGTERM", withTimeout(once(child, "exit"), `${this.#program.name} to end`));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true });
  }

  async #prints(words: RegExp): Promise<void> {
    const printed = new Promise<void>((resolve, reject) => {
      const look = (): void => {
        const ended = !this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null;
        if (words.test(this.#output)) resolve();
        else if (ended || this.#program.portTaken.test(this.#output)) reject(new Error("it ended"));
      };
      this.#onOutput = look;
      look();
    });
    try {
      await withTimeout(printed, `${this.#program.name} to print ${String(words)}`);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it printed:\n${this.#output}`, { cause: error });
    } finally {
      this.#onOutput = undefined;
    }
  }
}
