import { NEWS } from "../news.mjs";
import { unexpected } from "./connection.mjs";
import { clientFrame } from "./frames.mjs";

/** @typedef {import("./connection.mjs").Connection} Connection */

/**
 * Lets every connection enter the room that `fanOut` sends to.
 *
 * @param {Connection[]} connections
 * @returns {Promise<void>}
 */
export async function join(connections) {
  const event = clientFrame('420["join"]');
  const reply = Buffer.from("430[]");
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise((resolve) => {
          connection.onText = (bytes, start, end) => {
            if (bytes.compare(reply, 0, reply.length, start, end) !== 0) unexpected(bytes, start, end);
            resolve(undefined);
          };
          connection.send(event);
        }),
    ),
  );
}

/**
 * Asks for one tick's broadcasts, waits until all connections have received all of them, asks for the next.
 *
 * @param {Connection[]} connections all of them members of the room
 * @param {{ ticks: number, eventsPerTick: number, request?: string }} details `request` is the event that asks for a tick
 * @returns {Promise<void>}
 * @throws {Error} if a connection receives anything else, or too much
 */
export function fanOut(connections, { ticks, eventsPerTick, request: name = "tick" }) {
  const [first] = /** @type {[Connection]} */ (/** @type {unknown} */ (connections));
  const request = clientFrame(`42${JSON.stringify([name, eventsPerTick])}`);
  const news = Buffer.from(`42${JSON.stringify(["news", NEWS])}`);
  return new Promise((resolve) => {
    let tick = 1;
    let completed = 0; // connections that have received the whole tick
    for (const connection of connections) {
      let received = 0;
      connection.onText = (bytes, start, end) => {
        received += 1;
        if (received > tick * eventsPerTick || bytes.compare(news, 0, news.length, start, end) !== 0) {
          unexpected(bytes, start, end);
        }
        if (received < tick * eventsPerTick || ++completed < connections.length) return;
        if (tick === ticks) return resolve();
        completed = 0;
        tick += 1;
        first.send(request);
      };
    }
    first.send(request);
  });
}
