/** The example `examples/three-nodes` as `pnpm demo:nodes` starts it: Redis, three nodes and HAProxy, each of which can be harmed. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "../../harness/waiting.ts";

const program = fileURLToPath(new URL("../../../examples/three-nodes/start.mjs", import.meta.url));

/** The parts of it that tests harm. */
export type Part = "Redis" | "node a" | "node b" | "node c";

export class ThreeNodes {
  /** How often each part has ended. */
  readonly ends = new Map<string, number>();
  readonly #child: ChildProcess;
  readonly #pids = new Map<string, number>();
  #url: string | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    let rest = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#read(line);
    });
  }

  static async start(): Promise<ThreeNodes> {
    const env = { ...process.env, PORT: "0" };
    const nodes = new ThreeNodes(spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "pipe"] }));
    // What the nodes and HAProxy have to say of all that is done to them.
    nodes.#child.stderr!.resume();
    try {
      await until(() => nodes.#url !== undefined, "the example to start", 20_000);
    } catch (error) {
      await nodes[Symbol.asyncDispose]();
      throw error;
    }
    return nodes;
  }

  /** Where the page is. */
  get url(): string {
    return this.#url!;
  }

  /** The process of a part. */
  pid(part: Part): number {
    return this.#pids.get(part)!;
  }

  /** Ends a part as a crash would, and waits until another process is in its place. */
  async kill(part: Part): Promise<void> {
    const former = this.pid(part);
    process.kill(former, "SIGKILL");
    await until(() => this.pid(part) !== former, `${part} to come back`, 20_000);
  }

  /** Has a part stand still. */
  pause(part: Part): void {
    process.kill(this.pid(part), "SIGSTOP");
  }

  /** Has a part go on after {@link pause}. */
  resume(part: Part): void {
    process.kill(this.pid(part), "SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exit;
  }

  #read(line: string): void {
    const started = /^(.+) is process (\d+), /.exec(line);
    if (started) this.#pids.set(started[1]!, Number(started[2]));
    const ended = /^(.+) ended$/.exec(line)?.[1];
    if (ended !== undefined) this.ends.set(ended, (this.ends.get(ended) ?? 0) + 1);
    this.#url ??= /^Open (\S+) /.exec(line)?.[1];
  }
}
