/**
 * A node of a cluster, as a child process: `node.mjs <folder of the application> <adapter> <URL of its service>`. It does what its
 * parent asks for, and tells of what must not happen: rejections and exceptions that nobody takes.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { connectToRedis } from "../../../examples/three-nodes/redis.mjs";

const [folder, adapter, url] = process.argv.slice(2);
const require = createRequire(join(folder, "application.cjs"));

const ignore = () => {};

const problems = [];
for (const event of ["unhandledRejection", "uncaughtException"]) {
  process.on(event, (error) => problems.push(`${event}: ${error?.stack ?? error}`));
}

/** What each kind of adapter is made of, and what its server needs besides. */
const ADAPTERS = {
  async classic() {
    const { createAdapter } = require("@socket.io/redis-adapter");
    const [pub, sub] = [await connectToRedis(url, ignore), await connectToRedis(url, ignore)];
    return { adapter: createAdapter(pub, sub, { requestsTimeout: 700 }) };
  },
  async sharded() {
    const { createShardedAdapter } = require("@socket.io/redis-adapter");
    const [pub, sub] = [await connectToRedis(url, ignore), await connectToRedis(url, ignore)];
    return { adapter: createShardedAdapter(pub, sub) };
  },
  async streams() {
    const { createAdapter } = require("@socket.io/redis-streams-adapter");
    const client = await connectToRedis(url, ignore);
    // Shorter than the client's patience with a connection on which nothing comes.
    return { adapter: createAdapter(client, { blockTimeInMs: 1_000 }), connectionStateRecovery: {} };
  },
  async postgres() {
    const { createAdapter } = require("@socket.io/postgres-adapter");
    const { Pool } = require("pg");
    const pool = new Pool({
      connectionString: url,
      connectionTimeoutMillis: 1_000,
      query_timeout: 1_000,
      keepAlive: true,
    });
    pool.on("error", ignore);
    pool.on("connect", (client) => client.on("error", ignore));
    await pool.query(
      "CREATE TABLE IF NOT EXISTS socket_io_attachments (id bigserial UNIQUE, created_at timestamptz DEFAULT NOW(), payload bytea)",
    );
    const settings = { errorHandler: ignore, heartbeatInterval: 300, heartbeatTimeout: 1_000 };
    return { adapter: createAdapter(pool, settings) };
  },
};

const { Server } = require("socket.io");
const io = new Server(0, { ...(await ADAPTERS[adapter]()), adapterTimeout: 1_000 });
io.on("connection", (socket) => {
  socket.on("join", (room, done) => {
    void socket.join(room);
    done();
  });
});
io.on("who", (answer) => answer(process.pid));
io.on("handler_error", (error) => reported.push(error?.code ?? String(error)));
const reported = [];

/** What the parent may ask for. */
const COMMANDS = {
  emit: (...args) => io.emit(...args),
  emitTo: (room, ...args) => io.to(room).emit(...args),
  /** The ids of all sockets. */
  fetchSockets: async () => (await io.timeout(700).fetchSockets()).map(({ id }) => id),
  serverSideEmit: () => io.serverSideEmitWithAck("who"),
  broadcastWithAck: () => io.timeout(700).emitWithAck("question"),
  serverCount: () => io.of("/").adapter.serverCount(),
  /** The codes of what was reported since the last time. */
  reported: () => reported.splice(0),
  problems: () => problems,
};

/** What came of a command, in a form that can be sent. */
async function outcomeOf(command, args) {
  try {
    return { value: await COMMANDS[command](...args) };
  } catch (error) {
    const { code, message, responses } = error;
    return { error: { code, message, responses: responses?.map((response) => response?.id ?? response) } };
  }
}

process.on("message", async ({ id, command, args }) => {
  process.send({ id, ...(await outcomeOf(command, args)) });
});
// Nobody needs a node whose parent has gone.
process.on("disconnect", () => process.exit());

io.httpServer.once("listening", () => process.send({ port: io.httpServer.address().port }));
if (io.httpServer.listening) process.send({ port: io.httpServer.address().port });
