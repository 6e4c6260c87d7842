/** `@socket.io/sticky`: the primary of a `node:cluster` accepts the connections and hands them to its workers. */

import { io, type Socket as ClientSocket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inbox } from "../../harness/waiting.ts";
import type { ApplicationName } from "./cluster.ts";
import { testLoaded } from "./compositions.ts";
import { WorkerCluster, type BalancingMethod } from "./worker-cluster.ts";

const APPLICATIONS: readonly ApplicationName[] = ["adapters", "adapters-on-hawser", "official"];
const METHODS: readonly BalancingMethod[] = ["random", "round-robin", "least-connection"];
const WAYS: Record<string, string[]> = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};
const WORKERS = 2;

testLoaded("@socket.io/cluster-adapter");

for (const application of APPLICATIONS) {
  for (const method of METHODS) {
    describe(`${application}, ${method}`, () => {
      let cluster: WorkerCluster;
      beforeAll(async () => {
        cluster = await WorkerCluster.start(Array(WORKERS).fill(application), method);
      });
      afterAll(() => cluster.close());

      for (const [index, [way, transports]] of Object.entries(WAYS).entries()) {
        test(`by ${way}`, async () => {
          const name = `/${way}`;
          for (const worker of cluster.workers) {
            await worker.run(name, (namespace) => {
              namespace.on("connection", (socket) => {
                socket.on("echo", (...args: unknown[]) => {
                  const reply = args.pop() as (...answer: unknown[]) => void;
                  reply(process.pid, ...args);
                });
              });
            });
          }
          const clients: ClientSocket[] = [];
          try {
            for (let count = 0; count < 2 * WORKERS; count++) {
              const client = io(cluster.workers[0]!.url + name, { transports, forceNew: true });
              clients.push(client);
              await inbox(client, "connect").next();
              if (way === "upgrade" && client.io.engine.transport.name === "polling") {
                await inbox(client.io.engine, "upgrade").next();
              }
            }
            // A body that no connection brings in one piece.
            const large = Buffer.alloc(300_000, index + 1);
            const pids = new Set<unknown>();
            for (const client of clients) {
              const echo = (...args: unknown[]): Promise<unknown[]> =>
                new Promise((resolve) => client.emit("echo", ...args, (...answer: unknown[]) => resolve(answer)));
              const [pid] = await echo("small");
              const [samePid, echoed] = (await echo(large)) as [number, Buffer];
              expect([samePid, large.equals(echoed)]).toEqual([pid, true]);
              expect(await echo()).toEqual([pid]);
              pids.add(pid);
            }
            if (method !== "random") expect(pids.size).toBe(WORKERS);
            const news = clients.map((client) => inbox(client, "news"));
            await cluster.workers[1]!.run(name, (namespace) => void namespace.emit("news", "to all"));
            for (const box of news) expect(await box.next()).toEqual(["to all"]);
          } finally {
            for (const client of clients) client.disconnect();
          }
        });
      }
    });
  }
}
