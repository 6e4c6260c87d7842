/**
 * The primary of a `node:cluster`: starts a worker for each application, and passes on what the test and the workers have to say to each
 * other. With a method of balancing, it accepts the connections for all of them.
 */

import cluster from "node:cluster";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [{ folders, loadBalancingMethod }] = await once(process, "message");
const require = createRequire(join(folders[0], "application.cjs"));

cluster.setupPrimary({
  exec: fileURLToPath(new URL("worker.mjs", import.meta.url)),
  // Binary data is to stay what it is on its way.
  serialization: "advanced",
});
require("@socket.io/cluster-adapter").setupPrimary();

let url;
if (loadBalancingMethod !== undefined) {
  const server = createServer();
  require("@socket.io/sticky").setupMaster(server, { loadBalancingMethod });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${server.address().port}`;
}

const workers = folders.map((folder) =>
  cluster.fork({ HAWSER_APPLICATION: folder, HAWSER_STICKY: loadBalancingMethod ?? "" }),
);
cluster.on("message", (worker, message) => {
  if (!("of" in message)) return;
  // The test may have gone, and have no use for it.
  process.send({ ...message, worker: workers.indexOf(worker), url: message.url ?? url }, () => {});
});
process.on("message", ({ worker, ...request }) => workers[worker].send(request));
process.on("disconnect", () => {
  for (const worker of workers) worker.kill();
  process.exit();
});
