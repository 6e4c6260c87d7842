/** The sharded adapter of `@socket.io/redis-adapter`, on Redis and on a Redis Cluster. */

import { afterAll, beforeAll, describe } from "vitest";
import { RedisCluster } from "../services/redis-cluster.ts";
import { Redis } from "../services/redis.ts";
import { testCompositions, testLoaded } from "./compositions.ts";
import { startLocalCluster, type Joiner } from "./local-cluster.ts";
import { broadcasts } from "./scenarios/broadcasts.ts";
import { redisPackages, type RedisPackage } from "./redis-clients.ts";

type RedisAdapter = typeof import("@socket.io/redis-adapter");

type Mode = "static" | "dynamic" | "dynamic-private";

const joiner =
  (connect: RedisPackage["connect"], ports: () => readonly number[], subscriptionMode: Mode = "dynamic"): Joiner =>
  async (application) => {
    const { createShardedAdapter } = application.require("@socket.io/redis-adapter") as RedisAdapter;
    const { publisher, subscriber, close } = await connect(application, ports());
    return { adapter: createShardedAdapter(publisher, subscriber, { subscriptionMode }), close };
  };

testLoaded("@socket.io/redis-adapter");

describe("on one Redis", () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = await Redis.start();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  for (const { name, connect } of redisPackages) {
    describe(`with ${name}`, () => {
      testCompositions((composition) =>
        startLocalCluster(
          composition,
          joiner(connect, () => [redis.port]),
        ),
      );
    });
  }

  for (const mode of ["static", "dynamic-private"] as const) {
    describe(`with ${mode} subscriptions`, () => {
      const [{ connect }] = redisPackages as [RedisPackage];
      testCompositions(
        (composition) =>
          startLocalCluster(
            composition,
            joiner(connect, () => [redis.port], mode),
          ),
        broadcasts,
      );
    });
  }
});

describe("on a Redis Cluster", () => {
  let redis: RedisCluster;
  beforeAll(async () => {
    redis = await RedisCluster.start();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  for (const { name, connect } of redisPackages) {
    describe(`with ${name}`, () => {
      testCompositions((composition) =>
        startLocalCluster(
          composition,
          joiner(connect, () => redis.ports),
        ),
      );
    });
  }
});
