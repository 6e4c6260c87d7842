/** Names that are no part of the documented API, but which packages written for Socket.IO reach for. */

import type { Server, Socket } from "socket.io";
import { inServer, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";
import type { Served, World } from "../world.ts";

/** What the declarations of Socket.IO hide, or leave out. */
interface Reachable {
  readonly opts: Record<string, unknown>;
  readonly _opts: unknown;
  readonly engine: { readonly opts: { readonly pingInterval: number } } | undefined;
  readonly acks: Map<number, (...args: unknown[]) => void>;
  readonly adapter: unknown;
  readonly rooms: Set<string>;
  readonly exceptRooms: Set<string>;
  readonly flags: object;
  notifyOutgoingListeners(packet: { data: unknown[] }): void;
  readonly server: unknown;
  readonly eio: unknown;
  readonly client: Reachable;
  readonly _nsps: Map<string, unknown>;
  leaveAll(): void;
  writeToEngine(frames: unknown[], options: object): void;
  _disconnect(): void;
}

const reachable = (object: unknown): Reachable => object as Reachable;

/** A client in `/`, which speaks by hand, and its socket. */
async function rawPair(world: World): Promise<Served & { raw: ReturnType<World["raw"]>; socket: Socket }> {
  const served = await world.serve();
  const connections = inbox(served.io, "connection");
  const raw = world.raw(served.url);
  await raw.connect();
  await raw.join();
  const [socket] = (await connections.next()) as [Socket];
  return { ...served, raw, socket };
}

export const compatibility: Topic = {
  title: "What packages written for Socket.IO reach for",
  rows: [
    {
      id: "compatibility-options",
      api: "`io.opts`, `io._opts`",
      how: "The options as they were given, with the defaults of `connectionStateRecovery`.",
      async run(world) {
        const { io } = await world.serve({ pingTimeout: 1234, connectionStateRecovery: {} });
        const { opts, _opts } = reachable(io);
        world.note("io", opts["pingTimeout"], opts["connectionStateRecovery"], _opts === opts);
        world.note("io", reachable((await world.serve()).io).opts["connectionStateRecovery"]);
      },
      mutation: inServer('"maxDisconnectionDuration") ?? 12e4', '"maxDisconnectionDuration") ?? 0'),
    },
    {
      id: "compatibility-namespaces",
      api: "`io._nsps.delete()`",
      how: "The namespace is gone, its sockets stay, and the name makes a new one.",
      async run(world) {
        const served = await world.serve();
        const former = served.io.of("/room");
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.join("/room");
        world.note("io", reachable(served.io)._nsps.delete("/room"));
        const late = world.raw(served.url);
        await late.connect();
        await late.send("40/room,");
        world.note("late", await late.next());
        const present = served.io.of("/room");
        world.note("io", present === former, former.sockets.size, present.sockets.size);
        await late.join("/room");
        present.emit("new");
        former.emit("former");
        world.note("late", await late.next());
        world.note("raw", await raw.next());
      },
      mutation: inServer("return this.#namespaces.byName;", "return new Map(this.#namespaces.byName);"),
    },
    {
      id: "compatibility-server",
      api: "`socket.server`, `socket.client.server`, `io.eio`",
      how: "They lead to the server, and to its engine.",
      async run(world) {
        const { io, socket } = await rawPair(world);
        world.note("server", reachable(socket).server === io, reachable(socket).client.server === io);
        world.note("engine", reachable(io).eio === io.engine);
      },
      mutation: inServer("get eio() {", "get engineIo() {"),
    },
    {
      id: "compatibility-leaving",
      api: "`socket.leaveAll()`, `socket.client._disconnect()`",
      how: "All rooms are left; all namespaces are left, and the connection closes.",
      async run(world) {
        const { io, raw, socket } = await rawPair(world);
        void socket.join(["red", "blue"]);
        reachable(socket).leaveAll();
        world.note("rooms", [...socket.rooms], io.sockets.adapter.rooms.size);
        void socket.join("green");
        world.note("rooms", [...socket.rooms], socket.connected);
        const left = inbox(socket, "disconnect");
        reachable(socket.client)._disconnect();
        world.note("socket", (await left.next())[0]);
        world.note("raw", await raw.next());
      },
      mutation: inServer("this.nsp.adapter.delAll(this.id);", ""),
    },
    {
      id: "compatibility-engine",
      api: "`io.engine` before the server is attached",
      how: "There is none yet, and the options of attaching count.",
      async run(world) {
        const io: Server = new world.server.Server();
        world.note("io", reachable(io).engine === undefined);
        const { createServer } = await import("node:http");
        const http = createServer();
        io.attach(http, { pingInterval: 4321 });
        world.closes(io);
        await world.listen(http);
        world.note("io", reachable(io).engine?.opts.pingInterval);
      },
      mutation: inServer("?? this.#foundation?.engine", "?? this.#ground.engine"),
    },
    {
      id: "compatibility-frames",
      api: "`client.writeToEngine(frames, options)`, `socket.notifyOutgoingListeners(packet)`",
      how: "What an adapter has encoded is sent as it is, one frame a message; `onAnyOutgoing` listeners are told by the other.",
      async run(world) {
        const { raw, socket } = await rawPair(world);
        socket.onAnyOutgoing((...args) => world.note("outgoing", ...args));
        reachable(socket).notifyOutgoingListeners({ data: ["x", 1] });
        const client = reachable(socket.client);
        client.writeToEngine(['2["x",1]'], { preEncoded: true, volatile: undefined, compress: undefined });
        client.writeToEngine(['51-["y",{"_placeholder":true,"num":0}]', Buffer.from([1, 2])], {});
        for (let frame = 0; frame < 3; frame++) world.note("raw", await raw.next());
      },
      mutation: inServer("writeFrames(this.mux.session, encodedPackets, options);", ""),
    },
    {
      id: "compatibility-acks",
      api: "`nsp._ids`, `socket.acks`",
      how: "The id of the next event that asks for an answer, and the callbacks that wait for one, by their ids.",
      async run(world) {
        const { io, raw, socket } = await rawPair(world);
        const nsp = io.of("/");
        world.note("nsp", nsp._ids, nsp._ids++, nsp._ids);
        socket.emit("own", (answer: unknown) => world.note("own", answer));
        world.note("raw", await raw.next());
        const { acks } = reachable(socket);
        world.note("acks", acks.has(1), acks.has(7), acks.get(7), acks.delete(7));
        acks.set(7, (...answers) => world.note("set", ...answers));
        acks.set(8, () => world.note("deleted"));
        world.note("acks", acks.has(7), acks.delete(8), acks.has(8));
        await raw.send('437["a",2]', '437["again"]', '438["b"]', '431["c"]', '42["end"]');
        await inbox(socket, "end").next();
        world.note("acks", acks.has(1), acks.has(7));
      },
      mutation: inServer("this.ackIds.next = next;", ""),
    },
    {
      id: "compatibility-instrumentation",
      api: "`socket.adapter`; `adapter`, `rooms`, `exceptRooms`, `flags` of a broadcast; patched methods",
      how: "A socket and a broadcast tell their namespace, a broadcast whom it is for; methods patched on prototypes are those that are called.",
      async run(world) {
        const served = await world.serve();
        const { socket } = await world.join(served, "/chat");
        const operator = served.io.of("/chat").to(["a", "b"]).except("c").volatile;
        for (const { adapter } of [reachable(socket), reachable(operator)]) {
          world.note("adapter", adapter === served.io.of("/chat").adapter);
        }
        const { rooms, exceptRooms, flags } = reachable(operator);
        world.note("operator", [...rooms], [...exceptRooms], flags);
        const { prototype } = world.server.Socket;
        const original = prototype.on;
        prototype.on = function (this: Socket, event: string, listener: (...args: never[]) => void) {
          world.note("patched", event);
          return original.call(this, event, listener);
        } as typeof original;
        world.defer(() => (prototype.on = original));
        socket.on("x", () => {});
        world.note("socket", socket.listenerCount("x"));
      },
      mutation: inServer("this.exceptRooms = except;", "this.exceptRooms = rooms;"),
    },
    {
      id: "compatibility-middleware-emit",
      api: "`socket.emit()` in a middleware",
      how: "The event leaves before CONNECT; clients deliver it behind that.",
      async run(world) {
        const served = await world.serve();
        served.io.use((socket, next) => {
          socket.emit("session", "id");
          setImmediate(next);
        });
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send("40");
        world.note("raw", await raw.next());
        world.note("raw", String(await raw.next()).slice(0, 3));
      },
      mutation: inServer("this.link.emit(data, flags);", ""),
    },
    {
      id: "compatibility-middleware-emit-recovery",
      api: "`socket.emit()` in a middleware, with `connectionStateRecovery`",
      how: "The same: a socket that is in no room yet is not sent events by way of its adapter.",
      async run(world) {
        const served = await world.serve({ connectionStateRecovery: {} });
        served.io.use((socket, next) => {
          socket.emit("session", "id");
          setImmediate(next);
        });
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send("40");
        const first = String(await raw.next());
        world.note("raw", first.startsWith("40") ? "40" : first);
      },
      mutation: inServer(' && this.link.state !== "connecting"', ""),
      differs: { id: "middleware-events", official: ["raw: 40"], hawser: ['raw: 42["session","id"]'] },
    },
  ],
};
