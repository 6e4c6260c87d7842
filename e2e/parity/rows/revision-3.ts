/** Clients of Socket.IO 1 and 2: Engine.IO revision 3, Socket.IO revision 4. */

import type { RawClient } from "@hawser/testing";
import type { ServerOptions, Socket } from "socket.io";
import { inbox, until } from "../../harness/waiting.ts";
import { inCore, inServer, type Topic } from "../row.ts";
import type { Served, World } from "../world.ts";

type Query = Record<string, string>;

/** A server that allows such clients. */
const serve = (world: World, options: Partial<ServerOptions> = {}): Promise<Served> =>
  world.serve({ allowEIO3: true, ...options });

/** A raw client that sends `EIO=3`. Payloads are the row's business. */
const older = (world: World, { url }: Served, query: Query = {}): RawClient =>
  world.raw(url, { query: { EIO: "3", ...query } });

/** Begins a session over polling, notes the answer, and gives the socket that is in `/` without asking. */
async function begin(world: World, served: Served, query: Query = {}): Promise<{ raw: RawClient; socket: Socket }> {
  const connections = inbox(served.io, "connection");
  const raw = older(world, served, query);
  const response = await raw.request();
  world.noteResponse("handshake", response);
  raw.handshake = JSON.parse(/\{.*?\}/.exec(response.body.replaceAll('\\"', '"'))![0]);
  const [socket] = await connections.next();
  return { raw, socket };
}

/** One poll, once it has something to bring. */
const poll = async (world: World, raw: RawClient): Promise<void> => world.noteResponse("get", await raw.request());

/** A session over a WebSocket. */
async function beginOnWebSocket(world: World, served: Served, query: Query = {}) {
  const connections = inbox(served.io, "connection");
  const raw = older(world, served, query);
  const webSocket = await raw.openWebSocket();
  raw.webSocket = webSocket;
  const [socket] = await connections.next();
  const opened = String(await raw.next());
  world.note("raw", opened.replace(/"sid":"[^"]+"/, '"sid":…'), await raw.next());
  return { raw, webSocket, socket: socket as Socket };
}

export const revision3: Topic = {
  title: "Clients of Socket.IO 2 (server)",
  rows: [
    {
      id: "revision-3-refused",
      api: "option `allowEIO3`",
      how: "A handshake whose `EIO` is not 4 is refused unless the option is set.",
      async run(world) {
        const served = await world.serve();
        const errors = inbox(served.io.engine, "connection_error");
        world.noteResponse("refused", await older(world, served).request());
        const [{ code, message, context }] = await errors.next();
        world.note("engine", code, message, context);
        const allowing = await serve(world);
        world.note("allowed", (await older(world, allowing).request()).status);
        world.note("absent", (await world.raw(allowing.url, { query: { EIO: "" } }).request()).status);
      },
      mutation: inServer("const resolved = { ...options };", "const resolved = { ...options, allowEIO3: false };"),
    },
    {
      id: "revision-3-mismatch",
      api: "a request whose `EIO` is not the session's",
      how: "It is refused, and the session goes on.",
      async run(world) {
        const served = await serve(world);
        const { raw, socket } = await begin(world, served);
        world.noteResponse("refused", await raw.request({ query: { EIO: "4" } }));
        world.note("socket", socket.connected);
      },
      mutation: inServer("if (protocol !== session.protocol)", "if (protocol > session.protocol + 1)"),
    },
    {
      id: "revision-3-polling",
      api: "payloads of revision 3",
      how: "Each packet has its length before it, in UTF-16 units, in both directions.",
      async run(world) {
        const served = await serve(world);
        const { raw, socket } = await begin(world, served);
        await poll(world, raw);
        socket.emit("news", "ü🚢");
        socket.emit("more");
        await poll(world, raw);
        const watched = world.watch("socket", socket, "hello", "again");
        world.noteResponse("post", await raw.post('15:42["hello","€"]11:42["again"]'));
        await watched.next("again");
      },
      mutation: inServer("`${text.length}:${text}`", "`${Buffer.byteLength(text)}:${text}`"),
    },
    {
      id: "revision-3-binary-payload",
      api: "binary data in payloads of revision 3",
      how: "A payload that holds bytes is binary as a whole, unless the client asked for base64.",
      async run(world) {
        const served = await serve(world);
        for (const query of [{}, { b64: "1" }] as Query[]) {
          const { raw, socket } = await begin(world, served, query);
          await poll(world, raw);
          socket.emit("bytes", Buffer.from([1, 2, 3]));
          const { headers, bytes } = await raw.request();
          world.note("get", headers["content-type"], headers["content-length"], bytes);
          const watched = world.watch("socket", socket, "bytes");
          await raw.post('43:451-["bytes",{"_placeholder":true,"num":0}]10:b4AQIDBA==');
          await watched.next("bytes");
        }
      },
      mutation: inServer("packets.some(({ data }) => !isText(data))", "packets.every(({ data }) => !isText(data))"),
    },
    {
      id: "revision-3-binary-post",
      api: "a POST of `application/octet-stream` in revision 3",
      how: "It is read in the binary form.",
      async run(world) {
        const served = await serve(world);
        const { raw, socket } = await begin(world, served);
        const watched = world.watch("socket", socket, "bytes");
        const text = Buffer.from('451-["bytes",{"_placeholder":true,"num":0}]');
        const digits = Array.from(String(text.length), Number);
        const body = Buffer.concat([Buffer.from([0, ...digits, 255]), text, Buffer.from([1, 3, 255, 4, 9, 8])]);
        const headers = { "content-type": "application/octet-stream" };
        world.noteResponse("post", await raw.post(body, { headers }));
        await watched.next("bytes");
      },
      mutation: inServer("binaryPayloads: true,", "binaryPayloads: false,"),
    },
    {
      id: "revision-3-garbage",
      api: "payloads of revision 3 that are none",
      how: "They are a `parse error`.",
      async run(world) {
        for (const body of ["nonsense", "5:4", "x:4", "", "1:", "1:23"]) {
          const served = await serve(world);
          const { raw, socket } = await begin(world, served);
          const ended = inbox(socket, "disconnect");
          world.note("post", body, (await raw.post(body)).status);
          world.note("socket", (await ended.next())[0]);
        }
      },
      mutation: inServer("if (end > payload.length) {", "if (false) {"),
    },
    {
      id: "revision-3-websocket",
      api: "frames of revision 3",
      how: "Bytes are a frame that begins with the type of the packet, or base64 behind `b4`.",
      async run(world) {
        const served = await serve(world);
        for (const query of [{}, { b64: "1" }] as Query[]) {
          const { raw, webSocket, socket } = await beginOnWebSocket(world, served, query);
          socket.emit("bytes", Buffer.from([1, 2, 3]));
          world.note("raw", await raw.next(), await raw.next());
          const watched = world.watch("socket", socket, "bytes");
          webSocket.send('451-["bytes",{"_placeholder":true,"num":0}]');
          webSocket.send(Buffer.from([4, 7, 8]));
          await watched.next("bytes");
        }
      },
      mutation: inServer("Buffer.concat([Buffer.of(digit), bytes])", "Buffer.concat([Buffer.of(digit, digit), bytes])"),
    },
    {
      id: "revision-3-broadcast-bytes",
      api: "a broadcast of bytes to clients of both revisions",
      how: "Those of revision 4 share a frame; the others are written one of their own.",
      async run(world) {
        const served = await serve(world);
        const one = await beginOnWebSocket(world, served);
        const other = await world.rawPair(served);
        served.io.emit("bytes", Buffer.from([5, 6]));
        world.note("older", await one.raw.next(), await one.raw.next());
        world.note("present", await other.raw.next(), await other.raw.next());
      },
      mutation: inServer("bareBinaryFrames: false,", "bareBinaryFrames: true,"),
    },
    {
      id: "revision-3-heartbeat",
      api: "the heartbeat of revision 3",
      how: "The client pings; the answer repeats nothing, and a pong from it ends the session.",
      async run(world) {
        const served = await serve(world);
        const { raw, webSocket, socket } = await beginOnWebSocket(world, served);
        const beats = inbox(socket.conn, "heartbeat");
        webSocket.send("2");
        await beats.next();
        webSocket.send("2words");
        await beats.next();
        world.note("raw", await raw.next(), await raw.next());
        const ended = inbox(socket, "disconnect");
        webSocket.send("3");
        world.note("socket", (await ended.next())[0]);
      },
      mutation: inServer('pinger: "client",', 'pinger: "server",'),
    },
    {
      id: "revision-3-ping-timeout",
      api: "a client of revision 3 that does not ping",
      how: "After `pingInterval + pingTimeout` without a ping the session ends, whatever else the client says.",
      async run(world) {
        const served = await serve(world, { pingInterval: 500, pingTimeout: 500 });
        const { webSocket, socket } = await beginOnWebSocket(world, served);
        const watched = world.watch("socket", socket, "disconnect");
        void world.after(600, () => webSocket.send('42["chatter"]'));
        const late = world.after(1_400, () => world.note("socket", "1,400 ms later"));
        await watched.next("disconnect");
        await late;
      },
      mutation: inCore(
        "new ServerAnsweringHeartbeat(deadlines, port, pingInterval + pingTimeout)",
        "new ServerAnsweringHeartbeat(deadlines, port, 1e6)",
      ),
    },
    {
      id: "revision-3-upgrade",
      api: "the upgrade in revision 3",
      how: "As in revision 4.",
      async run(world) {
        const served = await serve(world);
        const { raw, socket } = await begin(world, served);
        await poll(world, raw);
        const webSocket = await raw.openWebSocket();
        const waiting = raw.request();
        await until(() => socket.conn.transport.writable, "a waiting poll");
        webSocket.send("2probe");
        world.note("websocket", await raw.next());
        world.note("polling", (await waiting).body);
        webSocket.send("5");
        await until(() => socket.conn.transport.name === "websocket", "the upgrade");
        socket.emit("moved");
        world.note("websocket", await raw.next());
      },
      mutation: inServer(
        "transport, request) {",
        "transport, request) {\n\t\tif (revisionOf(request) === REVISION_3) throw 1;",
      ),
    },
    {
      id: "revision-3-namespaces",
      api: "namespaces of clients of revision 3",
      how: "A client is in `/` at once; the query of another namespace is its `auth`; ids follow from the session's.",
      async run(world) {
        const served = await serve(world);
        const chats = inbox(served.io.of("/chat"), "connection");
        const { raw, webSocket, socket } = await beginOnWebSocket(world, served);
        const sessionId = (socket.conn as unknown as { id: string }).id;
        world.note("root", socket.id === sessionId, socket.handshake.auth, socket.handshake.query["EIO"]);
        webSocket.send("40/chat?token=a%20b&n=1,");
        const [chat] = await chats.next();
        world.note("chat", chat.id === `/chat#${sessionId}`, chat.handshake.auth, chat.nsp.name);
        world.note("raw", await raw.next());
        const watched = world.watch("chat", chat, "hello", "disconnect");
        webSocket.send('42/chat,["hello"]');
        await watched.next("hello");
        webSocket.send("41/chat,");
        await watched.next("disconnect");
        webSocket.send("40/nowhere,");
        world.note("raw", await raw.next());
      },
      mutation: inServer("const path = pathOf(nsp);", "const path = nsp;"),
    },
    {
      id: "revision-3-refusals",
      api: "middlewares and clients of revision 3",
      how: "The refusal is the error's `data`, or else its message.",
      async run(world) {
        const served = await serve(world);
        served.io.of("/words").use((_socket, next) => next(new Error("not today")));
        served.io.of("/data").use((_socket, next) => next(Object.assign(new Error("no"), { data: { day: 1 } })));
        const { raw, webSocket } = await beginOnWebSocket(world, served);
        webSocket.send("40/words,");
        world.note("raw", await raw.next());
        webSocket.send("40/data,");
        world.note("raw", await raw.next());
        const closed = await serve(world);
        closed.io.use((_socket, next) => next(new Error("nobody")));
        const other = older(world, closed);
        await other.openWebSocket();
        await other.next();
        world.note("other", await other.next());
      },
      mutation: inServer("data || message", "message || data"),
    },
    {
      id: "revision-3-recovery",
      api: "recovery and clients of revision 3",
      how: "They are told no private id.",
      async run(world) {
        const served = await serve(world, { connectionStateRecovery: {} });
        const { raw, socket } = await beginOnWebSocket(world, served);
        world.note("socket", socket.recovered);
        served.io.emit("news");
        world.note("raw", String(await raw.next()).replace(/,"[^"]+"\]$/, ",<offset>]"));
      },
      mutation: inServer("reply: () => undefined,", "reply: (reply) => reply,"),
    },
    {
      id: "jsonp",
      api: "JSONP",
      how: "A script calls the function whose index the handshake gave; a form brings the payload.",
      async run(world) {
        const served = await serve(world);
        const { raw, socket } = await begin(world, served, { j: "4x2", b64: "1" });
        await poll(world, raw);
        socket.emit("news", "\u2028 </script>", Buffer.from([1]));
        await poll(world, raw);
        const watched = world.watch("socket", socket, "hello");
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        const form = (payload: string): string => `d=${encodeURIComponent(payload)}`;
        world.noteResponse("post", await raw.post(form('18:42["hello","a\\\\nb"]'), { headers }));
        await watched.next("hello");
      },
      mutation: inServer("`___eio[${", "`eio[${"),
    },
    {
      id: "jsonp-not-asked-for",
      api: "JSONP without `allowEIO3`",
      how: "The parameter is not looked at.",
      differs: {
        id: "jsonp",
        official: ['get: 200 "___eio[0]("'],
        hawser: ['get: 200 "0"'],
      },
      async run(world) {
        const { url } = await world.serve();
        const { status, body } = await world.raw(url, { query: { j: "0" } }).request();
        world.note("get", status, /^[^{"]*/.exec(body)![0]);
      },
      mutation: inServer("this.#options.allowEIO3 ? queryValue", "true ? queryValue"),
    },
  ],
};
