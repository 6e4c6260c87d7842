/** Namespaces, the parents of dynamic ones, and the middlewares in front of them. */

import type { Socket } from "socket.io";
import { inServer, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";

type Next = (error?: Error) => void;

export const namespaces: Topic = {
  title: "Namespaces and middlewares",
  rows: [
    {
      id: "namespace-join",
      api: "joining namespaces",
      how: "The mux routes each packet to the link of its namespace; each has a socket id of its own.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        io.of("/orders");
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send("40/orders,");
        world.note("raw", await raw.next());
        await raw.send("40");
        world.note("raw", await raw.next());
        io.of("/orders").emit("a", 1);
        io.emit("b");
        world.note("raw", await raw.next(), await raw.next());
        world.note("io", io.of("/orders").sockets.size, io.sockets.sockets.size, [...io.sockets.sockets.keys()]);
      },
      mutation: inServer("revision.makeId(nsp.name, client.id)", "client.id"),
    },
    {
      id: "namespace-unknown",
      api: "joining a namespace that does not exist",
      how: "CONNECT_ERROR says `Invalid namespace`; the connection stays open.",
      async run(world) {
        const { url } = await world.serve();
        const raw = world.raw(url);
        await raw.connect();
        await raw.send('40/nowhere,{"a":1}');
        world.note("raw", await raw.next());
        await raw.send("40/?token=1,");
        world.note("raw", await raw.next());
        await raw.send("40");
        world.note("raw", await raw.next());
      },
      mutation: inServer('"Invalid namespace"', '"Unknown namespace"'),
    },
    {
      id: "namespace-emit",
      api: "`nsp.emit`, `send`, `write`, `to`, `in`, `except`, `volatile`, `local`, `compress`, `timeout`",
      how: "A namespace has the broadcasting methods of a Server.",
      async run(world) {
        const served = await world.serve();
        const nsp = served.io.of("/orders");
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.join("/orders");
        world.note("nsp", nsp.emit("a", Buffer.from([1])), nsp.send("x") === nsp, nsp.write("y") === nsp);
        nsp.to("nobody").emit("no");
        nsp.except("nobody").emit("b");
        nsp.local.compress(true).emit("c");
        nsp.in([...nsp.sockets.keys()]).emit("d");
        for (let count = 0; count < 7; count++) world.note("raw", await raw.next());
        const answer = nsp.timeout(5_000).emitWithAck("ask");
        world.note("raw", await raw.next());
        await raw.send("43/orders,0[7]");
        world.note("nsp", await answer);
      },
      mutation: inServer('this.everybody().emit("message", ...args);', 'this.everybody().emit("message", args);'),
    },
    {
      id: "namespace-leave",
      api: "leaving one namespace of several",
      how: "DISCONNECT ends the link of its namespace alone.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const orders = inbox(io.of("/orders"), "connection");
        const { raw, socket } = await world.rawPair(served);
        await raw.join("/orders");
        const [order] = (await orders.next()) as [Socket];
        const watched = world.watch("orders", order, "disconnecting", "disconnect");
        await raw.send("41/orders,");
        await watched.next("disconnect");
        world.note("orders", order.connected, order.disconnected, order.rooms.size, io.of("/orders").sockets.size);
        world.note("root", socket.connected, socket.client === order.client, socket.conn.readyState);
        await raw.send("40/orders,");
        world.note("raw", await raw.next());
      },
      mutation: inServer(
        "const { connected } = this;\n\t\tthis.client.mux.detach(this.link);",
        "const { connected } = this;",
      ),
    },
    {
      id: "namespace-server-members",
      api: "`nsp.name`, `sockets`, `adapter`, `server`, `socketsJoin`, `fetchSockets`, …",
      how: "The members are the namespace's own; its sockets live in a Map by id.",
      async run(world) {
        const served = await world.serve();
        const nsp = served.io.of("/orders");
        const { socket } = await world.join(served, "/orders");
        world.note(
          "nsp",
          nsp.name,
          nsp.server === served.io,
          nsp.sockets.get(socket.id) === socket,
          socket.nsp === nsp,
        );
        world.note("nsp", nsp instanceof world.server.Namespace, socket instanceof world.server.Socket);
        world.note("adapter", nsp.adapter.rooms, nsp.adapter.sids);
        nsp.socketsJoin(["deck"]);
        world.note("adapter", nsp.adapter.rooms, nsp.adapter.sids);
        world.note("nsp", (await nsp.fetchSockets()).length, (await nsp.allSockets()).size);
        nsp.socketsLeave("deck");
        world.note("adapter", nsp.adapter.rooms);
        nsp.disconnectSockets();
        world.note("adapter", nsp.adapter.rooms, nsp.sockets.size);
      },
      mutation: inServer("this.nsp.callAdapter(() => this.nsp.adapter.delAll(this.id));", ""),
    },
    {
      id: "adapter-events",
      api: "adapter events `create-room`, `join-room`, `leave-room`, `delete-room`",
      how: "The in-memory adapter emits them as rooms gain and lose members.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const { adapter } = served.io.of("/");
        world.watch("adapter", adapter, "create-room", "join-room", "leave-room", "delete-room");
        void socket.join("deck");
        void socket.join(["deck", "galley"]);
        void socket.leave("deck");
        void socket.leave("nowhere");
        const left = inbox(socket, "disconnect");
        await raw.send("41");
        await left.next();
      },
      mutation: { module: "@hawser/adapter", find: 'this.tell("delete-room", room);', replace: "" },
    },
    {
      id: "middleware-order",
      api: "`nsp.use()`",
      how: "A chain over a copy of the list: one after the other, also when they wait; only the first call of `next` counts.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        io.use((socket, next) => {
          world.note("io", "first", socket.connected, socket.handshake.auth, socket.rooms.size);
          setImmediate(() => next());
        });
        io.use((socket, next) => {
          world.note("io", "second");
          void socket.join("deck");
          socket.data.seen = true;
          io.use((_socket, later) => {
            world.note("io", "added meanwhile");
            later();
          });
          next();
        });
        io.on("connection", (socket) => world.note("io", "connection", socket.data, socket.rooms));
        const raw = world.raw(served.url);
        await raw.connect();
        world.note("raw", await raw.join("/", { token: "secret" }));
        const again = world.raw(served.url);
        await again.connect();
        world.note("raw", await again.join());
      },
      mutation: inServer("const chain = [...middlewares];", "const chain = middlewares;"),
    },
    {
      id: "middleware-refuses",
      api: "`next(error)` in a middleware",
      how: "CONNECT_ERROR carries the error's message and `data`, without the key if there is none; later middlewares do not run.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        io.use((socket, next) => {
          const { kind } = socket.handshake.auth;
          void socket.join("deck");
          if (kind === "plain") next(new Error("refused"));
          else if (kind === "data") next(Object.assign(new Error("refused"), { data: { code: 7, list: [null] } }));
          else if (kind === "falsy data") next(Object.assign(new Error("refused"), { data: 0 }));
          else next();
        });
        io.use((_socket, next) => {
          world.note("io", "the second middleware");
          next();
        });
        io.on("connection", () => world.note("io", "connection"));
        const raw = world.raw(served.url);
        await raw.connect();
        for (const kind of ["plain", "data", "falsy data"]) {
          await raw.send(`40${JSON.stringify({ kind })}`);
          world.note(kind, await raw.next());
          world.note(kind, io.sockets.sockets.size, io.of("/").adapter.rooms.size);
        }
        await raw.send("40");
        world.note("then", await raw.next());
      },
      mutation: inServer("revision.refusal(message, error.data)", "revision.refusal(message)"),
    },
    {
      id: "middleware-refuses-with-text",
      api: "`next()` with a text, in a middleware",
      how: "The client is refused, and told the text as the error's message.",
      async run(world) {
        const served = await world.serve();
        served.io.use((_socket, next) => next("no token" as unknown as Error));
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send("40");
        world.note("raw", await raw.next());
        const client = world.connect(served.url);
        const [error] = (await inbox(client, "connect_error").next()) as [Error];
        world.note("client", error.message);
      },
      mutation: inServer(": String(error);", ': "refused";'),
      differs: {
        id: "refusals-by-text",
        official: ["client: ", "raw: 44{}"],
        hawser: ["client: no token", 'raw: 44{"message":"no token"}'],
      },
    },
    {
      id: "middleware-client-leaves",
      api: "a client that leaves while a middleware waits",
      how: "The socket is dropped in silence: neither `connection` nor `disconnect` is emitted.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        let proceed: Next = () => {};
        const asked = inbox(
          { on: (_event, listener) => io.use((socket, next) => listener(socket, (proceed = next))) },
          "asked",
        );
        io.on("connection", () => world.note("io", "connection"));
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send("40");
        const [socket] = await asked.next();
        world.watch("socket", socket, "disconnect", "disconnecting");
        const closed = inbox(socket.conn, "close");
        raw.webSocket!.close();
        await closed.next();
        proceed();
        await new Promise((resolve) => setImmediate(resolve));
        world.note("io", io.sockets.sockets.size, io.of("/").adapter.sids.size, socket.connected);
      },
      mutation: inServer('if (socket.link.state !== "connecting") {', "if (false) {"),
    },
    {
      id: "middleware-joins-rooms",
      api: "rooms joined in a middleware",
      how: "A socket may join rooms before it is connected; broadcasts reach it only once it is.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        io.use((socket, next) => {
          void socket.join("deck");
          io.to("deck").emit("early");
          next();
        });
        io.on("connection", () => io.to("deck").emit("late"));
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send("40");
        world.note("raw", await raw.next(), await raw.next());
      },
      mutation: inServer("this.sockets.set(socket.id, socket);\n", ""),
    },
    {
      id: "parent-regex",
      api: "`io.of(/regex/)`",
      how: "Names are asked of the parents in the order of their making; the first that matches gets the child.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const digits = io.of(/^\/ship-\d+$/);
        const any = io.of(/^\/ship-/);
        digits.on("connection", ({ nsp }) => world.note("digits", nsp.name));
        any.on("connection", ({ nsp }) => world.note("any", nsp.name));
        world.note("parents", digits === (any as unknown), digits instanceof world.server.Namespace);
        const raw = world.raw(served.url);
        await raw.connect();
        for (const name of ["/ship-1", "/ship-x", "/shop", "/ship-1"]) {
          await raw.send(`40${name},`);
          if (name === "/ship-1" && io.of(name).sockets.size > 0) break;
          world.note("raw", await raw.next());
        }
        digits.emit("to digits", 1);
        any.to("nobody").emit("nothing");
        any.except("nobody").emit("to any");
        world.note("raw", await raw.next(), await raw.next());
      },
      mutation: inServer(
        "broadcast(packet, options) {\n\t\tfor (const child of this.#children) {",
        "broadcast(packet, options) {\n\t\tfor (const child of []) {",
      ),
    },
    {
      id: "parent-function",
      api: "`io.of((name, auth, next) => …)`",
      how: "The function may answer later; an error counts as a no, and the next parent is asked.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        io.of((name, auth, next) => {
          world.note("function", name, auth);
          if (name === "/error") next(new Error("no"), true);
          else setImmediate(() => next(null, name === "/cabin" && auth["key"] === "right"));
        }).on("connection", ({ nsp }) => world.note("function", "connection", nsp.name));
        io.of(/^\/error$/).on("connection", ({ nsp }) => world.note("pattern", "connection", nsp.name));
        const raw = world.raw(served.url);
        await raw.connect();
        for (const connect of ["40/cabin,", '40/cabin,{"key":"right"}', "40/error,"]) {
          await raw.send(connect);
          world.note("raw", await raw.next());
        }
      },
      mutation: inServer("if (error || !allow) {", "if (!allow) {"),
    },
    {
      id: "parent-copies-to-children",
      api: "middlewares and listeners of a parent",
      how: "A child takes over what the parent has when it is made; what is added later applies to later children.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const parent = io.of(/^\/ship-\d$/);
        parent.use((_socket, next) => {
          world.note("parent", "middleware");
          next();
        });
        parent.on("connect", ({ nsp }) => world.note("parent", "connect", nsp.name));
        parent.on("connection", ({ nsp }) => world.note("parent", "connection", nsp.name));
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.join("/ship-1");
        parent.on("connection", ({ nsp }) => world.note("parent", "connection, later", nsp.name));
        const other = world.raw(served.url);
        await other.connect();
        await other.join("/ship-1");
        await other.join("/ship-2");
      },
      mutation: inServer("this.#middlewares = [...parent.#middlewares];", ""),
    },
    {
      id: "parent-static-child",
      api: '`io.of("/ship-1")` with a matching pattern',
      how: "A name that an earlier pattern matches becomes a child of its parent.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const before = io.of("/ship-0");
        const parent = io.of(/^\/ship-\d$/);
        parent.on("connection", ({ nsp }) => world.note("parent", nsp.name));
        world.note("io", io.of("/ship-0") === before);
        io.of("/ship-1");
        const raw = world.raw(served.url);
        await raw.connect();
        for (const name of ["/ship-0", "/ship-1"]) await raw.join(name);
      },
      mutation: inServer("if (matchesPattern(path, pattern)) {", "if (false) {"),
    },
    {
      id: "parent-unsupported",
      api: "`fetchSockets()` and the like on a parent",
      how: "`fetchSockets()` throws; joining, leaving and disconnecting reach nobody.",
      async run(world) {
        const served = await world.serve();
        const parent = served.io.of(/^\/ship-\d$/);
        const { socket } = await world.join(served, "/ship-1");
        world.noteThrow("parent", "fetchSockets", () => parent.fetchSockets());
        parent.socketsJoin("deck");
        parent.disconnectSockets();
        world.note("socket", socket.rooms.size, socket.connected);
      },
      mutation: inServer("fetchSockets() is not supported on parent namespaces", "fetchSockets() is not supported"),
    },
  ],
};
