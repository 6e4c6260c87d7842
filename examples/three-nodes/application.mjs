// @ts-check

/**
 * @import { Server } from "hawser"
 * @import { Events, Outcome, Reply, Person } from "./events.d.ts"
 * @import { RedisClient } from "./redis.mjs"
 */

/** Milliseconds between two looks at who is where, and how long one may take. */
const lookEvery = 2_000;
const lookTimeout = 1_000;

const longestText = 2_000;

/**
 * What the nodes do: the same on each of them. None of it knows how many there are.
 *
 * @param {Server<Events>} io
 * @param {string} node the name of this one
 * @param {RedisClient} redis keeps the counter
 */
export function serveEverything(io, node, redis) {
  io.on("connection", (socket) => {
    const { name } = socket.handshake.auth;
    socket.data.name = typeof name === "string" && name !== "" ? name.slice(0, 24) : socket.id.slice(0, 6);
    socket.data.node = node;
    socket.emit("welcome", { node, process: process.pid, recovered: socket.recovered });
    redis.get("counter").then(
      (value) => socket.emit("counter", Number(value ?? 0)),
      () => {},
    );
    void announce();

    socket.on("count", (reply) => {
      void answer(reply, async () => {
        const value = await redis.incr("counter");
        io.emit("counter", value);
        return value;
      });
    });

    socket.on("say", (text, reply) => {
      void answer(reply, () => {
        io.emit("said", { name: socket.data.name, node, text: checked(text), whispered: false });
        return node;
      });
    });

    socket.on("whisper", (to, text, reply) => {
      void answer(reply, () => {
        // A socket is alone in the room of its id, on whichever node that is.
        io.to(checked(to)).emit("said", { name: socket.data.name, node, text: checked(text), whispered: true });
        return node;
      });
    });

    socket.on("kill", (what) => {
      if (what === "node") process.kill(process.pid, "SIGKILL");
      else process.send?.("kill redis");
    });
  });

  // Who is where is looked up, not kept: a node that crashes tells nobody.
  setInterval(announce, lookEvery);

  /** Tells the clients of this node who is connected to which. */
  async function announce() {
    if (io.sockets.sockets.size > 0) io.local.volatile.emit("people", await everybody());
  }

  /** @returns {Promise<Person[]>} */
  async function everybody() {
    const sockets = await io
      .timeout(lookTimeout)
      .fetchSockets()
      // Other nodes do not answer: those that were found.
      .catch((error) => error.responses);
    return sockets.map((/** @type {{ id: string, data: Events["data"] }} */ { id, data }) => ({ id, ...data }));
  }
}

/**
 * @param {unknown} text what a client sent
 * @returns {string}
 */
function checked(text) {
  if (typeof text !== "string" || text === "" || text.length > longestText) throw new Error("That is no text");
  return text;
}

/**
 * Acknowledges a request with what came of `work`.
 *
 * @template Value
 * @param {Reply<Value>} reply
 * @param {() => Value | Promise<Value>} work
 */
async function answer(reply, work) {
  if (typeof reply !== "function") return;
  try {
    reply({ ok: true, value: await work() });
  } catch (error) {
    reply({ ok: false, reason: error instanceof Error ? error.message : String(error) });
  }
}
