/**
 * A server in Deno, whose HTTP/3 server hands it WebTransport sessions; the argument is its package. To be run with
 * `--unstable-net`. The first line of stdin is a certificate and its key, as JSON, and when stdin ends, so does the server; lines
 * of JSON on stdout tell what happens.
 */

import { createServer } from "node:http";
import process from "node:process";
import { createInterface } from "node:readline";

const tell = (...line) => console.log(JSON.stringify(line));
process.on("uncaughtException", (error) => tell("uncaught", String(error)));
process.on("unhandledRejection", (error) => tell("uncaught", String(error)));

const { Server } = await import(process.argv[2]);
const stdin = createInterface({ input: process.stdin });
stdin.on("close", () => process.exit());
const { cert, key } = JSON.parse(await new Promise((resolve) => stdin.once("line", resolve)));
const http = createServer((request, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(`<!doctype html><html lang="en"><title>test</title><link rel="icon" href="data:,"></html>`);
});
const io = new Server(http, { transports: ["polling", "websocket", "webtransport"] });
io.on("connection", (socket) => {
  tell("connection", socket.conn.transport.name);
  socket.conn.on("upgrade", ({ name }) => tell("upgrade", name));
  socket.conn.on("close", (reason) => tell("close", reason));
  socket.on("disconnect", (reason) => tell("disconnect", reason));
  socket.on("echo", (value, answer) => answer(value));
  socket.on("bye", () => {
    socket.emit("last", "x".repeat(500_000));
    socket.disconnect(true);
  });
});
await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
const { port } = http.address();

// Clients look for HTTP/3 at the port of the same number.
const endpoint = new Deno.QuicEndpoint({ hostname: "127.0.0.1", port });
const listener = endpoint.listen({ cert, key, alpnProtocols: ["h3"] });
tell("listening", port);
for await (const incoming of listener) {
  incoming
    .accept()
    .then((connection) => Deno.upgradeWebTransport(connection))
    .then((session) => io.engine.onWebTransportSession(session))
    // A client that goes away while it connects, for one.
    .catch((error) => tell("refused", String(error)));
}
