import { createRequire } from "node:module";
import { Server } from "socket.io";
import { runRedisApplication } from "./redis-application.mjs";

await runRedisApplication(Server, createRequire(import.meta.url));
