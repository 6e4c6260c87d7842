// @ts-check

import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "hawser";
import { serveChat } from "./chat.mjs";
import { servePage } from "./pages.mjs";
import { limits } from "./public/limits.js";

/** @import { Events } from "./events.d.ts" */

const host = process.env["HOST"] ?? "127.0.0.1";
const httpServer = createServer((request, response) => {
  servePage(request, response).catch((error) => response.destroy(error));
});

/** @type {Server<Events>} */
const io = new Server(httpServer, {
  // Room for the largest picture even as base64, which polling uses.
  maxHttpBufferSize: Math.ceil(limits.pictureBytes * 1.4),
});
serveChat(io);

const port = await listen(Number(process.env["PORT"] ?? 3000));
const reachable = ["127.0.0.1", "0.0.0.0", "::"].includes(host) ? "localhost" : host;
console.log(`Open http://${reachable}:${port} in two windows`);
console.log("Press Ctrl-C to stop");

// Once: a second Ctrl-C ends the process at once.
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

/**
 * Listens on `first`, or on the next port that is free. 0 leaves the choice to the system.
 *
 * @param {number} first
 * @returns {Promise<number>} the port
 */
async function listen(first) {
  for (let candidate = first; ; candidate++) {
    try {
      await once(httpServer.listen(candidate, host), "listening");
      const address = httpServer.address();
      return typeof address === "object" && address ? address.port : candidate;
    } catch (error) {
      const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!taken || candidate >= first + 100) throw error;
    }
  }
}

function stop() {
  // Ends the connections and the HTTP server with them; the process ends when nothing is left to do.
  void io.close();
}
