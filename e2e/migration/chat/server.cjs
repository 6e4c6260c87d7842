/** A chat with rooms: who is there, who types, and receipts for what is said. */

const { createServer } = require("node:http");

exports.start = function start(note) {
  const httpServer = createServer();
  const io = require("socket.io")(httpServer, { cors: { origin: "https://chat.example" }, maxHttpBufferSize: 1e5 });

  const others = (socket) => [...socket.rooms].filter((room) => room !== socket.id);

  io.on("connection", (socket) => {
    note("server", "connection", { query: socket.handshake.query.from, clients: io.engine.clientsCount });
    socket.onAny((event, ...args) => {
      const said = args.filter((arg) => typeof arg !== "function").map((arg) => (Buffer.isBuffer(arg) ? "bytes" : arg));
      note("server", "from", socket.data.name ?? "a stranger", event, said);
    });

    socket.once("introduce", (name, callback) => {
      socket.data.name = name;
      socket.broadcast.emit("somebody came", { name });
      callback({ id: socket.id, online: io.sockets.sockets.size });
    });

    socket.on("enter", async (room, callback) => {
      await socket.join(room);
      socket.to(room).emit("entered", { name: socket.data.name, room });
      callback([...io.sockets.adapter.rooms.get(room)]);
    });

    socket.on("leave", (room) => {
      socket.leave(room);
      io.to(room).emit("left", { name: socket.data.name, room });
    });

    socket.on("typing", (room) => {
      socket.broadcast.to(room).emit("typing", socket.data.name);
    });

    socket.on("say", (room, text, callback) => {
      socket
        .to(room)
        .timeout(500)
        .emit("said", { name: socket.data.name, text }, (error, receipts) => {
          callback({ error: error && error.message, receipts: receipts.sort() });
        });
    });

    socket.on("picture", async (room, bytes, callback) => {
      const sizes = await io
        .to(room)
        .except(socket.id)
        .timeout(2000)
        .emitWithAck("picture", { name: "cat.png", bytes });
      callback(null, sizes);
    });

    socket.on("close room", (room) => {
      io.in(room).emit("closed", room);
      io.in(room).socketsLeave(room);
    });

    socket.on("expel", (name) => {
      for (const other of io.sockets.sockets.values()) if (other.data.name === name) other.disconnect(true);
    });

    socket.on("disconnecting", (reason) => {
      const rooms = others(socket);
      note("server", socket.data.name, "disconnecting", reason, rooms);
      for (const room of rooms) socket.to(room).emit("left", { name: socket.data.name, room });
    });

    socket.on("disconnect", (reason) => {
      note("server", socket.data.name, "disconnect", reason, [...socket.rooms], { connected: socket.connected });
      io.emit("somebody went", { name: socket.data.name });
    });
  });

  return new Promise((resolve) => {
    httpServer.listen(0, "127.0.0.1", () => resolve({ io, url: `http://127.0.0.1:${httpServer.address().port}` }));
  });
};
