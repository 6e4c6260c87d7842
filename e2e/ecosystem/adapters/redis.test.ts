/** `@socket.io/redis-adapter` and `@socket.io/redis-emitter`, on Redis. */

import { afterAll, beforeAll, describe, expect } from "vitest";
import { Redis } from "../services/redis.ts";
import type { Emitter } from "./cluster.ts";
import { scenarios, testCompositions, testLoaded } from "./compositions.ts";
import { startLocalCluster } from "./local-cluster.ts";
import { redisPackages } from "./redis-clients.ts";
import { emitters } from "./scenarios/emitters.ts";
import { scenario } from "./scenarios/scenario.ts";
import { unanswered } from "./scenarios/server-side.ts";

type RedisAdapter = typeof import("@socket.io/redis-adapter");
type RedisEmitter = { Emitter: new (client: unknown) => Emitter };

/** Milliseconds that servers may take to answer are made few: for some that do not. */
const OPTIONS = { requestsTimeout: 1_500 };

/** What this adapter has besides. */
const allRooms = scenario("the rooms of all servers are found", async (world) => {
  await world.connect({ ann: ["here", "red"], ben: ["there", "red", "blue"] });
  const rooms = await world.here.run(async (namespace) => {
    const adapter = namespace.adapter as unknown as { allRooms(): Promise<Set<string>> };
    return [...(await adapter.allRooms())];
  });
  expect(rooms.sort()).toEqual([world.socket("ann").id, world.socket("ben").id, "blue", "red"].sort());
});

let redis: Redis;
beforeAll(async () => {
  redis = await Redis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());

testLoaded("@socket.io/redis-adapter");

describe.each(redisPackages.map(({ name, connect }) => [name, connect] as const))("with %s", (_name, connect) => {
  testCompositions(
    (composition) =>
      startLocalCluster(composition, async (application) => {
        const { createAdapter } = application.require("@socket.io/redis-adapter") as RedisAdapter;
        const { Emitter } = application.require("@socket.io/redis-emitter") as RedisEmitter;
        const { publisher, subscriber, close } = await connect(application, [redis.port]);
        return { adapter: createAdapter(publisher, subscriber, OPTIONS), emitter: new Emitter(publisher), close };
      }),
    [...scenarios, ...unanswered, allRooms, ...emitters],
  );
});
