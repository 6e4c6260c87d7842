/** What a socket of the server offers. */

import { inCore, inServer, type Topic } from "../row.ts";
import { inbox, until } from "../../harness/waiting.ts";

export const socket: Topic = {
  title: "Socket (server)",
  rows: [
    {
      id: "socket-handshake",
      api: "`socket.handshake`",
      how: "Built when first asked for, from what was kept of the session's first request, and the payload of CONNECT.",
      async run(world) {
        const served = await world.serve();
        const { socket } = await world.rawPair(served, "polling", {
          query: { room: "a&b=ü", list: "1" },
          headers: { origin: "http://elsewhere.example", "x-custom": "1" },
        });
        const { headers, time, address, xdomain, secure, issued, url, query, auth } = socket.handshake;
        world.note("headers", headers["x-custom"], headers.origin, headers.host);
        world.note("time", typeof time, typeof issued, Math.abs(Date.parse(time) - issued) < 1_000);
        world.note("more", address, xdomain, secure, { ...query }, auth);
        world.note("url", url.replace(/&t=\w+/, ""));
        world.note("request", socket.request.url === url, socket.request.headers.host, socket.request.method);
        world.note("keys", Object.keys(socket.handshake));
        const other = await world.rawPair(served);
        world.note("other", other.socket.handshake.xdomain, other.socket.handshake.headers.origin);
      },
      mutation: inServer("xdomain: request.headers.origin !== undefined", "xdomain: true"),
    },
    {
      id: "socket-handshake-auth",
      api: "`socket.handshake.auth`",
      how: "The payload of CONNECT, or an empty object.",
      async run(world) {
        const served = await world.serve();
        served.io.of("/x").on("connection", (socket) => world.note("x", socket.handshake.auth));
        served.io.on("connection", (socket) => world.note("root", socket.handshake.auth));
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.join("/", { token: "secret", nested: { list: [1] } });
        await raw.join("/x");
        const other = world.raw(served.url);
        await other.connect();
        await other.join("/x", { name: "ü" });
      },
      mutation: inServer("auth: data ?? {}", "auth: data"),
    },
    {
      id: "socket-members",
      api: "`socket.id`, `data`, `rooms`, `connected`, `recovered`, `nsp`, `client`, `conn`, `request`",
      how: "Getters over the link, the adapter and the connection.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        world.note("socket", socket.id.length, socket.id === raw.sid, socket.data, socket.rooms);
        world.note("socket", socket.connected, socket.disconnected, socket.recovered, socket.nsp.name);
        world.note("client", socket.client.conn === socket.conn, socket.client.request === socket.request);
        world.note(
          "conn",
          (socket.conn as unknown as { id: string }).id === raw.sid,
          socket.conn.protocol,
          socket.conn.readyState,
        );
        world.note("conn", socket.conn.transport.name, socket.conn.remoteAddress, socket.conn.upgraded);
        (socket as { data: unknown }).data = { name: "ada" };
        world.note("data", socket.data);
        const left = inbox(socket, "disconnect");
        await raw.send("41");
        await left.next();
        world.note("after", socket.connected, socket.disconnected, socket.rooms, socket.id.length);
      },
      mutation: inServer("return this.nsp.sockets.get(this.id) === this;", 'return this.link.state !== "connecting";'),
    },
    {
      id: "socket-emit",
      api: "`socket.emit()`, `send()`, `write()`",
      how: "Events leave in the order of the calls; `emit` returns true, `send` and `write` the socket.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        world.note(
          "socket",
          socket.emit("hello", "wörld", 1.5, null, undefined, { a: [undefined] }),
          socket.send() === socket,
        );
        world.note(
          "socket",
          socket.write("x", Buffer.from([7])) === socket,
          socket.emit("", []),
          socket.emit("date", new Date(0)),
        );
        world.note(
          "socket",
          socket.emit(5 as never),
          socket.emit("in", () => {}, 1),
        );
        for (let count = 0; count < 8; count++) world.note("raw", await raw.next());
      },
      mutation: inServer('this.emit("message", ...args);\n\t\treturn this;', 'this.emit("message", ...args);'),
    },
    {
      id: "socket-binary",
      api: "binary in events, both ways",
      how: "The parser replaces binary by placeholders in the order of traversal, and views keep to their window.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const whole = new Uint8Array([9, 9, 1, 2, 9]);
        socket.emit(
          "file",
          { parts: [whole.subarray(2, 4), { deep: new Uint8Array([3]).buffer }] },
          Buffer.from("end"),
        );
        for (let count = 0; count < 4; count++) world.note("raw", await raw.next());
        const received = inbox(socket, "upload");
        await raw.send('452-["upload",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}],"x"]');
        await raw.send(Buffer.from([1]), Buffer.from([2, 3]));
        world.note("socket", await received.next());
      },
      mutation: { module: "@hawser/parser", find: "num: attachments.length", replace: "num: attachments.length + 1" },
    },
    {
      id: "socket-binary-polling",
      api: "binary over polling",
      how: "Binary records of a payload are base64 behind a `b`, both ways.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const received = inbox(socket, "upload");
        world.noteResponse("post", await raw.post('451-["upload",{"_placeholder":true,"num":0}]\x1ebAQID'));
        world.note("socket", await received.next());
        socket.emit("file", Buffer.from([255, 0]));
        world.note("raw", (await raw.get()).body);
      },
      mutation: {
        module: "@hawser/core",
        find: "encodeEnginePacket(packet, false, (text) => {",
        replace: "encodeEnginePacket(packet, true, (text) => {",
      },
    },
    {
      id: "socket-ack",
      api: "acknowledgements, both ways",
      how: "The server counts ids for each namespace from 0; an answer is sent once.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const answers = inbox({ on: (_event, listener) => socket.emit("ask", 1, listener) }, "answer");
        world.note("raw", await raw.next());
        await raw.send('430["a",{"b":1}]', '430["again"]', '4399["unknown"]');
        world.note("answer", await answers.next());
        socket.on("sum", (one, other, reply) => {
          reply(one + other, "x");
          reply("again");
        });
        await raw.send('4212["sum",1,2]');
        world.note("raw", await raw.next());
        socket.emit("next", () => {});
        world.note("raw", await raw.next());
        world.note("answers", answers.size);
      },
      mutation: inCore("if (!answered && this.$state", "if (this.$state"),
    },
    {
      id: "socket-ack-binary",
      api: "acknowledgements with binary",
      how: "An answer with attachments is a BINARY_ACK.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        socket.on("ask", (reply) => reply(Buffer.from([1]), "x"));
        await raw.send('427["ask"]');
        world.note("raw", await raw.next(), await raw.next());
        const answer = socket.emitWithAck("ask");
        world.note("raw", await raw.next());
        await raw.send('461-0[{"_placeholder":true,"num":0}]', Buffer.from([2]));
        world.note("answer", await answer);
      },
      mutation: { module: "@hawser/parser", find: ": PacketType.BINARY_ACK;", replace: ": PacketType.BINARY_EVENT;" },
    },
    {
      id: "socket-timeout",
      api: "`socket.timeout(ms).emit()`, `emitWithAck()`",
      how: "Answers become error-first; the flag is spent by one event.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const answer = new Promise((resolve) => {
          socket.timeout(5_000).emit("ask", (...args: unknown[]) => resolve(args));
        });
        world.note("raw", await raw.next());
        await raw.send('430["in time"]');
        world.note("answer", await answer);
        const late = new Promise((resolve) => socket.timeout(20).emit("ask", (...args: unknown[]) => resolve(args)));
        world.note("raw", await raw.next());
        world.note("late", await late);
        await raw.send('431["too late"]');
        await socket
          .timeout(20)
          .emitWithAck("ask")
          .catch((error) => world.note("promise", error));
        world.note("raw", await raw.next());
        const plain = new Promise((resolve) => socket.emit("ask", (...args: unknown[]) => resolve(args)));
        world.note("raw", await raw.next());
        await raw.send('433["plain"]');
        world.note("plain", await plain);
      },
      mutation: inCore(
        'this.$run(pending.callback, [failure("ERR_ACK_TIMEOUT")]);',
        "this.$run(pending.callback, []);",
      ),
    },
    {
      id: "socket-rooms",
      api: "`socket.join()`, `leave()`, `rooms`",
      how: "Rooms are the adapter's; both calls act at once with the in-memory adapter.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        world.note("socket", socket.join("deck"), socket.join(["galley", "deck"]), socket.rooms);
        world.note("socket", socket.leave("deck"), socket.leave("nowhere"), socket.rooms);
        world.watch("socket", socket, "disconnecting");
        socket.on("disconnecting", () => world.note("socket", socket.rooms));
        const left = inbox(socket, "disconnect");
        await raw.send("41");
        await left.next();
        void socket.join("late");
        world.note("socket", socket.rooms, served.io.of("/").adapter.rooms);
      },
      mutation: inServer('const result = this.link.state === "closed" ? undefined :', "const result ="),
    },
    {
      id: "socket-broadcast",
      api: "`socket.to`, `in`, `except`, `broadcast`, `local`",
      how: "They give operators that leave the socket out by its id.",
      async run(world) {
        const served = await world.serve();
        const [me, one, other] = [
          await world.rawPair(served),
          await world.rawPair(served),
          await world.rawPair(served),
        ];
        await one.socket.join(["deck", "galley"]);
        await me.socket.join("deck");
        me.socket.to("deck").emit("to");
        me.socket.in(["deck", "galley"]).emit("in");
        me.socket.except("galley").emit("except");
        me.socket.broadcast.emit("broadcast");
        me.socket.local.emit("local");
        me.socket.broadcast.to("deck").except("galley").emit("nobody");
        me.socket.compress(false).to(other.socket.id).emit("one");
        me.socket.to(me.socket.id).emit("myself");
        served.io.emit("end");
        for (const [name, { raw }] of Object.entries({ me, one, other })) {
          let frame: unknown;
          do {
            frame = await raw.next();
            world.note(name, frame);
          } while (frame !== '42["end"]');
        }
      },
      mutation: inServer("new Set([this.id]), flags);", "new Set(), flags);"),
    },
    {
      id: "socket-volatile",
      api: "`socket.volatile`",
      how: "An event with the flag is dropped unless the transport can take it at once; the flag is spent by one event.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        world.note("socket", socket.conn.transport.writable);
        socket.volatile.emit("dropped");
        socket.emit("kept");
        world.note("raw", (await raw.get()).body);
        raw.startPolling();
        await until(() => socket.conn.transport.writable, "a waiting poll");
        socket.volatile.emit("in time", 1);
        world.note("raw", await raw.next(/in time/));
      },
      mutation: inCore("} else if (flags.volatile && !this.$port.writable) {", "} else if (false) {"),
    },
    {
      id: "socket-catch-all",
      api: "`socket.onAny`, `prependAny`, `offAny`, `listenersAny`",
      how: "Catch-all listeners are called before the event's own, with its name and the acknowledgement.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const listener = (...args: unknown[]): void => world.note("any", "appended", ...args);
        world.note("any", socket.onAny(listener) === socket, socket.listenersAny().length);
        socket.prependAny((...args) => world.note("any", "prepended", ...args));
        socket.on("hello", (...args) => world.note("any", "hello", ...args));
        const hello = inbox(socket, "hello");
        await raw.send('42["hello",1]');
        await hello.next();
        await raw.send('427["nobody listens"]', '42["fence"]');
        await inbox(socket, "fence").next();
        world.note("any", socket.offAny(listener) === socket, socket.listenersAny().length);
        const hellos = inbox(socket, "hello");
        await raw.send('42["hello",2]');
        await hellos.next();
        socket.offAny();
        world.note("any", socket.listenersAny());
      },
      mutation: inServer("this.listeners.unshift(listener);", "this.listeners.push(listener);"),
    },
    {
      id: "socket-catch-all-outgoing",
      api: "`socket.onAnyOutgoing`, `prependAnyOutgoing`, `offAnyOutgoing`, `listenersAnyOutgoing`",
      how: "They hear what is sent to the socket, broadcasts included, but not acknowledgements.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const listener = (...args: unknown[]): void => world.note("any", "appended", ...args);
        world.note("any", socket.onAnyOutgoing(listener) === socket, socket.listenersAnyOutgoing().length);
        socket.prependAnyOutgoing((...args) => world.note("any", "prepended", ...args));
        socket.emit("direct", 1, Buffer.from([1]));
        socket.emit("asked", "x", () => {});
        served.io.emit("broadcast", { a: 1 });
        served.io.except(socket.id).emit("not for it");
        socket.on("ask", (reply) => reply("answer"));
        await raw.send('421["ask"]');
        await raw.next('431["answer"]');
        socket.offAnyOutgoing(listener);
        socket.emit("then");
        world.note("any", socket.offAnyOutgoing() === socket, socket.listenersAnyOutgoing());
        socket.emit("unheard");
      },
      mutation: inServer("this.onLinkOutgoing(broadcast.packet.data);", ""),
    },
    {
      id: "socket-middleware",
      api: "`socket.use()`",
      how: "Per event, after the catch-all listeners; an error goes to the socket's `error` listeners and the event to nobody.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        socket.onAny((event) => world.note("socket", "any", event));
        socket.use(([event, ...args], next) => {
          world.note("socket", "first", event, ...args);
          if (event === "changed") args[0] = "no effect";
          if (event === "refused") next(Object.assign(new Error("no"), { data: 1 }));
          else setImmediate(next);
        });
        socket.use((event, next) => {
          world.note("socket", "second");
          if (event[0] === "changed") event[1] = "changed";
          next();
        });
        const watched = world.watch("socket", socket, "error", "changed", "refused", "last");
        await raw.send('42["refused"]');
        await watched.next("error");
        await raw.send('42["changed","as sent"]');
        await watched.next("changed");
        await raw.send('42["last"]');
        await watched.next("last");
        world.note("socket", socket.connected);
      },
      mutation: inServer(
        "const run = (middleware, next) => middleware(event, next);",
        "const run = (middleware, next) => middleware([...event], next);",
      ),
    },
    {
      id: "socket-disconnect",
      api: "`socket.disconnect()`",
      how: "DISCONNECT leaves and the socket is told at once; the connection stays for others.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        world.watch("socket", socket, "disconnecting", "disconnect");
        socket.emit("last words");
        world.note("socket", socket.disconnect() === socket, socket.connected);
        socket.disconnect();
        world.note("raw", await raw.next(), await raw.next());
        await raw.send("40");
        world.note("raw", await raw.next());
      },
      mutation: inCore('this.$left("server namespace disconnect");', 'this.$left("client namespace disconnect");'),
    },
    {
      id: "socket-emit-after-disconnect",
      api: "`socket.emit()` after `disconnect()`",
      how: "A socket that has left sends nothing.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        socket.disconnect();
        world.note("socket", socket.emit("after"));
        await raw.send("40");
        world.note("raw", await raw.next("41"), await raw.next());
      },
      mutation: inCore('if (this.$state === "closed") {\n\t\t\t// The ack', "if (false) {\n\t\t\t// The ack"),
      differs: {
        id: "emit-after-disconnect",
        official: ['raw: 41 "42[\\"after\\"]"', "socket: true"],
        hawser: ['raw: 41 "40{\\"sid\\":\\"<id 1>\\"}"', "socket: true"],
      },
    },
    {
      id: "socket-disconnect-close",
      api: "`socket.disconnect(true)`",
      how: "Each socket of the connection disconnects, and then the session is closed.",
      async run(world) {
        const served = await world.serve();
        const others = inbox(served.io.of("/other"), "connection");
        const { raw, socket } = await world.rawPair(served);
        await raw.join("/other");
        const [other] = await others.next();
        world.watch("socket", socket, "disconnecting", "disconnect");
        world.watch("other", other, "disconnecting", "disconnect");
        socket.disconnect(true);
        world.note("raw", await raw.next(), await raw.next(), await raw.webSocket!.closed);
      },
      mutation: inServer('if (close && this.link.state === "connected") {', "if (false) {"),
    },
    {
      id: "socket-conn-events",
      api: "`socket.conn` events `packet`, `packetCreate`, `data`, `message`, `heartbeat`, `close`",
      how: "The engine's socket is a façade that reports what the session does.",
      async run(world) {
        const served = await world.serve({ pingInterval: 40 });
        const { raw, socket } = await world.rawPair(served);
        const shown = (packet: unknown): void => {
          const { type, data } = packet as { type: string; data?: unknown };
          if (type !== "ping" && type !== "pong") world.note("conn", type, data);
        };
        socket.conn.on("packet", shown);
        socket.conn.on("packetCreate", shown);
        const messages = inbox(socket.conn, "message");
        world.watch("data", socket.conn, "data", "message");
        const closed = world.watch("close", socket.conn, "close");
        socket.emit("out", 1);
        await raw.send('42["in",2]');
        await messages.next();
        await inbox(socket.conn, "heartbeat").next();
        raw.webSocket!.close();
        await closed.next("close");
      },
      mutation: inServer('this.tell("data", packet.data);', ""),
    },
    {
      id: "socket-conn-send",
      api: "`socket.conn.send()`, `write()`, `close()`",
      how: "Messages bypass the namespaces; `close()` waits until they have left.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const left = world.watch("socket", socket, "disconnecting", "disconnect");
        socket.conn.send("hello");
        socket.conn.write(Buffer.from([1, 2]) as never);
        socket.conn.close();
        world.note("conn", socket.conn.readyState);
        world.note("raw", await raw.next(), await raw.next(), await raw.webSocket!.closed);
        await left.next("disconnect");
        world.note("conn", socket.conn.readyState);
      },
      mutation: inServer("return this.send(data, options, sent);", "return this;"),
    },
    {
      id: "socket-conn-flush-drain",
      api: "`socket.conn` events `flush`, `drain`",
      how: "Whoever listens for them gets one write for each packet, told within the call.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const drains = inbox(socket.conn, "drain");
        socket.conn.on("flush", (buffer: { type: string; data: unknown }[]) => {
          world.note(
            "conn",
            "flush",
            buffer.map(({ type, data }) => `${type} ${String(data)}`),
          );
        });
        socket.emit("one");
        await drains.next();
        socket.emit("two");
        await drains.next();
        world.note("raw", await raw.next(), await raw.next());
      },
      mutation: inServer('this.tell("flush", packets);', ""),
    },
    {
      id: "socket-client",
      api: "`socket.client`: `sockets`, `nsps`, `conn`, `request`",
      how: "The connection's own object, which its sockets in all namespaces share.",
      async run(world) {
        const served = await world.serve();
        const others = inbox(served.io.of("/other"), "connection");
        const { raw, socket } = await world.rawPair(served);
        await raw.join("/other");
        const [other] = await others.next();
        const { nsps, sockets } = socket.client as unknown as Record<string, Map<string, unknown>>;
        world.note("client", [...nsps!.keys()], nsps!.get("/other") === other, sockets!.get(socket.id) === socket);
        world.note(
          "client",
          other.client === socket.client,
          (socket.client as unknown as { id: string }).id === raw.sid,
        );
      },
      mutation: inServer(
        "new Map(this.#sockets.map((socket) => [socket.nsp.name, socket]))",
        "new Map(this.#sockets.map((socket) => [socket.id, socket]))",
      ),
    },
    {
      id: "socket-listener-order",
      api: "events that arrive in one read",
      how: "`connection` listeners run before any event of the socket, and events in the order of the wire.",
      async run(world) {
        const served = await world.serve();
        served.io.on("connection", (socket) => {
          world.note("io", "connection");
          world.watch("io", socket, "one", "two", "three");
          socket.emit("welcome");
        });
        const raw = world.raw(served.url);
        await raw.connect("polling");
        await raw.send("40");
        world.note("raw", (await raw.next(/^40/)) !== "");
        world.note("raw", await raw.next());
        await raw.send('42["one"]', '42["two"]', '421["three"]');
        await until(() => world.transcript.lines.some((line) => line.includes("three")), "the third event");
      },
      mutation: inCore("this.$inbox.push(item);", "this.$inbox.unshift(item);"),
    },
    {
      id: "socket-event-names",
      api: "`socket.eventNames()`, `once`, `off`, `removeAllListeners`, `listenerCount`",
      how: "A socket is a Node EventEmitter, whose `emit` sends.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const listener = (...args: unknown[]): void => world.note("socket", "tick", ...args);
        world.note("socket", socket.on("tick", listener) === socket, socket.once("tick", listener) === socket);
        world.note("socket", socket.listenerCount("tick"), socket.listeners("tick").length);
        await raw.send('42["tick",1]', '42["tick",2]', '42["fence"]');
        await inbox(socket, "fence").next();
        world.note("socket", socket.off("tick", listener) === socket, socket.listenerCount("tick"));
        socket.removeAllListeners();
        world.note("socket", socket.eventNames());
      },
      mutation: inServer("return super.once(event, listener);", "return super.on(event, listener);"),
    },
  ],
};
