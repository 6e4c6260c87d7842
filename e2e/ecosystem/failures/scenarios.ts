/** What must hold when a service, a node or the network between them fails, with any adapter. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../harness/waiting.ts";
import type { Redis } from "../services/redis.ts";
import { Cluster } from "./cluster.ts";
import type { AdapterKind } from "./node.ts";

/** Longer than any of the nodes waits for anything. */
const TIMEOUT = 60_000;

export interface Expectations {
  /** Milliseconds that events may take to reach the clients of the node that emits them until the node has noticed a failure. */
  readonly noticing?: number;
}

export function failures(kind: AdapterKind, { noticing }: Expectations = {}): void {
  describe(`nodes with the adapter ${kind}`, { timeout: TIMEOUT }, () => {
    let cluster: Cluster;

    beforeAll(async () => {
      cluster = await Cluster.start(kind);
    }, TIMEOUT);

    afterEach(async () => {
      await cluster.isUnharmed();
    });

    afterAll(async () => {
      await cluster[Symbol.asyncDispose]();
    });

    /** While nodes can't reach each other, each serves its own clients, and questions end. */
    async function partWays(members = cluster.members): Promise<void> {
      for (const member of members) {
        // The first may be refused at once, and only the second be waited for.
        await cluster.deliversLocally(member, noticing);
        await cluster.deliversLocally(member, noticing);
        for (let round = 0; round < 3; round++) await cluster.deliversLocally(member);
      }
      await Promise.all(members.map((member) => cluster.questionsEnd(member)));
    }

    test("serve their own clients while the service is gone, and each other's once it is back", async () => {
      await cluster.service.kill();
      await partWays();
      await cluster.service.start();
      await cluster.works();
    });

    // PostgreSQL is a process for each connection.
    test.each(kind === "postgres" ? [] : ["stands still"])(
      "serve their own clients while the service %s, and each other's once it goes on",
      async () => {
        const redis = cluster.service as Redis;
        redis.pause();
        await partWays();
        redis.resume();
        await cluster.works();
      },
    );

    test("go on without one that is killed, and with another in its place", async () => {
      await cluster.last.node.kill();
      const others = cluster.members.slice(0, 2);
      for (const member of others) await cluster.deliversLocally(member);
      await Promise.all(others.map((member) => cluster.questionsEnd(member)));
      cluster.last.replace(await cluster.startNode(2));
      await cluster.works();
    });

    test("do not wait for ever for one that stands still, which is one of them again once it goes on", async () => {
      cluster.last.node.pause();
      const others = cluster.members.slice(0, 2);
      for (const member of others) await cluster.deliversLocally(member);
      await Promise.all(others.map((member) => cluster.questionsEnd(member)));
      cluster.last.node.resume();
      await cluster.works();
    });

    test.each([
      ["nothing gets through", "both"],
      ["nothing gets to the service", "toServer"],
      ["nothing comes from the service", "toClient"],
    ] as const)(
      "serve their own clients while one is cut off and %s, and each other's once it is not",
      async (_name, silent) => {
        cluster.network.set({ silent });
        await partWays();
        cluster.network.set({ silent: "nowhere" });
        await cluster.works();
      },
    );

    test("serve each other's clients when connections to the service are reset", async () => {
      const { accepted } = cluster.network;
      cluster.network.reset();
      await until(() => cluster.network.accepted > accepted, "a new connection to the service");
      await cluster.works();
    });

    test("serve each other's clients over a slow network, and their own at once", async () => {
      cluster.network.set({ latency: 50, jitter: 20 });
      await cluster.deliversLocally(cluster.last, noticing);
      const outcomes = await cluster.questionsEnd(cluster.last);
      expect(Object.values(outcomes).map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
      await cluster.works();
      cluster.network.set({ latency: 0, jitter: 0 });
    });
  });
}
