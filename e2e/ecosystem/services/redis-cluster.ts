/** A Redis Cluster of three servers on 127.0.0.1, each the master of a third of the slots. */

import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { Daemon, PortTakenError, inFolder, onFreePort, probablyFreePort } from "../../harness/daemon.ts";
import { withTimeout } from "../../harness/waiting.ts";
import { REDIS_OUTPUT, redisPath } from "./redis.ts";

const SLOTS = 16_384;
const NODES = 3;

/** Sends Redis one command, and hands over its answer as text. */
async function command(port: number, ...words: string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  try {
    const answer = new Promise<string>((resolve, reject) => {
      socket.once("error", reject).once("data", (data) => resolve(data.toString()));
    });
    socket.write(`${words.join(" ")}\r\n`);
    return await withTimeout(answer, `Redis to answer ${words[0]!}`);
  } finally {
    socket.destroy();
  }
}

/** A real Redis Cluster, as child processes. */
export class RedisCluster {
  readonly ports: readonly number[];
  readonly #daemons: readonly Daemon[];
  readonly #folder: string;

  private constructor(folder: string, nodes: readonly { port: number; daemon: Daemon }[]) {
    this.#folder = folder;
    this.ports = nodes.map(({ port }) => port);
    this.#daemons = nodes.map(({ daemon }) => daemon);
  }

  /** Starts one that is empty, and waits until all three serve all of it. */
  static start(): Promise<RedisCluster> {
    return inFolder("redis-cluster", async (folder) => {
      const nodes: { port: number; daemon: Daemon }[] = [];
      try {
        for (let index = 0; index < NODES; index++) nodes.push(await startNode(folder, index));
        const cluster = new RedisCluster(folder, nodes);
        await cluster.#form();
        return cluster;
      } catch (error) {
        await Promise.all(nodes.map(({ daemon }) => daemon.stop()));
        throw error;
      }
    });
  }

  /** Ends one of its servers as a crash would. */
  kill(index: number): Promise<void> {
    return this.#daemons[index]!.kill();
  }

  /** Starts a server again after {@link kill}. */
  restart(index: number): Promise<void> {
    return this.#daemons[index]!.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.stop()));
    await rm(this.#folder, { recursive: true });
  }

  async #form(): Promise<void> {
    for (const [index, port] of this.ports.entries()) {
      const [first, next] = [index, index + 1].map((share) => Math.floor((share * SLOTS) / NODES));
      await command(port, "CLUSTER", "ADDSLOTSRANGE", String(first), String(next! - 1));
      // Two that begin with the same epoch would have to settle which of them gives way.
      await command(port, "CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    }
    const busPorts = await Promise.all(this.ports.map(busPortOf));
    for (const [index, port] of this.ports.entries()) {
      await command(this.ports[0]!, "CLUSTER", "MEET", "127.0.0.1", String(port), busPorts[index]!);
    }
    for (const port of this.ports) await isWhole(port);
  }
}

async function startNode(folder: string, index: number): Promise<{ port: number; daemon: Daemon }> {
  const file = join(folder, `nodes-${index}.conf`);
  return onFreePort(async (port) => {
    const busPort = await probablyFreePort();
    const args = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
    args.push("--cluster-enabled", "yes", "--cluster-port", String(busPort), "--cluster-config-file", file);
    args.push("--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no");
    const daemon = new Daemon({ name: "Redis", path: redisPath, args, folder, ...REDIS_OUTPUT });
    try {
      await daemon.start();
    } catch (error) {
      // What it kept of a port that was taken would be found wanting.
      await rm(file, { force: true });
      if (error instanceof PortTakenError || /cluster bus/.test(String(error))) throw new PortTakenError();
      throw error;
    }
    return { port, daemon };
  });
}

/** The port on which a server talks to the others. */
async function busPortOf(port: number): Promise<string> {
  const [, busPort] = (await command(port, "CONFIG", "GET", "cluster-port")).match(/cluster-port\r\n\$\d+\r\n(\d+)/)!;
  return busPort!;
}

/** Waits until a server knows all servers and all slots. */
async function isWhole(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const info = await command(port, "CLUSTER", "INFO");
    if (/cluster_state:ok/.test(info) && info.includes(`cluster_slots_ok:${SLOTS}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the Redis Cluster is not whole:\n${await command(port, "CLUSTER", "INFO")}`);
}
