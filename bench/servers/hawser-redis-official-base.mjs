/** With the adapter on the base that it brings along, `socket.io-adapter`. */
import { createRequire } from "node:module";
import { Server } from "hawser";
import { runRedisApplication } from "./redis-application.mjs";

await runRedisApplication(Server, createRequire(import.meta.url));
