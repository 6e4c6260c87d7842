/** With the adapter on hawser's own base, as the example has it. */
import { createRequire } from "node:module";
import { Server } from "hawser";
import { runRedisApplication } from "./redis-application.mjs";

await runRedisApplication(Server, createRequire(new URL("../../examples/three-nodes/package.json", import.meta.url)));
