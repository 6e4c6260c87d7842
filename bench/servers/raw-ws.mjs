/**
 * Just enough of the protocol for the scenarios, on the `ws` package alone: no heartbeat, middleware, acknowledgement
 * objects or adapter. It shows what a server on `ws` can't do without.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { NEWS } from "../news.mjs";
import { serve } from "./serve.mjs";

/** @type {Set<import("ws").WebSocket>} */
const room = new Set();

/** @type {Record<string, (socket: import("ws").WebSocket, acknowledgement: string, value: any) => void>} */
const handlers = {
  echo(socket, acknowledgement, value) {
    socket.send(`43${acknowledgement}${JSON.stringify([value])}`);
  },
  join(socket, acknowledgement) {
    room.add(socket);
    socket.send(`43${acknowledgement}[]`);
  },
  tick(_socket, _acknowledgement, events) {
    for (let event = 0; event < events; event += 1) {
      const packet = Buffer.from(`42${JSON.stringify(["news", NEWS])}`);
      for (const member of room) member.send(packet, { binary: false });
    }
  },
};

/**
 * @this {import("ws").WebSocket}
 * @param {import("ws").RawData} data
 */
function receive(data) {
  const text = data.toString();
  if (text.startsWith("42")) {
    const bracket = text.indexOf("[");
    const [event, value] = JSON.parse(text.slice(bracket));
    handlers[event]?.(this, text.slice(2, bracket), value);
  } else if (text === "40") {
    this.send(`40${JSON.stringify({ sid: newId() })}`);
  }
}

function newId() {
  return randomBytes(15).toString("base64url");
}

const httpServer = createServer();
new WebSocketServer({ server: httpServer }).on("connection", (socket) => {
  socket.on("message", receive);
  socket.on("close", () => room.delete(socket));
  const handshake = { sid: newId(), upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 };
  socket.send(`0${JSON.stringify(handshake)}`);
});
serve(httpServer);
