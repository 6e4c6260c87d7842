/** Servers that are workers of a `node:cluster`, joined by `@socket.io/cluster-adapter`. */

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { withTimeout } from "../../harness/waiting.ts";
import { Application } from "../application.ts";
import type { Act, ApplicationName, Cluster, Node } from "./cluster.ts";

const PRIMARY = fileURLToPath(new URL("programs/primary.mjs", import.meta.url));

/** How `@socket.io/sticky` chooses the worker of a new connection. */
export type BalancingMethod = "random" | "round-robin" | "least-connection";

/** What a worker says: that it has started, or what became of a function. */
interface Answer {
  readonly of: "start" | number;
  readonly worker: number;
  readonly url?: string;
  readonly result?: unknown;
  readonly error?: string;
}

class Worker implements Node {
  readonly url: string;
  readonly #call: (request: object) => Promise<unknown>;

  constructor(url: string, call: (request: object) => Promise<unknown>) {
    this.url = url;
    this.#call = call;
  }

  async run<Args extends unknown[], Result>(name: string, act: Act<Args, Result>, ...args: Args): Promise<Result> {
    return (await this.#call({ name, source: act.toString(), args })) as Result;
  }
}

/** Workers, and their primary. */
export class WorkerCluster {
  readonly workers: Worker[] = [];
  readonly #primary: ChildProcess;
  readonly #calls = new Map<number, (answer: Answer) => void>();
  #lastCall = 0;

  private constructor(primary: ChildProcess) {
    this.#primary = primary;
  }

  /**
   * Starts a worker of each application, and waits for all.
   *
   * @param balancing - with it, the primary accepts the connections; without, each worker has a port of its own
   */
  static async start(names: readonly ApplicationName[], balancing?: BalancingMethod): Promise<WorkerCluster> {
    const primary = fork(PRIMARY, { serialization: "advanced", execArgv: [] });
    const cluster = new WorkerCluster(primary);
    const started = new Promise<void>((resolve, reject) => {
      primary.on("exit", () => reject(new Error("the primary has ended")));
      primary.on("message", (answer: Answer) => {
        if (answer.of !== "start") {
          cluster.#calls.get(answer.of)!(answer);
          cluster.#calls.delete(answer.of);
          return;
        }
        const { worker } = answer;
        cluster.workers[worker] = new Worker(answer.url!, (request) => cluster.#call({ worker, ...request }));
        if (names.every((_name, index) => cluster.workers[index])) resolve();
      });
    });
    primary.send({
      folders: names.map((name) => new Application(name).folder),
      loadBalancingMethod: balancing,
    });
    try {
      await withTimeout(started, "the workers to start");
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    const ended = once(this.#primary, "exit");
    this.#primary.disconnect();
    await ended;
  }

  #call(request: object): Promise<unknown> {
    const run = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      this.#calls.set(run, ({ result, error }) => {
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      });
      this.#primary.send({ run, ...request });
    });
  }
}

/** Two workers, for the scenarios of all adapters. */
export async function startWorkers(names: readonly [ApplicationName, ApplicationName]): Promise<Cluster> {
  const cluster = await WorkerCluster.start(names);
  const [first, second] = cluster.workers;
  return { nodes: [first!, second!], close: () => cluster.close() };
}
