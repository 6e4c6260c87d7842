/** What a socket of the client offers. */

import { inClient, inCore, type Topic } from "../row.ts";
import { inbox, until } from "../../harness/waiting.ts";

export const client: Topic = {
  title: "Socket (client)",
  rows: [
    {
      id: "client-members",
      api: "`socket.id`, `connected`, `disconnected`, `active`, `recovered`, `io`, `nsp`",
      how: "Getters over the socket's link and its own wish to be connected.",
      async run(world) {
        const served = await world.serve();
        const client = world.connect(`${served.url}/orders`);
        served.io.of("/orders");
        const state = (when: string): void =>
          world.note(when, client.id, client.connected, client.disconnected, client.active, Boolean(client.recovered));
        state("before");
        world.note("before", (client as unknown as { nsp: string }).nsp, client.io instanceof world.client.Manager);
        await inbox(client, "connect").next();
        state("connected");
        client.disconnect();
        state("after");
        world.note("classes", client instanceof world.client.Socket);
      },
      mutation: inClient("return !this.connected;", "return false;"),
    },
    {
      id: "client-connect-packet",
      api: "the packets that begin a namespace",
      how: "CONNECT is sent for each socket once the transport is open, with `auth` as payload.",
      async run(world) {
        const script = await world.script();
        world.connect(script.url);
        const plain = await script.session();
        world.note("plain", plain.address, await plain.next());
        world.connect(`${script.url}/admin`, { auth: { token: "secret" } });
        const named = await script.session();
        world.note("named", await named.next());
        world.connect(`${script.url}/admin?x=1`, { auth: {} });
        const empty = await script.session();
        world.note("empty", empty.address, await empty.next());
      },
      mutation: inCore(
        "type: PacketType.CONNECT,\n\t\t\tnsp: this.nsp,\n\t\t\tdata: auth",
        "type: PacketType.CONNECT,\n\t\t\tnsp: this.nsp,\n\t\t\tdata: undefined",
      ),
    },
    {
      id: "client-auth-function",
      api: "`auth` as a function",
      how: "Asked anew for each connection; CONNECT waits for the answer.",
      async run(world) {
        const script = await world.script();
        let visits = 0;
        const client = world.connect(script.url, {
          auth: (reply: (auth: object) => void) => setImmediate(() => reply({ visit: ++visits })),
        });
        const watched = world.watch("client", client, "connect", "disconnect");
        for (let visit = 0; visit < 2; visit++) {
          const session = await script.session();
          world.note("server", await session.next());
          session.send('40{"sid":"the-socket"}');
          await watched.next("connect");
          session.terminate();
          await inbox(client, "disconnect").next();
        }
      },
      mutation: inClient('if (typeof auth === "function") {', "if (false) {"),
    },
    {
      id: "client-emit",
      api: "`socket.emit()`, `send()`",
      how: "Events leave as packets of the namespace; both return the socket.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(`${script.url}/x`);
        const session = await script.session();
        await session.next();
        session.send('40/x,{"sid":"the-socket"}');
        await inbox(client, "connect").next();
        world.note("client", client.emit("hello", "wörld", undefined, { a: [1, undefined] }) === client);
        world.note("client", client.send(1, null) === client, client.compress(false).emit("plain") === client);
        client.emit("file", new Uint8Array([1, 2]), [Buffer.from([3])]);
        client.emit("date", new Date(0));
        client.emit("");
        for (let count = 0; count < 8; count++) world.note("server", await session.next());
      },
      mutation: inClient('return this.emit("message", ...args);', 'return this.emit("messages", ...args);'),
    },
    {
      id: "client-reserved-names",
      api: "reserved event names at the client",
      how: "The same list as at the server; anything else may be emitted.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { autoConnect: false });
        for (const name of [
          "connect",
          "connect_error",
          "disconnect",
          "disconnecting",
          "newListener",
          "removeListener",
          "error",
          "connection",
          "ping",
        ]) {
          world.noteThrow("client", name, () => client.emit(name));
        }
      },
      mutation: inCore("is a reserved event name", "is reserved"),
    },
    {
      id: "client-receives",
      api: "events at the client",
      how: "Each packet is dispatched to the listeners of its event; binary comes as Buffers in Node.js.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"the-socket"}');
        const watched = world.watch("client", client, "connect", "a", "file", "5", "message");
        session.send('42["a",1,{"b":[null,"ü"]}]', '42["message"]', '42[5,"number"]');
        session.send('451-["file",{"x":{"_placeholder":true,"num":0}}]', Buffer.from([1, 2]));
        await watched.next("file");
      },
      mutation: inClient('binaryType: "nodebuffer"', 'binaryType: "arraybuffer"'),
    },
    {
      id: "client-listeners",
      api: "`on`, `once`, `off`, `listeners`, `hasListeners`, `removeListener`, `removeAllListeners`",
      how: "component-emitter's API, with its aliases.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"the-socket"}');
        const listener = (...args: unknown[]): void => world.note("client", "tick", ...args);
        world.note("client", client.on("tick", listener) === client, client.once("tick", listener) === client);
        world.note("client", client.listeners("tick").length, client.hasListeners("tick"), client.hasListeners("tock"));
        session.send('42["tick",1]', '42["tick",2]', '42["fence"]');
        await inbox(client, "fence").next();
        world.note("client", client.off("tick", listener) === client, client.listeners("tick"));
        client.on("a", listener).on("b", listener);
        (client as any).removeListener("a", listener);
        world.note("client", client.hasListeners("a"), client.hasListeners("b"));
        (client as any).removeAllListeners("b");
        client.on("c", listener);
        client.off();
        world.note("client", client.hasListeners("b"), client.hasListeners("c"));
      },
      mutation: inCore("this.off(event, once);", ""),
    },
    {
      id: "client-catch-all",
      api: "`onAny`, `prependAny`, `offAny`, `listenersAny`",
      how: "Called before the event's own listeners, with the name and the acknowledgement.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"the-socket"}');
        const listener = (...args: unknown[]): void => world.note("client", "appended", ...args);
        world.note("client", client.onAny(listener) === client, client.listenersAny().length);
        client.prependAny((...args) => world.note("client", "prepended", ...args));
        world.watch("client", client, "a");
        session.send('42["a",1]', '427["b"]', '42["fence"]');
        await inbox(client, "fence").next();
        world.note("client", client.offAny(listener) === client, client.listenersAny().length);
        client.offAny();
        world.note("client", client.listenersAny());
      },
      mutation: inClient("this.$incoming.unshift(listener);", "this.$incoming.push(listener);"),
    },
    {
      id: "client-catch-all-outgoing",
      api: "`onAnyOutgoing`, `prependAnyOutgoing`, `offAnyOutgoing`, `listenersAnyOutgoing`",
      how: "Told of each event when it leaves, not when it is emitted.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const listener = (...args: unknown[]): void => world.note("client", "appended", ...args);
        world.note("client", client.onAnyOutgoing(listener) === client, client.listenersAnyOutgoing().length);
        client.prependAnyOutgoing((...args) => world.note("client", "prepended", ...args));
        client.on("connect", () => world.note("client", "connect"));
        client.emit("early", 1);
        world.note("client", "emitted");
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"the-socket"}');
        await inbox(client, "connect").next();
        client.emit("now", 2, () => {});
        client.offAnyOutgoing(listener);
        client.emit("then");
        world.note("client", client.offAnyOutgoing() === client, client.listenersAnyOutgoing());
      },
      mutation: inCore("this.$handler.onLinkOutgoing(packet.data);", ""),
    },
    {
      id: "client-answers",
      api: "acknowledging the server's events",
      how: "The last argument answers, once.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"the-socket"}');
        client.on("ask", (value, reply) => {
          reply(value, "x");
          reply("again");
        });
        client.on("file", (reply) => reply(Buffer.from([1])));
        session.send('427["ask",1]', '428["file"]', '429["ask",2]');
        for (let count = 0; count < 4; count++) world.note("server", await session.next());
      },
      mutation: inCore("if (!answered && this.$state", "if (this.$state"),
    },
    {
      id: "client-connect-disconnect",
      api: "`socket.connect()`, `open()`, `disconnect()`, `close()`",
      how: "DISCONNECT is sent if the socket was connected; the last socket closes the connection.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { autoConnect: false });
        const watched = world.watch("client", client, "connect", "disconnect");
        world.note("client", client.active, client.disconnect() === client, client.active);
        world.note("client", client.connect() === client, client.active, client.open() === client);
        const session = await script.session();
        world.note("server", await session.next());
        session.send('40{"sid":"the-socket"}');
        await watched.next("connect");
        client.connect();
        world.note("client", client.close() === client, client.active, client.connected);
        world.note("server", await session.next(), await session.closed());
        client.connect();
        const again = await script.session();
        world.note("server", await again.next());
      },
      mutation: inCore("if (wasConnected) {", "if (false) {"),
    },
    {
      id: "client-disconnect-early",
      api: "`disconnect()` before the socket is connected",
      how: "Neither `connect` nor `disconnect` is emitted.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        world.watch("client", client, "connect", "disconnect", "connect_error");
        const session = await script.session();
        world.note("server", await session.next());
        client.disconnect();
        world.note("server", await session.closed());
        world.note("client", client.active, client.connected);
      },
      mutation: inClient("if (!connected) {\n\t\t\tthis.io.$leave();", "if (false) {\n\t\t\tthis.io.$leave();"),
    },
    {
      id: "client-with-server",
      api: "a whole conversation",
      how: "Both ends together: join, events, acknowledgements, rooms, binary, leaving.",
      async run(world) {
        const served = await world.serve();
        served.io.use((socket, next) => {
          socket.data.name = socket.handshake.auth["name"];
          next();
        });
        const { client, socket } = await world.join(served, "/", {
          auth: { name: "ada" },
          transports: ["polling", "websocket"],
        });
        await until(() => socket.conn.transport.name === "websocket", "the upgrade");
        world.note("server", socket.data, client.id === socket.id);
        const server = world.watch("server", socket, "hello", "disconnect");
        client.emit("hello", 1, Buffer.from([1]), { deep: [new Uint8Array([2])] });
        await server.next("hello");
        socket.on("ask", (value, reply) => reply(value + 1));
        world.note("client", await client.emitWithAck("ask", 1));
        client.on("ask", (value, reply) => reply(value * 2));
        world.note("server", await socket.emitWithAck("ask", 21));
        await socket.join("deck");
        const box = world.watch("client", client, "news");
        served.io.to("deck").emit("news", "for the deck");
        await box.next("news");
        client.disconnect();
        await server.next("disconnect");
      },
      mutation: inCore("candidate.send([PROBE_PING]);", "candidate.send([PING]);"),
    },
  ],
};
