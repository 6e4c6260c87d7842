import { unexpected } from "./connection.mjs";
import { clientFrame } from "./frames.mjs";

const VALUE = JSON.stringify({ id: 1815, text: "a short line, as people write in a chat" });

/**
 * Sends events with the request for an acknowledgement, at any time one per connection, until all are acknowledged.
 *
 * @param {import("./connection.mjs").Connection[]} connections
 * @param {{ messages: number }} details how many in total; not fewer than connections
 * @returns {Promise<void>}
 * @throws {Error} if a reply is not the acknowledgement of the event with its argument
 */
export function echo(connections, { messages }) {
  return new Promise((resolve) => {
    let sent = 0;
    let acknowledged = 0;
    for (const [id, connection] of connections.entries()) {
      const event = clientFrame(`42${id}["echo",${VALUE}]`);
      const reply = Buffer.from(`43${id}[${VALUE}]`);
      const send = () => {
        sent += 1;
        connection.send(event);
      };
      connection.onText = (bytes, start, end) => {
        if (bytes.compare(reply, 0, reply.length, start, end) !== 0) unexpected(bytes, start, end);
        acknowledged += 1;
        if (sent < messages) send();
        else if (acknowledged === messages) resolve();
      };
      send();
    }
  });
}
