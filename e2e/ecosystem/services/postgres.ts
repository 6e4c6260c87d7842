/** PostgreSQL on 127.0.0.1: a cluster of databases in a temporary folder. */

import { execFile } from "node:child_process";
import { chown, realpath, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { findProgram, programs } from "../../../scripts/programs.mjs";
import { Daemon, inFolder, onFreePort } from "../../harness/daemon.ts";

const execute = promisify(execFile);

const USER = "hawser";

/** PostgreSQL refuses to run as root; Debian's packages bring a user for it. */
async function unprivileged(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (flag) => Number((await execute("id", [flag, "postgres"])).stdout)),
  );
  return { uid: uid!, gid: gid! };
}

/** A real PostgreSQL, as a child process. */
export class Postgres {
  readonly port: number;
  readonly #daemon: Daemon;
  readonly #folder: string;

  private constructor(port: number, path: string, folder: string, ids: { uid?: number; gid?: number }) {
    // Durability is not what is tested.
    const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=60"];
    const args = ["-D", join(folder, "data"), "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
    this.#daemon = new Daemon({
      name: "PostgreSQL",
      path,
      args,
      folder,
      ready: /database system is ready to accept connections/,
      portTaken: /Address already in use/,
      // The default waits for clients to go.
      endSignal: "SIGINT",
      ...ids,
    });
    this.port = port;
    this.#folder = folder;
  }

  /** Starts one that is empty. */
  static async start(): Promise<Postgres> {
    const found = findProgram(programs.postgres);
    if (found === undefined) throw new Error("there is no PostgreSQL");
    const path = await realpath(found);
    const ids = await unprivileged();
    return inFolder("postgres", async (folder) => {
      if (ids.uid !== undefined) await chown(folder, ids.uid, ids.gid!);
      const data = ["-D", join(folder, "data"), "-U", USER, "--auth=trust", "--no-sync", "--locale=C", "-E", "UTF8"];
      await execute(join(dirname(path), "initdb"), data, { cwd: folder, ...ids });
      return onFreePort(async (port) => {
        const postgres = new Postgres(port, path, folder, ids);
        await postgres.start();
        return postgres;
      });
    });
  }

  get url(): string {
    return `postgres://${USER}@127.0.0.1:${this.port}/postgres`;
  }

  /** Starts it again after {@link kill}, at the same address, with what it held. */
  start(): Promise<void> {
    return this.#daemon.start();
  }

  /** Ends it at once: its clients' connections break. */
  kill(): Promise<void> {
    return this.#daemon.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon.stop();
    await rm(this.#folder, { recursive: true });
  }
}
