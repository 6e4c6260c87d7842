import { Adapter, type AdapterConstructor } from "@hawser/adapter";
import { Adapter as AdapterForSocketIo } from "socket.io-adapter";
import { describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.ts";
import { settled, TestServer, until } from "../fixture.ts";
import { expectNothingUncaught } from "./scene.ts";

expectNothingUncaught();

/** How a socket may leave amid what happens to it. */
const LEAVING: [when: string, leave: (socket: Socket) => void][] = [
  ["as soon as it is there", (socket) => void socket.disconnect(true)],
  [
    "before it joins a room, emits and asks",
    (socket) => {
      socket.disconnect(true);
      void socket.join("room");
      socket.emit("x");
      socket.timeout(1).emit("x", () => {});
    },
  ],
  [
    "when it is told of its own event",
    (socket) => {
      socket.onAnyOutgoing(() => socket.disconnect(true));
      socket.emit("x");
    },
  ],
  [
    "when it is told of a broadcast",
    (socket) => {
      socket.onAnyOutgoing(() => socket.disconnect(true));
      socket.nsp.emit("x");
    },
  ],
  [
    "when it is told of a broadcast that asks for answers",
    (socket) => {
      socket.onAnyOutgoing(() => socket.disconnect(true));
      socket.nsp.timeout(1).emit("x", () => {});
    },
  ],
  [
    "when its connection is lost in a broadcast",
    (socket) => {
      socket.onAnyOutgoing(() => socket.conn.close(true));
      socket.nsp.emit("x");
    },
  ],
  [
    "a second time while it leaves, and comes back into rooms",
    (socket) => {
      for (const event of ["disconnecting", "disconnect"] as const) {
        socket.on(event, () => {
          socket.disconnect(true);
          void socket.join("room");
          socket.nsp.emit("x");
        });
      }
      socket.disconnect(true);
    },
  ],
  [
    "when a packet of its own is made, its farewell too",
    (socket) => {
      socket.conn.on("packetCreate", () => socket.disconnect(true));
      socket.emit("x");
    },
  ],
  ...["packetCreate", "flush", "drain"].map((event): [string, (socket: Socket) => void] => [
    `by its connection, at ${event}`,
    (socket) => {
      socket.conn.on(event, () => socket.conn.close(true));
      socket.emit("x");
    },
  ]),
  [
    "while it joins a room",
    (socket) => {
      socket.nsp.adapter.once("join-room", () => socket.disconnect(true));
      void socket.join("room");
    },
  ],
  [
    "while it leaves a room, and joins another",
    (socket) => {
      socket.nsp.adapter.once("leave-room", () => {
        void socket.join("another");
        socket.disconnect(true);
      });
      socket.disconnect(true);
    },
  ],
];

describe.each<[string, unknown]>([
  ["hawser", Adapter],
  ["Socket.IO", AdapterForSocketIo],
])("a socket, with the adapter of %s, leaves nothing behind", (_whose, adapter) => {
  it.each(LEAVING)("if it leaves %s", async (_when, leave) => {
    const server = await TestServer.start({ adapter: adapter as AdapterConstructor });
    const errors: unknown[] = [];
    server.io.on("handler_error", (error) => errors.push(error));
    server.io.on("connection", leave);
    for (const transport of ["websocket", "polling"] as const) {
      const client = await server.connect(transport);
      await client.send("40");
      await until(() => server.io.engine.clientsCount === 0);
      await settled();
    }
    const { sockets, adapter: rooms } = server.io.sockets;
    expect([sockets.size, rooms.sids.size, rooms.rooms.size]).toEqual([0, 0, 0]);
    expect(errors).toEqual([]);
  });
});
