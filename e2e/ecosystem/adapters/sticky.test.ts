/** `@socket.io/sticky`: the primary of a `node:cluster` accepts the connections and hands them to its workers. */

import { io, type Socket as ClientSocket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inbox, until } from "../../harness/waiting.ts";
import type { ApplicationName } from "./cluster.ts";
import { testLoaded } from "./compositions.ts";
import { WorkerCluster, type BalancingMethod } from "./worker-cluster.ts";

const APPLICATIONS: readonly ApplicationName[] = ["adapters", "adapters-on-hawser", "official"];
const METHODS: readonly BalancingMethod[] = ["random", "round-robin", "least-connection"];
const WAYS = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] };
const WORKERS = 2;

/** Milliseconds that a connection may take, before it is taken for lost. */
const PATIENCE = 1_000;

testLoaded("@socket.io/cluster-adapter");

for (const application of APPLICATIONS) {
  for (const method of METHODS) {
    describe(`${application}, ${method}`, () => {
      let cluster: WorkerCluster;
      beforeAll(async () => {
        cluster = await WorkerCluster.start(Array(WORKERS).fill(application), method);
      });
      afterAll(() => cluster.close());

      test.each(Object.entries(WAYS))("clients stay with their workers: %s", async (way, transports) => {
        const namespace = `/${way}`;
        await serve(cluster, namespace);
        const clients: ClientSocket[] = [];
        try {
          for (let count = 0; count < 2 * WORKERS; count++) {
            clients.push(await connect(cluster, namespace, transports));
          }
          // Data is lost that comes before the primary knows that a worker has the connection: the answers tell it.
          for (const worker of cluster.workers) await worker.run(namespace, () => undefined);

          const pids = new Set<unknown>();
          for (const client of clients) pids.add(await converse(client));
          // No connection is lost while it is polled: they come in turn.
          if (method !== "random" && way === "polling") expect(pids.size).toBe(WORKERS);

          const news = clients.map((client) => inbox(client, "news"));
          await cluster.workers[1]!.run(namespace, (all) => void all.emit("news", "to all"));
          for (const box of news) expect(await box.next()).toEqual(["to all"]);
        } finally {
          for (const client of clients) client.disconnect();
        }
      });
    });
  }
}

/** Has all workers answer with what they are sent, and their process ids. */
async function serve(cluster: WorkerCluster, name: string): Promise<void> {
  for (const worker of cluster.workers) {
    await worker.run(name, (namespace) => {
      namespace.on("connection", (socket) => {
        socket.on("echo", (data: unknown, reply: (pid: number, data: unknown) => void) => reply(process.pid, data));
      });
    });
  }
}

/**
 * Connects a client, and has it upgrade if it can. Now and then that takes several attempts: until a worker says that it has the
 * connection, the primary goes on reading, and what it reads is lost, with servers of Socket.IO as well.
 */
async function connect(cluster: WorkerCluster, namespace: string, transports: string[]): Promise<ClientSocket> {
  const last = transports.at(-1);
  for (;;) {
    const client = io(cluster.workers[0]!.url + namespace, { transports, forceNew: true });
    const isThere = (): boolean => client.connected && client.io.engine.transport.name === last;
    try {
      await until(isThere, `a connection by ${last}`, PATIENCE);
      return client;
    } catch {
      client.disconnect();
    }
  }
}

/** Asks a client's worker several times; returns its process id. */
async function converse(client: ClientSocket): Promise<unknown> {
  const echo = (data: unknown): Promise<[unknown, unknown]> =>
    new Promise((resolve) => client.emit("echo", data, (...answer: [unknown, unknown]) => resolve(answer)));
  const [pid] = await echo("small");
  // No connection brings that in one piece.
  const large = Buffer.alloc(300_000, "large");
  const [samePid, echoed] = await echo(large);
  expect(samePid).toBe(pid);
  expect(large.equals(echoed as Buffer)).toBe(true);
  expect(await echo("é")).toEqual([pid, "é"]);
  return pid;
}
