/** `socket.io-msgpack-parser` under an adapter: packets that are encoded in another way by each server, for its clients. */

import * as parser from "socket.io-msgpack-parser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Application } from "../application.ts";
import { Redis } from "../services/redis.ts";
import { scenarios, testCompositions } from "./compositions.ts";
import { startLocalCluster } from "./local-cluster.ts";
import { redisPackages } from "./redis-clients.ts";

type RedisAdapter = typeof import("@socket.io/redis-adapter");

let redis: Redis;
beforeAll(async () => {
  redis = await Redis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());

test("the server that it is given to is hawser", () => {
  expect(new Application("adapters").nameOf("socket.io")).toBe("hawser");
});

for (const create of ["createAdapter", "createShardedAdapter"] as const) {
  describe(create, () => {
    testCompositions(
      (composition) =>
        startLocalCluster(
          composition,
          async (application) => {
            const adapters = application.require("@socket.io/redis-adapter") as RedisAdapter;
            const { publisher, subscriber, close } = await redisPackages[0]!.connect(application, [redis.port]);
            return { adapter: adapters[create](publisher, subscriber), close };
          },
          (application) => ({ parser: application.require("socket.io-msgpack-parser") as typeof parser }),
        ),
      scenarios,
      { parser },
    );
  });
}
