/** A node of a cluster: a child process with a server, which can be killed, and can stand still. */

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { withTimeout } from "../../harness/waiting.ts";

const program = fileURLToPath(new URL("node.mjs", import.meta.url));

/** What came of a question: its value, or an error with what came nevertheless. */
export interface Outcome {
  readonly value?: unknown;
  readonly error?: { readonly code?: string; readonly message: string; readonly responses?: unknown[] };
}

/** The adapters whose failures are looked at. */
export type AdapterKind = "classic" | "sharded" | "streams" | "postgres";

export class TestNode {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, (outcome: Outcome) => void>();
  #asked = 0;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    child.on("message", ({ id, ...outcome }: Outcome & { id: number }) => {
      this.#pending.get(id)?.(outcome);
      this.#pending.delete(id);
    });
  }

  /**
   * Starts a node, and waits until it listens.
   *
   * @param folder - of the application whose packages it loads
   * @param url - of its service
   */
  static async start(folder: string, adapter: AdapterKind, url: string): Promise<TestNode> {
    const child = fork(program, [folder, adapter, url], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const [{ port }] = (await withTimeout(once(child, "message"), "the node to listen")) as [{ port: number }];
    return new TestNode(child, port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Asks the node for something, and says how long it took, in milliseconds. */
  async ask(command: string, ...args: unknown[]): Promise<Outcome & { took: number }> {
    const id = this.#asked++;
    const start = performance.now();
    const outcome = new Promise<Outcome>((resolve) => this.#pending.set(id, resolve));
    this.#child.send({ id, command, args });
    return { ...(await withTimeout(outcome, `the node to answer "${command}"`)), took: performance.now() - start };
  }

  /** Has it stand still: its connections stay, and nothing is answered. */
  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Has it go on after {@link pause}. */
  resume(): void {
    this.#child.kill("SIGCONT");
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exit = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await exit;
    }
  }
}
