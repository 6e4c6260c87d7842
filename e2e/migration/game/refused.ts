/** Mistakes that the types catch. The compiler complains where no complaint comes. */

import type { Server } from "socket.io";
import type { Socket } from "socket.io-client";
import type { ClientToServerEvents, InterServerEvents, ServerToClientEvents, SocketData } from "./events.ts";

export function mistakesOfServer(
  io: Server<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData>,
): void {
  // @ts-expect-error -- a tick is a number
  io.emit("world", "1", {});
  // @ts-expect-error -- said by clients
  io.emit("move", { x: 1, y: 1 });
  // @ts-expect-error -- no such event
  io.to("players").emit("wrold", 1, {});
  // @ts-expect-error -- not an event between servers
  io.serverSideEmit("world", 1, {});
  io.on("connection", (socket) => {
    // @ts-expect-error -- said by servers
    socket.on("world", () => {});
    // @ts-expect-error -- a score is a number
    socket.data.score = "1";
    // @ts-expect-error -- a round is a number
    void socket.timeout(1).emitWithAck("your turn", "one");
    socket.timeout(1).emit("your turn", 1, (error, move) => {
      // @ts-expect-error -- nobody has a well
      void (move === "well");
      return error.message;
    });
  });
}

export function mistakesOfClient(socket: Socket<ServerToClientEvents, ClientToServerEvents>): void {
  // @ts-expect-error -- said by servers
  socket.emit("over");
  // @ts-expect-error -- no such event
  socket.on("wrold", () => {});
  // @ts-expect-error -- a position has two numbers
  socket.volatile.emit("move", { x: 1 });
  socket.emit("shoot", { x: 1, y: 1 }, (result) => {
    // @ts-expect-error -- a hit is true or false
    const hit: string = result.hit;
    return hit;
  });
}
