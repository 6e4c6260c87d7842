/** Clients of Redis, of either package. */

import { EventEmitter } from "node:events";
import type { Application } from "../application.ts";

/** The clients that an adapter publishes and subscribes with, and what ends them. */
export interface Connections {
  readonly publisher: unknown;
  readonly subscriber: unknown;
  close(): Promise<unknown>;
}

/** Which package, and how it connects to servers at some ports: several are a Redis Cluster. */
export interface RedisPackage {
  readonly name: "redis" | "ioredis";
  connect(application: Application, ports: readonly number[]): Promise<Connections>;
}

// Adapters add listeners for each namespace, to clients of their own making, too.
EventEmitter.defaultMaxListeners = 0;

const redis: RedisPackage = {
  name: "redis",
  async connect(application, ports) {
    const { createClient, createCluster } = application.require("redis") as typeof import("redis");
    const urls = ports.map((port) => `redis://127.0.0.1:${port}`);
    const publisher =
      urls.length === 1 ? createClient({ url: urls[0]! }) : createCluster({ rootNodes: urls.map((url) => ({ url })) });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    return {
      publisher,
      subscriber,
      close: () => Promise.all([publisher.close(), subscriber.close()]),
    };
  },
};

const ioredis: RedisPackage = {
  name: "ioredis",
  async connect(application, ports) {
    const { Cluster, Redis } = application.require("ioredis") as typeof import("ioredis");
    const make = (): InstanceType<typeof Cluster> | InstanceType<typeof Redis> =>
      ports.length === 1
        ? new Redis(ports[0]!)
        : new Cluster(
            ports.map((port) => ({ host: "127.0.0.1", port })),
            { shardedSubscribers: true },
          );
    const [publisher, subscriber] = [make(), make()];
    return {
      publisher,
      subscriber,
      close: () => Promise.all([publisher.quit(), subscriber.quit()]),
    };
  },
};

export const redisPackages: readonly RedisPackage[] = [redis, ioredis];
