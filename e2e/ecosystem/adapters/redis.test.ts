/** `@socket.io/redis-adapter` and `@socket.io/redis-emitter`, on Redis. */

import { afterAll, beforeAll, describe } from "vitest";
import { Redis } from "../services/redis.ts";
import type { Emitter } from "./cluster.ts";
import { scenarios, testCompositions, testLoaded } from "./compositions.ts";
import { startLocalCluster } from "./local-cluster.ts";
import { redisPackages } from "./redis-clients.ts";
import { emitters } from "./scenarios/emitters.ts";

type RedisAdapter = typeof import("@socket.io/redis-adapter");
type RedisEmitter = { Emitter: new (client: unknown) => Emitter };

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
        return { adapter: createAdapter(publisher, subscriber), emitter: new Emitter(publisher), close };
      }),
    [...scenarios, ...emitters],
  );
});
