/** The services that the tests of adapters start: what is said of them holds. */

import { expect, test } from "vitest";
import { Application } from "./application.ts";
import { Postgres } from "./services/postgres.ts";
import { RedisCluster } from "./services/redis-cluster.ts";
import { Redis } from "./services/redis.ts";

const application = new Application("adapters");

test("the application's Socket.IO is hawser", () => {
  expect(application.nameOf("socket.io")).toBe("hawser");
  expect(application.nameOf("socket.io-adapter", "@socket.io/redis-adapter")).toBe("socket.io-adapter");
  expect(new Application("adapters-on-hawser").nameOf("socket.io-adapter", "@socket.io/redis-adapter")).toBe(
    "@hawser/adapter",
  );
  expect(new Application("official").nameOf("socket.io")).toBe("socket.io");
});

test("Redis comes back at its address, empty", async () => {
  await using redis = await Redis.start();
  const { createClient } = application.require("redis") as typeof import("redis");
  const client = createClient({ url: redis.url });
  client.on("error", () => {});
  await client.connect();
  await client.set("a", "b");
  expect(await client.get("a")).toBe("b");
  await redis.kill();
  await redis.start();
  expect(await client.get("a")).toBeNull();
  client.destroy();
});

test("a Redis Cluster spreads its keys", async () => {
  await using cluster = await RedisCluster.start();
  const { createCluster } = application.require("redis") as typeof import("redis");
  const client = createCluster({ rootNodes: cluster.ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })) });
  await client.connect();
  for (const key of ["a", "b", "c", "d"]) await client.set(key, key);
  expect(await client.get("c")).toBe("c");
  client.destroy();
});

test("PostgreSQL tells one client what another notifies of", async () => {
  await using postgres = await Postgres.start();
  const { Client } = application.require("pg") as typeof import("pg");
  const clients = [0, 1].map(() => new Client({ connectionString: postgres.url }));
  for (const client of clients) await client.connect();
  const [listener, notifier] = clients as [InstanceType<typeof Client>, InstanceType<typeof Client>];
  await listener.query("LISTEN news");
  const told = new Promise((resolve) => listener.on("notification", ({ payload }) => resolve(payload)));
  await notifier.query("NOTIFY news, 'good'");
  expect(await told).toBe("good");
  for (const client of clients) await client.end();
});
