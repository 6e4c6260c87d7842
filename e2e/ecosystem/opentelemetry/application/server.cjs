/** A server that knows nothing of tracing, and gives its spans at `/spans`. */

const { createServer } = require("node:http");

/** @param {typeof import("socket.io").Server} Server */
module.exports = (Server) => {
  const httpServer = createServer((_request, response) => {
    const spans = globalThis.spans.getFinishedSpans().map((span) => ({
      id: span.spanContext().spanId,
      parent: span.parentSpanContext?.spanId,
      name: span.name,
      kind: span.kind,
      status: span.status.code,
      exception: span.events[0]?.attributes["exception.message"],
      attributes: span.attributes,
    }));
    globalThis.spans.reset();
    response.end(JSON.stringify(spans));
  });
  const io = new Server(httpServer);

  io.on("connection", (socket) => {
    void socket.join("lobby");
    socket.on("question", (acknowledge) => {
      socket.emit("answer", 1, 2);
      acknowledge();
    });
    socket.on("throw", () => {
      throw new Error("thrown");
    });
    socket.on("reject", async () => {
      throw new Error("rejected");
    });
    socket.on("ways", async () => {
      socket.emit("ignored");
      socket.send("text");
      socket.volatile.emit("volatile");
      await socket.timeout(5_000).emitWithAck("asked");
      socket.broadcast.emit("others");
      socket.to("lobby").emit("others of the room");
      io.emit("all");
      io.to("lobby").to(["bar", "hall"]).except("garden").emit("rooms");
      io.of("/news").emit("all of a namespace");
      io.of("/news").in("sports").local.emit("room of a namespace");
      await io.timeout(5_000).emitWithAck("all asked");
      socket.emit("done");
    });
  });
  io.of("/news").on("connection", (socket) => {
    socket.on("read", (acknowledge) => acknowledge());
  });

  httpServer.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${httpServer.address().port}`));
};
