/** A typed client in Socket.IO's style. */

import connect, { io, Manager, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { ToClient, ToServer } from "./server.js";

const options: Partial<ManagerOptions & SocketOptions> = {
  auth: { name: "Ada" },
  transports: ["websocket"],
  reconnectionDelayMax: 10_000,
  query: { room: "lobby" },
};

export const socket: Socket<ToClient, ToServer> = io("https://example.com", options);
export const untyped = connect("https://example.com");

socket.on("connect", () => socket.id?.length);
socket.on("connect_error", (error) => [error.message, socket.active]);
socket.on("disconnect", (reason) => reason === "io server disconnect" && socket.connect());
socket.on("moved", (id, x, y) => [id.length, x.toFixed(), y.toFixed()]);
socket.on("vote", (question, answer) => answer(question.length));
socket.emit("move", 1, 2);
socket.timeout(1000).emit("join", "lobby", (error, failure, members) => [error.message, failure, members]);
socket.io.on("reconnect_attempt", (attempt) => attempt.toFixed());
socket.io.engine.on("upgrade", (transport) => transport.name);
socket.auth = (callback) => callback({ name: "Ada" });

export async function upload(bytes: Uint8Array) {
  return await socket.emitWithAck("upload", bytes);
}

export const manager = new Manager("https://example.com", { autoConnect: false });
export const admin: Socket = manager.socket("/admin", { auth: { role: "admin" } });
