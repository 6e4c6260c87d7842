/** What a Server offers once it runs. Most of it stands for the namespace `/`. */

import { inAdapter, inCore, inServer, type Topic } from "../row.ts";
import { inbox, until } from "../../harness/waiting.ts";

export const server: Topic = {
  title: "Server",
  rows: [
    {
      id: "server-of",
      api: "`io.of(name, listener)`, `io.sockets`",
      how: "Namespaces are made once, with the slash that may be left out, and kept by name.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        world.note("io", io.of("/") === io.sockets, io.of("orders") === io.of("/orders"), io.of("orders").name);
        world.note("io", io.of("").name, io.of("/orders").server === io);
        const connections = inbox({ on: (_event, listener) => io.of("/users", listener as never) }, "connection");
        await world.join(served, "/users");
        world.note("connections", connections.size);
        world.note("io", io.of("/users").sockets.size, io.sockets.sockets.size);
      },
      mutation: inServer('name.startsWith("/") ? name', 'name.startsWith("//") ? name'),
    },
    {
      id: "server-new-namespace",
      api: "event `new_namespace`",
      how: "The namespace `/` tells of each further one when it is made, children of a pattern too.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        io.on("new_namespace", ({ name }) => world.note("io", "new_namespace", name));
        io.of("/orders");
        io.of("/orders");
        io.of(/^\/ship-\d$/);
        io.of("/ship-1");
        await world.join(served, "/ship-2");
        io.of("/users");
      },
      mutation: inServer('if (namespace.name !== "/") {', 'if (namespace.name === "/users") {'),
    },
    {
      id: "server-connect-before-connection",
      api: "events `connect` and `connection`",
      how: "Both are announced for each socket, `connect` first, after it has joined the room of its id.",
      async run(world) {
        const { io, url } = await world.serve();
        io.on("connection", (socket) => {
          world.note("io", "connection", socket.connected, [...socket.rooms].length, io.sockets.sockets.has(socket.id));
        });
        io.on("connect", (socket) => world.note("io", "connect", socket.connected, socket.rooms.has(socket.id)));
        const raw = world.raw(url);
        await raw.connect();
        await raw.join();
      },
      mutation: inServer('this.#announce("connect", socket);', ""),
    },
    {
      id: "server-emitter-methods",
      api: "`io.on`, `once`, `off`, `listeners`, `listenerCount`, `eventNames`, …",
      how: "Node's emitter methods of a Server are those of its namespace `/`.",
      async run(world) {
        const { io } = await world.serve();
        const listener = (): void => {};
        io.on("connection", listener);
        io.once("custom" as never, listener);
        world.note("io", io.listeners("connection").length, io.sockets.listenerCount("connection"), io.eventNames());
        world.note("io", io.listenerCount("custom"), io.rawListeners("custom" as never).length);
        io.off("connection", listener);
        world.note("io", io.listeners("connection").length);
        io.prependListener("connection", listener);
        world.note("io", io.sockets.listenerCount("connection"), io.getMaxListeners() === io.sockets.getMaxListeners());
        io.removeAllListeners();
        world.note("io", io.eventNames(), io.sockets.eventNames());
      },
      mutation: inServer('\t"prependListener",\n', ""),
    },
    {
      id: "server-emit",
      api: "`io.emit()`, `io.send()`, `io.write()`",
      how: "They broadcast through the namespace `/`; `send` and `write` emit `message` and return the server.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const { raw } = await world.rawPair(served);
        world.note("io", io.emit("hello", "world", { a: [1, null] }), io.send("one", 2) === io, io.write() === io);
        for (let count = 0; count < 3; count++) world.note("raw", await raw.next());
      },
      mutation: inServer('this.everybody().emit("message", ...args);', 'this.everybody().emit("messages", ...args);'),
    },
    {
      id: "server-reserved-names",
      api: "reserved event names at the server",
      how: "One list of names is refused wherever a server emits.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const { socket } = await world.rawPair(served);
        for (const name of [
          "connect",
          "connect_error",
          "disconnect",
          "disconnecting",
          "newListener",
          "removeListener",
        ]) {
          for (const [what, target] of Object.entries({ io, socket, room: io.to("room") })) {
            world.noteThrow("emit", `${what} ${name}`, () => (target as typeof io).emit(name as never));
          }
        }
        for (const name of ["connection", "error", "ping", "message", ""]) {
          world.noteThrow("emit", name, () => io.emit(name as never));
        }
      },
      mutation: inCore("is a reserved event name", "is reserved"),
    },
    {
      id: "server-broadcast-operators",
      api: "`io.to`, `in`, `except`, `local`, `volatile`, `compress`, `timeout`",
      how: "Each gives a new BroadcastOperator, which nothing changes afterwards.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const [one, other] = [await world.rawPair(served), await world.rawPair(served)];
        await one.socket.join("deck");
        await other.socket.join("galley");
        const deck = io.to("deck");
        deck.to("galley").emit("both");
        deck.emit("deck");
        io.in(["deck", "galley"]).except(other.socket.id).emit("but one");
        io.except("galley").emit("but galley");
        io.local.emit("local");
        await until(() => [one, other].every(({ socket }) => socket.conn.transport.writable), "writable transports");
        io.volatile.emit("volatile");
        io.compress(false).emit("plain");
        io.emit("end");
        for (const [name, { raw }] of Object.entries({ one, other })) {
          let frame: unknown;
          do {
            frame = await raw.next();
            world.note(name, frame);
          } while (frame !== '42["end"]');
        }
      },
      mutation: inServer("return new Set([...rooms, ...Array.isArray(room)", "return new Set([...Array.isArray(room)"),
    },
    {
      id: "server-fetch-sockets",
      api: "`io.fetchSockets()`, `io.allSockets()`",
      how: "On one node they are the sockets themselves, or the Set of their ids.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const { socket } = await world.rawPair(served);
        const other = await world.rawPair(served);
        await socket.join(["deck", "galley"]);
        const sockets = await io.fetchSockets();
        world.note("io", sockets.length, (sockets as unknown[]).includes(socket));
        const inDeck = await io.in("deck").fetchSockets();
        world.note("io", inDeck.length, inDeck[0]!.id === socket.id, inDeck[0]!.rooms.size);
        world.note(
          "io",
          (await io.except("deck").fetchSockets()).map(({ id }) => id === other.socket.id),
        );
        const ids = await io.allSockets();
        world.note("io", ids instanceof Set, ids.has(socket.id), ids.size, (await io.to("deck").allSockets()).size);
      },
      mutation: inAdapter(
        "this.forEach(options, (socket) => sockets.push(socket));",
        "this.forEach({ rooms: options.rooms }, (socket) => sockets.push(socket));",
      ),
    },
    {
      id: "server-sockets-join-leave",
      api: "`io.socketsJoin()`, `io.socketsLeave()`",
      how: "They go to the adapter, with one room or several.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const [one, other] = [await world.rawPair(served), await world.rawPair(served)];
        const rooms = (): void => {
          for (const { socket } of [one, other]) {
            world.note(
              "rooms",
              [...socket.rooms].filter((room) => room !== socket.id),
            );
          }
        };
        world.note("io", io.socketsJoin("deck"), io.in(one.socket.id).socketsJoin(["galley", "bridge"]));
        rooms();
        world.note("io", io.socketsLeave(["deck", "bridge"]), io.except(one.socket.id).socketsJoin("hold"));
        rooms();
        io.of("/").in("galley").socketsLeave("galley");
        rooms();
      },
      mutation: inServer(
        "this.#port.adapter.delSockets(this.#options(), Array.isArray(room) ? room : [room])",
        "this.#port.adapter.delSockets(this.#options(), [room])",
      ),
    },
    {
      id: "server-disconnect-sockets",
      api: "`io.disconnectSockets(close)`",
      how: "Each selected socket disconnects; with `close` its whole connection is closed.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        io.of("/other");
        const [one, other] = [await world.rawPair(served), await world.rawPair(served)];
        await other.raw.join("/other");
        world.watch("one", one.socket, "disconnect");
        const left = inbox(other.socket, "disconnect");
        io.in(one.socket.id).disconnectSockets();
        world.note("one", await one.raw.next());
        world.note("one", one.raw.webSocket!.open);
        io.disconnectSockets(true);
        world.note("other", await left.next());
        world.note("other", await other.raw.next(), await other.raw.next());
        world.note("other", await other.raw.webSocket!.closed);
        world.note("one", one.raw.webSocket!.open);
      },
      mutation: inAdapter("socket.disconnect(close)", "socket.disconnect()"),
    },
    {
      id: "server-side-emit",
      api: "`io.serverSideEmit()` on one node",
      how: "The in-memory adapter knows no other server and says so with a warning.",
      async run(world) {
        const { io } = await world.serve();
        const { warn } = console;
        console.warn = () => {};
        world.defer(() => (console.warn = warn));
        world.note("io", io.serverSideEmit("hello", 1));
        for (const name of ["connect", "connection", "new_namespace"]) {
          world.noteThrow("io", name, () => io.serverSideEmit(name));
        }
        io.on("greeting" as never, ((...args: unknown[]) => world.note("io", "greeting", ...args)) as never);
        (io.sockets as unknown as { _onServerSideEmit(args: unknown[]): void })._onServerSideEmit(["greeting", 1, "x"]);
      },
      mutation: inServer('"connection",\n\t"new_namespace"\n]);', '"connection"\n]);'),
    },
    {
      id: "server-broadcast-ack",
      api: "`io.timeout(ms).emit(event, callback)`, `emitWithAck()`",
      how: "A BroadcastAck counts the sockets that were reached and the answers that came.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const [one, other] = [await world.rawPair(served), await world.rawPair(served)];
        const answered = new Promise((resolve) =>
          io.timeout(5_000).emit("ask", 1, (...args: unknown[]) => resolve(args)),
        );
        world.note("one", await one.raw.next());
        world.note("other", await other.raw.next());
        await one.raw.send('430["one","ignored"]');
        await one.raw.send('42["fence"]');
        await inbox(one.socket, "fence").next();
        await other.raw.send("430[]");
        world.note("callback", await answered);
        const promise = io.timeout(5_000).to(one.socket.id).emitWithAck("ask");
        world.note("one", await one.raw.next());
        await one.raw.send('431[{"a":1}]');
        world.note("promise", await promise);
        world.note("nobody", await io.timeout(5_000).to("nobody").emitWithAck("ask"));
      },
      mutation: inServer("this.#responses.push(response);", "this.#responses.unshift(response);"),
    },
    {
      id: "server-broadcast-ack-timeout",
      api: "a broadcast that is not answered in time",
      how: "The deadline ends it with the error and the answers there are.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const [one, other] = [await world.rawPair(served), await world.rawPair(served)];
        const answered = new Promise((resolve) => io.timeout(1_000).emit("ask", (...args: unknown[]) => resolve(args)));
        await one.raw.next();
        await one.raw.send('430["one"]');
        world.note("callback", await answered);
        const failed = io.timeout(30).emitWithAck("ask");
        await failed.catch((error: Error & { responses: unknown }) => world.note("promise", error, error.responses));
        await other.raw.send('430["late"]', '42["fence"]');
        await inbox(other.socket, "fence").next();
      },
      mutation: inServer('this.#finish(failure("ERR_ACK_TIMEOUT"));', "this.#finish(null);"),
    },
    {
      id: "server-engine",
      api: "`io.engine`: `clientsCount`, `generateId`, `opts`",
      how: "The engine is there once the server is attached, and counts sessions until they are closed.",
      async run(world) {
        const served = await world.serve();
        const { io } = served;
        const { pingInterval, pingTimeout, maxHttpBufferSize, upgradeTimeout, transports } = io.engine.opts;
        world.note("opts", pingInterval, pingTimeout, maxHttpBufferSize, upgradeTimeout, transports);
        world.note("engine", io.engine.clientsCount);
        const { socket } = await world.rawPair(served);
        world.note("engine", io.engine.clientsCount);
        const closed = inbox(socket, "disconnect");
        socket.disconnect(true);
        await closed.next();
        io.engine.generateId = (request: { url?: string | undefined }) => {
          world.note("engine", request.url?.includes("custom=1"));
          return Promise.resolve("CUSTOM-IDENTIFIER-00");
        };
        const raw = world.raw(served.url, { query: { custom: "1" } });
        world.transcript.mask("CUSTOM-IDENTIFIER-00", "<custom>");
        world.note("raw", (await raw.connect()).sid);
      },
      mutation: inServer("get clientsCount() {", "get clientCount() {"),
    },
    {
      id: "server-generate-id-fails",
      api: "`engine.generateId` that throws or rejects",
      how: "The request is refused as a bad one, and `connection_error` listeners learn why.",
      async run(world) {
        const { io, url } = await world.serve();
        io.engine.on("connection_error", ({ code, message, context }: Record<string, unknown>) => {
          world.note("engine", code, message, (context as { name: string }).name);
        });
        for (const generate of [
          () => Promise.reject(new Error("no id")),
          (): never => {
            throw new Error("no id");
          },
        ]) {
          io.engine.generateId = generate;
          world.noteResponse("polling", await world.request(`${url}/socket.io/?EIO=4&transport=polling`));
        }
      },
      mutation: inServer('name: "ID_GENERATION_ERROR"', 'name: "ID_ERROR"'),
    },
    {
      id: "server-semi-private",
      api: "`io._nsps`, `io._opts`, `io._parser`, `io.encoder`",
      how: "Members that the admin UI and adapters reach for are there, though applications are not to use them.",
      run(world) {
        const io = new world.server.Server({ connectTimeout: 7 });
        const { _nsps, _opts, _parser, encoder } = io as unknown as Record<string, any>;
        world.note("namespaces", [..._nsps.keys()], _nsps.get("/") === io.sockets);
        world.note("options", _opts.connectTimeout);
        world.note("parser", typeof _parser.Encoder, typeof _parser.Decoder);
        world.note("encoder", encoder.encode({ type: 2, nsp: "/x", data: ["a", Buffer.from([1])], id: 3 }));
        return Promise.resolve();
      },
      mutation: inServer("get encoder() {", "get coder() {"),
    },
    {
      id: "server-cleanup-empty-children",
      api: "option `cleanupEmptyChildNamespaces`",
      how: "A child of a pattern goes with its last socket, also if a middleware refused it.",
      async run(world) {
        const served = await world.serve({ cleanupEmptyChildNamespaces: true });
        const { io } = served;
        io.on("new_namespace", ({ name }) => world.note("io", "new_namespace", name));
        const parent = io.of(/^\/ship-\d$/);
        for (let visit = 0; visit < 2; visit++) {
          const { client, socket } = await world.join(served, "/ship-1");
          const left = inbox(socket, "disconnect");
          client.disconnect();
          await left.next();
          await new Promise((resolve) => setImmediate(resolve));
        }
        parent.use((_socket, next) => next(new Error("no")));
        for (let visit = 0; visit < 2; visit++) {
          const refused = world.connect(`${served.url}/ship-2`);
          world.note("client", await inbox(refused, "connect_error").next());
        }
      },
      mutation: inServer("this.byName.delete(child.name);", ""),
    },
  ],
};
