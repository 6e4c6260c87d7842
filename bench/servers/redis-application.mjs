import { createServer } from "node:http";
import { NEWS } from "../news.mjs";
import { serve } from "./serve.mjs";

/** The room that `join` enters, and that both kinds of ticks send to. */
const ROOM = "readers";

/**
 * The application with `@socket.io/redis-adapter`, the same for every server.
 *
 * @param {new (httpServer: import("node:http").Server, options: object) => any} Server
 * @param {NodeJS.Require} require loads packages as that server's users would
 */
export async function runRedisApplication(Server, require) {
  const { createAdapter } = require("@socket.io/redis-adapter");
  const { createClient } = require("redis");
  const { Emitter } = require("@socket.io/redis-emitter");
  const connect = () => createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" }).connect();
  const [publisher, subscriber, afar] = await Promise.all([connect(), connect(), connect()]);
  const httpServer = createServer();
  const io = new Server(httpServer, { adapter: createAdapter(publisher, subscriber) });
  const emitter = new Emitter(afar);
  io.on("connection", (/** @type {any} */ socket) => {
    socket.on("join", (/** @type {() => void} */ acknowledge) => {
      socket.join(ROOM);
      acknowledge();
    });
    socket.on("tick", (/** @type {number} */ events) => {
      for (let event = 0; event < events; event += 1) io.to(ROOM).emit("news", NEWS);
    });
    socket.on("tick from afar", (/** @type {number} */ events) => {
      for (let event = 0; event < events; event += 1) emitter.to(ROOM).emit("news", NEWS);
    });
  });
  serve(httpServer);
}
