// @ts-check

/** One of the nodes: `NODE_NAME=a PORT=3001 REDIS_URL=redis://127.0.0.1:6379 node node.mjs`. */

import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { Server } from "hawser";
import { serveEverything } from "./application.mjs";
import { servePage } from "./pages.mjs";
import { connectToRedis } from "./redis.mjs";

/** @import { Events } from "./events.d.ts" */

const { NODE_NAME: name = "a", PORT: port = "3001", REDIS_URL: url = "redis://127.0.0.1:6379" } = process.env;

const redis = await connectToRedis(url, (error) => console.error(`node ${name}: Redis: ${error.message}`));

const httpServer = createServer((request, response) => {
  servePage(request, response).catch((error) => response.destroy(error));
});

/** @type {Server<Events>} */
const io = new Server(httpServer, {
  // It asks Redis anew each second, well before the client would take Redis for dead.
  adapter: createAdapter(redis, { blockTimeInMs: 1_000, maxLen: 100_000 }),
  connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
});
io.on("handler_error", (error) => console.error(`node ${name}:`, error));
serveEverything(io, name, redis);

httpServer.listen(Number(port), "127.0.0.1");

process.once("SIGTERM", () => {
  // Clients are told, and go to another node.
  void io.close().then(() => process.exit());
});
