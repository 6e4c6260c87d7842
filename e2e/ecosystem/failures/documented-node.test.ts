/** The node that docs/multi-node.md shows, as it stands there. */

import { fileURLToPath } from "node:url";
import { io } from "hawser-client";
import { describe, expect, test } from "vitest";
import { DocumentedProgram } from "../../harness/documented-program.ts";
import { inbox, until } from "../../harness/waiting.ts";
import { Redis, redisPath } from "../services/redis.ts";

/** Its dependencies are those that the page says to install. */
const example = fileURLToPath(new URL("../../../examples/three-nodes/", import.meta.url));

describe.skipIf(redisPath === undefined)("the node of the documentation", () => {
  test("outlives Redis, serves its clients meanwhile, and ends in good order", async () => {
    await using redis = await Redis.start();
    await using node = await DocumentedProgram.start(
      "docs/multi-node.md",
      "node.mjs",
      { REDIS_URL: redis.url },
      example,
    );
    const client = io(`http://127.0.0.1:${node.port}`, { forceNew: true });
    const [connects, said, ends] = [inbox(client, "connect"), inbox(client, "said"), inbox(client, "disconnect")];
    const hears = async (text: string): Promise<void> => {
      client.emit("say", text);
      expect((await said.next())[0]).toBe(text);
    };
    await hears("Redis is here");
    await redis.kill();
    await hears("Redis is gone");
    await connects.next();

    // The session is written down, and looked up, by commands of whose failure the adapter does not know.
    client.io.engine.close();
    expect((await ends.next())[0]).toBe("forced close");
    await connects.next();
    // By then the client of Redis has given them up, which it does after five seconds.
    await until(() => node.complaints.split("ECONNREFUSED").length > 9, "Redis to be looked for nine times");
    await hears("Redis is gone for long");
    await redis.start();
    await hears("Redis is back");

    expect(await node.stop()).toBe(0);
    expect((await ends.next())[0]).toBe("transport close");
    client.close();
  });
});
