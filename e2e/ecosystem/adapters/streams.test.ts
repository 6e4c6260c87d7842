/** `@socket.io/redis-streams-adapter`, with clients that come back to another server than the one they have lost. */

import { afterAll, beforeAll, describe } from "vitest";
import { Redis } from "../services/redis.ts";
import { COMPOSITIONS, testCompositions, testLoaded } from "./compositions.ts";
import { startLocalCluster, type Joiner } from "./local-cluster.ts";
import { redisPackages, type RedisPackage } from "./redis-clients.ts";
import { recovery } from "./scenarios/recovery.ts";

type StreamsAdapter = typeof import("@socket.io/redis-streams-adapter");

let redis: Redis;
beforeAll(async () => {
  redis = await Redis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());

const joiner =
  (connect: RedisPackage["connect"]): Joiner =>
  async (application) => {
    const { createAdapter } = application.require("@socket.io/redis-streams-adapter") as StreamsAdapter;
    const { publisher, close } = await connect(application, [redis.port]);
    return { adapter: createAdapter(publisher, { blockTimeInMs: 100 }), close };
  };

testLoaded("@socket.io/redis-streams-adapter");

for (const { name, connect } of redisPackages) {
  describe(`with ${name}`, () => {
    testCompositions((composition) => startLocalCluster(composition, joiner(connect)));

    describe("clients that come back", () => {
      const options = { connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: true } };
      testCompositions((composition) => startLocalCluster(composition, joiner(connect), () => options), recovery);
    });
  });
}
