/** WebTransport on the server: its sessions are handed over by an HTTP/3 server, which a fake stands for here. */

import { FakeWebTransport, type Frame } from "@hawser/testing";
import type { Server } from "socket.io";
import { inbox } from "../../harness/waiting.ts";
import { inCore, inServer, type Topic } from "../row.ts";
import type { World } from "../world.ts";

const ALL = { transports: ["polling", "websocket", "webtransport"] as never[] };

const isBinary = (frame: Frame): boolean => typeof frame !== "string";

/** Milliseconds of the option `upgradeTimeout` where it is waited for; elsewhere it is 10 seconds. */
const LIMIT = 500;

/** Notes when the client's end of a session is closed: at once, or not before a limit that began after `since` is over. */
async function noteClosed(world: World, lane: string, session: FakeWebTransport, since?: number): Promise<void> {
  const begin = since ?? performance.now();
  await session.closed;
  // A machine that stands still may make the time longer, but no deadline comes before its time.
  const limit = since === undefined ? 5_000 : LIMIT - 1;
  world.note(lane, "closed", performance.now() - begin >= limit ? "in time" : "at once");
}

export const webtransport: Topic = {
  title: "WebTransport (server)",
  rows: [
    {
      id: "webtransport-session",
      api: "`io.engine.onWebTransportSession(session)`",
      how: "The client opens a stream and begins with `0`; OPEN offers no upgrades.",
      async run(world) {
        const served = await world.serve(ALL);
        const watched = world.watch("server", served.io.engine, "connection");
        const { stream } = await world.webTransport(served);
        void stream.send("0");
        world.note("stream", await stream.next());
        await watched.next("connection");
        const { stream: other, socket } = await world.webTransportPair(served);
        socket.on("echo", (value, answer) => answer(value));
        void other.send('421["echo","€"]');
        world.note("stream", await other.next(/^43/));
        world.note("conn", socket.conn.transport.name, socket.conn.protocol, socket.conn.readyState);
        world.note("server", served.io.engine.clientsCount);
      },
      mutation: inServer("if (sid === undefined) {", "if (sid === null) {"),
    },
    {
      id: "webtransport-option",
      api: "`onWebTransportSession()` without `webtransport` among the option `transports`",
      how: "Sessions are taken all the same; the option says what clients on polling are offered.",
      async run(world) {
        const { socket } = await world.webTransportPair(await world.serve());
        world.note("conn", socket.conn.transport.name);
      },
      mutation: inServer("} else if (this.#middlewares.length > 0) {", "} else if (true) {"),
    },
    {
      id: "webtransport-frames",
      api: "frames of WebTransport",
      how: "A header of 1, 3 or 9 bytes tells the length and whether it is binary.",
      async run(world) {
        const served = await world.serve({ ...ALL, maxHttpBufferSize: 1e6 });
        const { client, server } = FakeWebTransport.join();
        void served.io.engine.onWebTransportSession(server);
        const { readable, writable } = await client.createBidirectionalStream();
        const [reader, writer] = [readable.getReader(), writable.getWriter()];
        void writer.write(Buffer.from("\x010"));
        let bytes = Buffer.alloc(0);
        const take = async (count: number): Promise<Buffer> => {
          while (bytes.length < count) bytes = Buffer.concat([bytes, (await reader.read()).value!]);
          const taken = bytes.subarray(0, count);
          bytes = bytes.subarray(count);
          return taken;
        };
        await take((await take(1))[0]!);
        const connections = inbox(served.io, "connection");
        void writer.write(Buffer.from("\x0240"));
        const [socket] = await connections.next();
        await take((await take(1))[0]!);
        for (const length of [0, 115, 116, 65_525, 65_526, 200_000]) {
          socket.emit("x", "y".repeat(length));
          const [kind] = await take(1);
          const more = kind! < 126 ? Buffer.alloc(0) : await take(kind === 126 ? 2 : 8);
          world.note("text", kind, more);
          await take(length + 10);
        }
        for (const length of [1, 126, 70_000]) {
          socket.emit("x", Buffer.alloc(length, 7));
          await take((await take(1))[0]!);
          const [kind] = await take(1);
          const more = kind! - 128 < 126 ? Buffer.alloc(0) : await take(kind === 254 ? 2 : 8);
          world.note("binary", kind, more, (await take(length)).subarray(0, 4));
        }
        client.close();
      },
      mutation: inCore("length / BYTE,", "length,"),
    },
    {
      id: "webtransport-binary",
      api: "binary data over WebTransport",
      how: "It travels as it is, both ways.",
      async run(world) {
        const { stream, socket } = await world.webTransportPair(await world.serve(ALL));
        const watched = world.watch("socket", socket, "up");
        void stream.send('451-["up",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3]));
        await watched.next("up");
        socket.emit("down", Buffer.from([4]), new Uint8Array([5, 6, 7]).subarray(1));
        world.note("stream", await stream.next(/^45/), await stream.next(isBinary), await stream.next(isBinary));
      },
      mutation: inCore("this.$binary = length >= BINARY;", "this.$binary = length > 255;"),
    },
    {
      id: "webtransport-cut",
      api: "frames that arrive in pieces, or together",
      how: "They are read as if they had come one by one.",
      async run(world) {
        const { stream, socket } = await world.webTransportPair(await world.serve(ALL));
        const watched = world.watch("socket", socket, "x");
        const bytes = Buffer.concat([
          Buffer.from('\x0942["x",1]'),
          Buffer.from([0x7e, 0, 9]),
          Buffer.from('42["x",2]'),
          Buffer.from('\x0942["x",3]'),
        ]);
        for (const byte of bytes) await stream.write(Uint8Array.of(byte));
        await stream.write(bytes);
        for (let count = 0; count < 6; count++) await watched.next("x");
      },
      mutation: inCore("this.$begun.set(bytes, this.$length);", "this.$begun.set(bytes, 0);"),
    },
    {
      id: "webtransport-handshake",
      api: "`socket.handshake` and `socket.conn` of a WebTransport session",
      how: "There is no request and no address: what is not known is empty, and `socket.request` is an empty request.",
      async run(world) {
        const { socket } = await world.webTransportPair(await world.serve(ALL));
        const { headers, address, xdomain, secure, url, query, auth } = socket.handshake;
        world.note("handshake", headers, address, xdomain, secure, query, auth);
        world.note("url", url);
        world.note("conn", socket.conn.remoteAddress);
        world.note("request", socket.request && socket.request.headers, socket.conn.request === socket.request);
      },
      mutation: inServer("this.secure = true;", "this.secure = false;"),
      differs: {
        id: "webtransport-request",
        official: [
          "conn: undefined",
          "handshake: {} undefined false true {} {}",
          "request: null true",
          "url: undefined",
        ],
        hawser: ["conn: undefined", "handshake: {} undefined false true {} {}", "request: {} true", "url: "],
      },
    },
    {
      id: "webtransport-ids",
      api: "`generateId` and WebTransport",
      how: "It is not asked: it would expect a request.",
      async run(world) {
        const served = await world.serve(ALL);
        (served.io.engine as unknown as { generateId(): string }).generateId = () => "made by the application";
        const { socket } = await world.webTransportPair(served);
        world.note("conn", (socket.conn as unknown as { id: string }).id);
      },
      mutation: inServer("this.#begin(generateId(), transport);", "this.#begin(this.generateId(), transport);"),
    },
    {
      id: "webtransport-initial-packet",
      api: "option `initialPacket` and WebTransport",
      how: "It follows OPEN.",
      async run(world) {
        const { stream } = await world.webTransport(await world.serve({ ...ALL, initialPacket: "hello" }));
        void stream.send("0");
        await stream.next(/^0/);
        world.note("stream", await stream.next());
      },
      mutation: inServer("this.opts.initialPacket", "undefined"),
    },
    {
      id: "webtransport-offered",
      api: "`upgrades` of a server with WebTransport",
      how: "Those that are enabled, `websocket` first; none where the option `allowUpgrades` is false.",
      async run(world) {
        for (const options of [
          { transports: ["polling", "websocket", "webtransport"] },
          { transports: ["webtransport", "websocket", "polling"] },
          { transports: ["polling", "webtransport"] },
          { transports: ["polling", "webtransport"], allowUpgrades: false },
        ]) {
          const { url } = await world.serve(options as object);
          const { body } = await world.request(`${url}/socket.io/?EIO=4&transport=polling`);
          const { upgrades } = JSON.parse(body.slice(1)) as { upgrades: string[] };
          world.note(options.transports.join(), "allowUpgrades" in options, upgrades);
        }
      },
      mutation: inServer('["websocket", "webtransport"]', '["webtransport", "websocket"]'),
    },
    {
      id: "webtransport-upgrade",
      api: "the upgrade from polling to WebTransport",
      how: '`0{"sid":…}` and `2probe`, `3probe`, then `5` adopts it; what waits leaves there, in order.',
      async run(world) {
        const served = await world.serve(ALL);
        const { raw, socket } = await world.handPolled(served);
        const upgraded = world.watch("conn", socket.conn, "upgrade");
        const { stream } = await world.webTransport(served);
        void stream.send(`0{"sid":"${raw.sid}"}`);
        void stream.send("2probe");
        world.note("stream", await stream.next());
        socket.emit("meanwhile");
        world.note("get", (await raw.get()).body);
        socket.emit("waits");
        void stream.send("5");
        await upgraded.next("upgrade");
        socket.emit("after");
        world.note("stream", await stream.next(), await stream.next());
        world.note("conn", socket.conn.transport.name, (socket.conn as unknown as { upgraded: boolean }).upgraded);
        world.note("polling", (await raw.get()).status);
      },
      mutation: inServer(
        'transport.name === "polling" && session.upgradeTo',
        'transport.name === "tube" && session.upgradeTo',
      ),
    },
    {
      id: "webtransport-upgrade-wrong-packet",
      api: "something else than a probe on a WebTransport session that is to be upgraded to",
      how: "The WebTransport session alone is closed; the session stays on polling.",
      async run(world) {
        const served = await world.serve(ALL);
        const { raw, socket } = await world.handPolled(served);
        for (const frame of ['42["x"]', "2", "3probe"]) {
          const { session, stream } = await world.webTransport(served);
          void stream.send(`0{"sid":"${raw.sid}"}`);
          void stream.send(frame);
          await noteClosed(world, frame, session);
        }
        world.note("socket", socket.connected, socket.conn.transport.name);
      },
      mutation: inCore('packet.type === "ping" && packet.data === "probe"', 'packet.type === "ping"'),
    },
    {
      id: "webtransport-upgrade-timeout",
      api: "option `upgradeTimeout` and an upgrade to WebTransport",
      how: "A WebTransport session that does not finish the upgrade in time is closed.",
      async run(world) {
        const served = await world.serve({ ...ALL, upgradeTimeout: LIMIT });
        const { raw, socket } = await world.handPolled(served);
        const begin = performance.now();
        const { session, stream } = await world.webTransport(served);
        void stream.send(`0{"sid":"${raw.sid}"}`);
        void stream.send("2probe");
        await stream.next("3probe");
        await noteClosed(world, "session", session, begin);
        world.note("socket", socket.connected, socket.conn.transport.name);
      },
      mutation: inServer("return opts.upgradeTimeout;", "return 60_000;"),
    },
    {
      id: "webtransport-second-upgrade",
      api: "a second WebTransport session for a session",
      how: "It is closed, while the session moves and when it has moved.",
      async run(world) {
        const served = await world.serve(ALL);
        const { raw, socket } = await world.handPolled(served);
        const { stream } = await world.webTransport(served);
        void stream.send(`0{"sid":"${raw.sid}"}`);
        void stream.send("2probe");
        await stream.next("3probe");
        const second = await world.webTransport(served);
        void second.stream.send(`0{"sid":"${raw.sid}"}`);
        await noteClosed(world, "while it moves", second.session);
        const upgraded = inbox(socket.conn, "upgrade");
        void stream.send("5");
        await upgraded.next();
        const third = await world.webTransport(served);
        void third.stream.send(`0{"sid":"${raw.sid}"}`);
        await noteClosed(world, "when it has moved", third.session);
        world.note("socket", socket.connected, socket.conn.transport.name);
      },
      mutation: inCore("candidate.name !== name)", "true)"),
    },
    {
      id: "webtransport-beside-websocket",
      api: "a WebSocket and a WebTransport session to which one session is to move",
      how: "Both are tried, and the session moves to the one whose client says so first.",
      async run(world) {
        const served = await world.serve(ALL);
        const { raw, socket } = await world.handPolled(served);
        const webSocket = await raw.openWebSocket();
        webSocket.send("2probe");
        await raw.next("3probe");
        const { session, stream } = await world.webTransport(served);
        void stream.send(`0{"sid":"${raw.sid}"}`);
        void stream.send("2probe");
        world.note(
          "stream",
          await Promise.race([stream.next(), session.closed.then(() => "closed")]).catch(() => "closed"),
        );
        const upgraded = inbox(socket.conn, "upgrade");
        webSocket.send("5");
        await upgraded.next();
        world.note("socket", socket.conn.transport.name);
        await session.closed;
      },
      mutation: inCore("candidate.name !== name)", "false)"),
      differs: {
        id: "two-upgrades",
        official: ["socket: websocket", "stream: closed"],
        hawser: ["socket: websocket", "stream: 3probe"],
      },
    },
    {
      id: "webtransport-first-packet",
      api: "a WebTransport session that begins with something else",
      how: "It is closed, and so is one that names no session.",
      async run(world) {
        const served = await world.serve(ALL);
        const { socket } = await world.webTransportPair(served);
        for (const frame of [
          "4hello",
          "2probe",
          "1",
          Buffer.from([1]),
          "0{}",
          "0garbage",
          "0null",
          '0{"sid":1}',
          '0{"sid":"unknown"}',
          '0{"sid":"__proto__"}',
          '0{"sid":"constructor"}',
        ]) {
          const { session, stream } = await world.webTransport(served);
          void stream.send(frame);
          await noteClosed(world, "session", session);
        }
        world.note("socket", socket.connected, served.io.engine.clientsCount);
      },
      mutation: inServer('type !== "open"', "false"),
    },
    {
      id: "webtransport-deadline",
      api: "a WebTransport session without a stream",
      how: "It is closed when the option `upgradeTimeout` is over.",
      async run(world) {
        const served = await world.serve({ ...ALL, upgradeTimeout: LIMIT });
        const { client, server } = FakeWebTransport.join();
        const begin = performance.now();
        void served.io.engine.onWebTransportSession(server);
        await noteClosed(world, "without a stream", client, begin);
      },
      mutation: inServer("timeout: opts.upgradeTimeout", "timeout: 60_000"),
    },
    {
      id: "webtransport-middlewares",
      api: "engine middlewares and the option `cors` with WebTransport",
      how: "Every WebTransport session is closed at once: middlewares expect a request.",
      async run(world) {
        const noteRefused = async (lane: string, io: Server): Promise<void> => {
          const { client, server } = FakeWebTransport.join();
          void io.engine.onWebTransportSession(server);
          await noteClosed(world, lane, client);
        };
        const used = await world.serve(ALL);
        used.io.engine.use((_request: unknown, _response: unknown, next: () => void) => next());
        await noteRefused("middleware", used.io);
        await noteRefused("cors", (await world.serve({ ...ALL, cors: { origin: "*" } })).io);
      },
      mutation: inServer("} else if (this.#middlewares.length > 0) {", "} else if (false) {"),
    },
    {
      id: "webtransport-close-by-client",
      api: "a client that closes its WebTransport session",
      how: "`disconnect` with `transport close`.",
      async run(world) {
        const served = await world.serve(ALL);
        const { session, socket } = await world.webTransportPair(served);
        const watched = world.watch("socket", socket, "disconnect");
        session.close();
        await watched.next("disconnect");
        world.note("server", served.io.engine.clientsCount);
      },
      mutation: inCore('closed.then(() => this.$end("transport close")', 'closed.then(() => this.$end("forced close")'),
    },
    {
      id: "webtransport-garbage",
      api: "frames that can't be read, over WebTransport",
      how: "`disconnect` with `parse error`: a length of 0, a length beyond the option `maxHttpBufferSize`, a digit that is none.",
      async run(world) {
        const served = await world.serve({ ...ALL, maxHttpBufferSize: 1000 });
        for (const bytes of ["00", "7e03e9", "fe03e9", "7f00000000000003e9", "7fffffffffffffffff", "0139"]) {
          const { session, stream, socket } = await world.webTransportPair(served);
          const left = inbox(socket, "disconnect");
          void stream.write(Buffer.from(bytes, "hex"));
          world.note(bytes, (await left.next())[0]);
          await session.closed;
        }
      },
      mutation: inServer('garbageReason: "parse error"', 'garbageReason: "transport error"'),
    },
    {
      id: "webtransport-empty-binary",
      api: "binary data without a byte, over WebTransport",
      how: "It travels as base64 text, and is read as a length of 0 too.",
      async run(world) {
        const { stream, socket } = await world.webTransportPair(await world.serve(ALL));
        const received = inbox(socket, "x");
        const left = inbox(socket, "disconnect");
        socket.emit("x", Buffer.alloc(0));
        await stream.next(/^45/);
        world.note("stream", await stream.next());
        void stream.send('451-["x",{"_placeholder":true,"num":0}]', Buffer.alloc(0));
        world.note("socket", ...(await Promise.race([received.next(), left.next()])));
      },
      mutation: inCore('return textPayload("b");', ""),
      differs: {
        id: "empty-binary",
        official: ["socket: parse error undefined", "stream: Buffer<>"],
        hawser: ["socket: Buffer<>", "stream: b"],
      },
    },
    {
      id: "webtransport-disconnect",
      api: "`socket.disconnect(true)` over WebTransport",
      how: "What was sent before, DISCONNECT included, arrives before the session is closed.",
      async run(world) {
        const { session, stream, socket } = await world.webTransportPair(await world.serve(ALL));
        socket.emit("last");
        socket.disconnect(true);
        world.note("stream", (await stream.finished) === "finished" ? "finished" : "broken", stream.all.slice(2));
        void stream.finish();
        await session.closed;
      },
      mutation: inCore("this.$finish();\n\t\t} else if", "this.$closeSession();\n\t\t} else if"),
      differs: {
        id: "webtransport-close",
        official: ["stream: broken []"],
        hawser: ['stream: finished ["42[\\"last\\"]", "41"]'],
      },
    },
    {
      id: "webtransport-volatile",
      api: "volatile events and a WebTransport client that does not read",
      how: "They are dropped while the stream takes nothing more.",
      async run(world) {
        const served = await world.serve(ALL);
        const { client, server } = FakeWebTransport.join();
        void served.io.engine.onWebTransportSession(server);
        const { readable, writable } = await client.createBidirectionalStream();
        const connections = inbox(served.io, "connection");
        const writer = writable.getWriter();
        void writer.write(Buffer.from("\x010\x0240"));
        const [socket] = await connections.next();
        socket.emit("kept");
        await new Promise((resolve) => setTimeout(resolve, 20));
        world.note("conn", socket.conn.transport.writable);
        socket.volatile.emit("lost");
        socket.emit("kept too");
        let text = "";
        const reader = readable.getReader();
        while (!text.includes("kept too")) text += Buffer.from((await reader.read()).value!).toString("latin1");
        world.note("stream", text.includes("lost"));
        client.close();
      },
      mutation: inCore('return this.$state === "open" && this.$ready;', 'return this.$state === "open";'),
    },
    {
      id: "webtransport-server-close",
      api: "`io.close()` and WebTransport sessions",
      how: "They are closed; sockets are told `server shutting down`.",
      async run(world) {
        const served = await world.serve(ALL);
        const { session, socket } = await world.webTransportPair(served);
        const watched = world.watch("socket", socket, "disconnect");
        void served.io.close();
        await watched.next("disconnect");
        await noteClosed(world, "session", session);
      },
      mutation: inServer("void endSession(this.#session);", ""),
    },
  ],
};
