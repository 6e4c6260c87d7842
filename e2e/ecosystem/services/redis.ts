/** Redis on 127.0.0.1: one server that keeps nothing on disk. */

import { rm } from "node:fs/promises";
import { findProgram, programs } from "../../../scripts/programs.mjs";
import { Daemon, inFolder, onFreePort } from "../../harness/daemon.ts";

/** What `redis-server` prints. */
export const REDIS_OUTPUT = { ready: /Ready to accept connections/, portTaken: /Address already in use/ };

export const redisPath = findProgram(programs.redis);

/** A real Redis, as a child process. */
export class Redis {
  readonly port: number;
  readonly #daemon: Daemon;
  readonly #folder: string;

  private constructor(port: number, folder: string) {
    const args = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
    this.#daemon = new Daemon({ name: "Redis", path: redisPath, args, folder, ...REDIS_OUTPUT });
    this.port = port;
    this.#folder = folder;
  }

  /** Starts one that is empty. */
  static start(): Promise<Redis> {
    return inFolder("redis", (folder) =>
      onFreePort(async (port) => {
        const redis = new Redis(port, folder);
        await redis.start();
        return redis;
      }),
    );
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again after {@link kill}, at the same address, and empty. */
  start(): Promise<void> {
    return this.#daemon.start();
  }

  /** Ends it as a crash would. */
  kill(): Promise<void> {
    return this.#daemon.kill();
  }

  /** Has it stand still. */
  pause(): void {
    this.#daemon.pause();
  }

  /** Has it go on after {@link pause}. */
  resume(): void {
    this.#daemon.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon.stop();
    await rm(this.#folder, { recursive: true });
  }
}
