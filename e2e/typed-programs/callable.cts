/** What TypeScript makes of `module.exports = …`: a function with types as its properties. */

import { createServer } from "node:http";
import socketio = require("socket.io");
import connect = require("socket.io-client");
import * as everything from "socket.io";

const server = new socketio.Server(createServer(), { serveClient: false });
const more: everything.Server = new everything.Server();
const options: Partial<socketio.ServerOptions> = { pingInterval: 1000 };
const client: connect.Socket = connect.io("https://example.com");

export function start(
  events: socketio.DefaultEventsMap,
  reason: socketio.DisconnectReason,
  error: socketio.ExtendedError,
) {
  server.on("connection", (socket: socketio.Socket) => socket.emit("welcome", events, reason, error, options));
  return [server, more, client];
}
