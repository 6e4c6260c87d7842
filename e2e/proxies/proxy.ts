import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Daemon, inFolder, onFreePort } from "../harness/daemon.ts";
import { addressed } from "./documented.ts";
import type { ProxyProgram } from "./programs.ts";

export interface ProxySettings {
  /** The ports of the servers behind it. */
  readonly servers: readonly number[];
  /** What the configuration says outside of any site, such as how long a worker may take to end. */
  readonly global?: string;
}

/** A real proxy on 127.0.0.1, as a child process. */
export class Proxy {
  readonly port: number;
  readonly #program: ProxyProgram;
  readonly #daemon: Daemon;
  readonly #folder: string;

  private constructor(program: ProxyProgram, folder: string, port: number) {
    const { name, path, args, ready, portTaken } = program;
    this.#program = program;
    this.#folder = folder;
    this.#daemon = new Daemon({ name, path, args: args(join(folder, "configuration")), folder, ready, portTaken });
    this.port = port;
  }

  /**
   * Starts a proxy.
   *
   * @param configuration - with the addresses of the documentation
   * @throws Error if the program does not want it
   */
  static start(program: ProxyProgram, configuration: string, settings: ProxySettings): Promise<Proxy> {
    const { servers, global = "" } = settings;
    return inFolder("proxy", (folder) =>
      onFreePort(async (port) => {
        const own = program.configure(addressed(configuration, port, servers), global, folder);
        await writeFile(join(folder, "configuration"), own);
        const proxy = new Proxy(program, folder, port);
        await proxy.start();
        return proxy;
      }),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again after {@link stop}, at the same address. */
  start(): Promise<void> {
    return this.#daemon.start();
  }

  /** Has it read its configuration again: those who serve the connections that exist are to end, others take new ones. */
  reload(): Promise<void> {
    return this.#daemon.signal(this.#program.reloadSignal, this.#program.reloaded);
  }

  /** Ends it, and with it every connection through it. */
  stop(): Promise<void> {
    return this.#daemon.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true });
  }
}
