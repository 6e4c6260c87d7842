// @ts-check

/** Starts Redis, three nodes and HAProxy, and starts again whatever of them ends. */

import { fork } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { programs, provideProgram } from "../../scripts/programs.mjs";
import { freePorts, program, Supervised } from "./supervised.mjs";

const redisServer = provideProgram(programs.redis);
const haproxy = provideProgram(programs.haproxy);
if (redisServer === undefined || haproxy === undefined) process.exit(1);

const [port = 0, a = 0, b = 0, c = 0, redisPort = 0] = await freePorts(Number(process.env["PORT"] ?? 3000), 5);
const folder = await mkdtemp(join(tmpdir(), "hawser-three-nodes-"));

const redis = new Supervised({
  name: "Redis",
  port: redisPort,
  pause: 3_000,
  // What it writes down is there again when it comes back: the counter, and what clients may have missed.
  start: () =>
    program(redisServer, [
      ...["--bind", "127.0.0.1", "--port", String(redisPort), "--dir", folder],
      ...["--save", "", "--appendonly", "yes", "--appendfsync", "always"],
    ]),
});

const nodes = Object.entries({ a, b, c }).map(
  ([name, nodePort]) =>
    new Supervised({
      name: `node ${name}`,
      port: nodePort,
      // Longer than its clients wait until they try to come back: they meet another node.
      pause: 3_000,
      start: () => {
        const env = {
          ...process.env,
          NODE_NAME: name,
          PORT: String(nodePort),
          REDIS_URL: `redis://127.0.0.1:${redisPort}`,
        };
        const child = fork(fileURLToPath(new URL("node.mjs", import.meta.url)), { env });
        child.on("message", () => redis.kill());
        return child;
      },
    }),
);

const configuration = join(folder, "haproxy.cfg");
const proxy = new Supervised({
  name: "HAProxy",
  port,
  pause: 1_000,
  start: () => program(haproxy, ["-db", "-f", configuration]),
});

// Once: a second Ctrl-C ends the process at once.
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

await redis.run();
await Promise.all(nodes.map((node) => node.run()));
await writeFile(configuration, await proxyConfiguration());
await proxy.run();
console.log(`Open http://localhost:${port} in several windows`);
console.log("Press Ctrl-C to stop");

/** What haproxy.cfg says, with the ports that were free. */
async function proxyConfiguration() {
  const text = await readFile(new URL("haproxy.cfg", import.meta.url), "utf8");
  return text.replace(/127\.0\.0\.1:300([0-3])/g, (_match, index) => `127.0.0.1:${[port, a, b, c][index]}`);
}

async function stop() {
  await proxy.stop();
  await Promise.all(nodes.map((node) => node.stop()));
  await redis.stop();
  await rm(folder, { recursive: true });
  process.exit();
}
