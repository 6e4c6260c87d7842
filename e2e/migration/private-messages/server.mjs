/** Private messages between people who have signed in; a connection that is lost for a moment is recovered. */

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Server } from "socket.io";

export async function start(note) {
  const httpServer = createServer();
  const io = new Server(httpServer, {
    connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: true },
  });
  const sessions = new Map();

  io.use((socket, next) => {
    const { sessionID, username } = socket.handshake.auth;
    note("server", "middleware", username ?? "with a session");
    const session = sessions.get(sessionID);
    if (session) {
      Object.assign(socket.data, { sessionID, ...session });
      return next();
    }
    if (typeof username !== "string" || username === "") {
      const error = new Error("invalid username");
      error.data = { code: "E_USERNAME", content: "Please say who you are" };
      return next(error);
    }
    const id = randomBytes(8).toString("hex");
    Object.assign(socket.data, { sessionID: id, userID: `user of ${username}`, username });
    sessions.set(id, { userID: `user of ${username}`, username });
    next();
  });

  io.use(async (socket, next) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (socket.data.username === "mallory") next(new Error("banned"));
    else next();
  });

  io.on("connection", async (socket) => {
    const { sessionID, userID, username } = socket.data;
    const rooms = [...socket.rooms].filter((room) => room !== socket.id);
    note("server", "connection", username, { id: socket.id, recovered: socket.recovered, rooms });

    socket.use(([event, ...args], next) => {
      if (event === "private message" && args[0].content === "") next(new Error("nothing to say"));
      else next();
    });
    socket.on("error", (error) => {
      note("server", "error", error.message);
      socket.emit("refused", error.message);
    });
    socket.on("private message", ({ content, to }) => {
      io.to(to).to(userID).emit("private message", { content, from: username, to });
    });
    socket.on("sign out", () => {
      sessions.delete(sessionID);
      io.in(userID).disconnectSockets(true);
    });
    socket.on("disconnect", async (reason) => {
      note("server", "disconnect", username, reason);
      const left = await io.in(userID).fetchSockets();
      if (left.length === 0) socket.broadcast.emit("user disconnected", username);
    });

    if (socket.recovered) return;
    void socket.join(userID);
    socket.emit("session", { sessionID, userID });
    const users = (await io.fetchSockets()).map((other) => other.data.username);
    socket.emit("users", users.sort());
    socket.broadcast.emit("user connected", username);
  });

  await new Promise((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  return { io, url: `http://127.0.0.1:${httpServer.address().port}` };
}
