/** What is told of all connections of an engine, and servers on engines that are not their own. */

import { createServer } from "node:http";
import { Server as Engine } from "engine.io";
import { inbox } from "../../harness/waiting.ts";
import { inCore, inServer, type Topic } from "../row.ts";
import type { Served, World } from "../world.ts";

/** A server that is bound to the engine of the package `engine.io`, which listens. */
async function serveBound(world: World): Promise<Served> {
  const http = createServer();
  const engine = new Engine();
  engine.attach(http, { path: "/socket.io" });
  const io = new world.server.Server();
  world.note("io", "bind", io.bind(engine) === io, (io.engine as unknown) === engine);
  const listening = await world.listen(http);
  world.closes(io);
  return { ...listening, io };
}

export const engines: Topic = {
  title: "Engine: all connections, and other engines",
  rows: [
    {
      id: "engine-flush-drain",
      api: "engine events `flush` and `drain`",
      how: "Told of each session after its own listeners, with its façade.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const drains = inbox(served.io.engine, "drain");
        socket.conn.on("flush", () => world.note("told", "flush of the connection"));
        served.io.engine.on("flush", (conn: unknown, packets: { type: string; data: unknown }[]) => {
          const shown = packets.map(({ type, data }) => `${type} ${String(data)}`);
          world.note("told", "flush of the engine", conn === socket.conn, shown);
        });
        socket.conn.on("drain", () => world.note("told", "drain of the connection"));
        socket.emit("one");
        const [conn] = await drains.next();
        world.note("told", "drain of the engine", conn === socket.conn);
        world.note("raw", await raw.next());
      },
      mutation: inCore("this.$settings.onDrain?.(this);", ""),
    },
    {
      id: "engine-clients",
      api: "`engine.clients`",
      how: "An object of the façades by their session ids, made when it is asked for.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const { clients } = served.io.engine as unknown as { clients: Record<string, unknown> };
        world.note("engine", Object.keys(clients).length, clients[raw.sid as string] === socket.conn);
      },
      mutation: inServer("clients[id] = connection.conn;", "clients[id] = connection;"),
    },
    {
      id: "engine-attach",
      api: "`io.engine.attach(httpServer, options)`, `engine.upgrades(transport)`",
      how: "The engine takes requests of another HTTP server, too; its clients are the server's like any others.",
      async run(world) {
        const { io } = await world.serve();
        const http = createServer((_request, response) => response.end("other"));
        io.engine.attach(http, { path: "/second" });
        const { url } = await world.listen(http);
        world.noteResponse("attached", await world.request(`${url}/second/?EIO=4&transport=polling`));
        world.noteResponse("elsewhere", await world.request(`${url}/socket.io/?EIO=4&transport=polling`));
        world.note("engine", io.engine.clientsCount);
        world.note("upgrades", io.engine.upgrades("polling"), io.engine.upgrades("websocket"));
        const staying = await world.serve({ allowUpgrades: false });
        world.note("none", staying.io.engine.upgrades("polling"));
      },
      mutation: inServer('normalisePath(options, "/engine.io")', '"/engine.io"'),
    },
    {
      id: "io-bind",
      api: "`io.bind(engine)`",
      how: "Each connection of the engine becomes a client, whose packets take the same way as any other's.",
      async run(world) {
        const served = await serveBound(world);
        const connections = inbox(served.io, "connection");
        const client = world.connect(served.url);
        const [socket] = await connections.next();
        const atServer = world.watch("server", socket, "hello", "bytes", "disconnect");
        const atClient = world.watch("client", client, "news", "all", "disconnect");
        client.emit("hello", "world", (answer: unknown) => world.note("client", "answer", answer));
        const [, answer] = await atServer.next("hello");
        answer("aye");
        client.emit("bytes", Buffer.from([1, 2, 3]));
        await atServer.next("bytes");
        socket.emit("news", Buffer.from([4]));
        await atClient.next("news");
        served.io.emit("all", 1);
        await atClient.next("all");
        world.note("server", socket.handshake.url.split("?")[0], socket.handshake.address, socket.conn.protocol);
        socket.disconnect(true);
        await atServer.next("disconnect");
        await atClient.next("disconnect");
      },
      mutation: inServer("handler.onSessionMessage(this, data)", "handler.onSessionMessage(this, String(data))"),
    },
    {
      id: "io-bind-endings",
      api: "endings on a bound engine",
      how: "The engine tells why a connection ended; what can't be decoded closes it.",
      async run(world) {
        const served = await serveBound(world);
        const { raw, socket } = await world.rawPair(served);
        const watched = world.watch("cut", socket, "disconnecting", "disconnect");
        raw.webSocket!.terminate();
        await watched.next("disconnect");
        const other = await world.rawPair(served);
        other.socket.on("disconnect", (reason) => world.note("undecodable", "disconnect", reason));
        const ended = inbox(other.socket, "disconnect");
        await other.raw.send("4nonsense");
        await ended.next();
        world.note("engine", served.io.engine.clientsCount);
      },
      mutation: inServer("handler.onSessionClose(this, reason,", 'handler.onSessionClose(this, "parse error",'),
    },
    {
      id: "io-onconnection",
      api: "`io.onconnection(connection)`",
      how: "Takes one connection of an engine, as `bind` takes each.",
      async run(world) {
        const http = createServer();
        const engine = new Engine();
        engine.attach(http, { path: "/socket.io" });
        const io = new world.server.Server();
        engine.on("connection", (connection) => {
          const open = io as unknown as { onconnection(connection: unknown): unknown };
          world.note("io", "onconnection", open.onconnection(connection) === io);
        });
        const { url } = await world.listen(http);
        world.defer(() => engine.close());
        const { raw, socket } = await world.rawPair({ io, url });
        socket.emit("hello");
        world.note("raw", await raw.next());
      },
      mutation: inServer("new BoundClient(this, connection);", ""),
    },
    {
      id: "disconnecting-is-connected",
      api: "`socket.connected` in `disconnecting` and `disconnect` listeners",
      how: "A socket is connected for as long as its namespace has it: until the `disconnecting` listeners have run.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const ended = inbox(socket, "disconnect");
        for (const event of ["disconnecting", "disconnect"] as const) {
          socket.on(event, () => {
            const listed = served.io.sockets.sockets.has(socket.id);
            const { size } = (socket.client as unknown as { sockets: Map<string, unknown> }).sockets;
            world.note("socket", event, socket.connected, socket.disconnected, listed, size);
          });
        }
        await raw.send("41");
        await ended.next();
      },
      mutation: inServer("return this.nsp.sockets.get(this.id) === this;", 'return this.link.state === "connected";'),
    },
  ],
};
