import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { resetSocket } from "../src/reset-socket.ts";

let server: Server;
let accepted: Promise<Socket>;
let socket: Socket;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  accepted = once(server, "connection").then(([peer]) => peer as Socket);
  await once(server, "listening");
  socket = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {});
  await once(socket, "connect");
});

afterEach(async () => {
  (await accepted).destroy();
  server.close();
});

it("resets a connection", async () => {
  const peer = await accepted;
  const failed = once(peer, "error");
  peer.resume();
  resetSocket(socket);
  expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
});

it("closes a connection whose end is on its way", async () => {
  const closed = once(socket, "close");
  socket.end();
  resetSocket(socket);
  await closed;
});
