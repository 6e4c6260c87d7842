/** A worker of a `node:cluster`: one server, of an application, that runs the functions that the test sends. */

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runInThisContext } from "node:vm";

const require = createRequire(join(process.env.HAWSER_APPLICATION, "application.cjs"));
const { Server } = require("socket.io");
const { createAdapter } = require("@socket.io/cluster-adapter");

// An adapter listens for each namespace.
process.setMaxListeners(0);
const http = createServer();
const io = new Server(http, { adapter: createAdapter() });
let url;
if (process.env.HAWSER_STICKY) {
  require("@socket.io/sticky").setupWorker(io);
} else {
  // Of its own: workers share ports otherwise.
  http.listen({ port: 0, host: "127.0.0.1", exclusive: true });
  await once(http, "listening");
  url = `http://127.0.0.1:${http.address().port}`;
}

process.on("message", async ({ run, name, source, args }) => {
  if (run === undefined) return;
  try {
    const act = runInThisContext(`(${source})`);
    process.send({ of: run, result: await act(io.of(name), ...args) });
  } catch (error) {
    process.send({ of: run, error: String(error?.stack ?? error) });
  }
});
process.send({ of: "start", url });
