/** `@socket.io/redis-streams-adapter`, with clients that come back to another server than the one they have lost. */

import { afterAll, beforeAll, describe } from "vitest";
import { RedisCluster } from "../services/redis-cluster.ts";
import { Redis } from "../services/redis.ts";
import { testCompositions, testLoaded } from "./compositions.ts";
import { startLocalCluster, type Joiner } from "./local-cluster.ts";
import { redisPackages, type RedisPackage } from "./redis-clients.ts";
import { recovery } from "./scenarios/recovery.ts";

type StreamsAdapter = typeof import("@socket.io/redis-streams-adapter");
type StreamsOptions = Parameters<StreamsAdapter["createAdapter"]>[1];

let redis: Redis;
let redisCluster: RedisCluster;
beforeAll(async () => {
  [redis, redisCluster] = await Promise.all([Redis.start(), RedisCluster.start()]);
});
afterAll(() => Promise.all([redis[Symbol.asyncDispose](), redisCluster[Symbol.asyncDispose]()]));

const joiner =
  (connect: RedisPackage["connect"], ports: () => readonly number[], options: StreamsOptions = {}): Joiner =>
  async (application) => {
    const { createAdapter } = application.require("@socket.io/redis-streams-adapter") as StreamsAdapter;
    const { publisher, close } = await connect(application, ports());
    return { adapter: createAdapter(publisher, { blockTimeInMs: 100, ...options }), close };
  };

testLoaded("@socket.io/redis-streams-adapter");

for (const { name, connect } of redisPackages) {
  describe(`with ${name}`, () => {
    testCompositions((composition) =>
      startLocalCluster(
        composition,
        joiner(connect, () => [redis.port]),
      ),
    );

    describe("clients that come back", () => {
      const options = { connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: true } };
      testCompositions(
        (composition) =>
          startLocalCluster(
            composition,
            joiner(connect, () => [redis.port]),
            () => options,
          ),
        recovery,
      );
    });
  });
}

describe("on a Redis Cluster", () => {
  const [{ connect }] = redisPackages as [RedisPackage];
  testCompositions((composition) =>
    startLocalCluster(
      composition,
      joiner(connect, () => redisCluster.ports, { useShardedPubSub: true }),
    ),
  );
});
