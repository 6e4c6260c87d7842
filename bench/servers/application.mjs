import { createServer } from "node:http";
import { NEWS } from "../news.mjs";
import { serve } from "./serve.mjs";

/** The room that `join` enters and `tick` sends to. */
const ROOM = "readers";

/**
 * The same application for every server with Socket.IO's API, with its default options.
 *
 * @param {new (httpServer: import("node:http").Server) => any} Server
 */
export function runApplication(Server) {
  const httpServer = createServer();
  const io = new Server(httpServer);
  io.on("connection", (/** @type {any} */ socket) => {
    socket.on("echo", (/** @type {unknown} */ value, /** @type {(value: unknown) => void} */ acknowledge) => {
      acknowledge(value);
    });
    socket.on("join", (/** @type {() => void} */ acknowledge) => {
      socket.join(ROOM);
      acknowledge();
    });
    socket.on("tick", (/** @type {number} */ events) => {
      for (let event = 0; event < events; event += 1) io.to(ROOM).emit("news", NEWS);
    });
  });
  serve(httpServer);
}
