/** Servers of HTTPS and of HTTP/2, with and without TLS. */

import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { RawHttp2, RawResponse } from "@hawser/testing";
import type { Socket } from "socket.io";
import { WebSocket } from "ws";
import { inServer, type Topic } from "../row.ts";
import { inbox, until } from "../../harness/waiting.ts";
import { LOCALHOST } from "../certificates.ts";
import { HANDSHAKE } from "../requests.ts";
import type { AnyServer, Served, World } from "../world.ts";

/** Long enough for what happens at once to have happened, in milliseconds. */
const AT_ONCE = 1_000;

/** Clients of HTTP/1.1 hear an echo over each transport, and after an upgrade. */
async function converse(world: World, { io, url }: Served): Promise<void> {
  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    const lane = transports.join(", then ");
    const connections = inbox(io, "connection");
    const client = world.connect(url, { transports, ca: LOCALHOST.cert });
    const [socket] = (await connections.next()) as [Socket];
    io.off("connection", connections.put);
    socket.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
    const { secure, address, url: path, headers } = socket.handshake;
    world.note(lane, secure, address, path.split("?")[0], headers.host);
    if (transports.length > 1) await until(() => socket.conn.transport.name === "websocket", "the upgrade");
    world.note(lane, socket.conn.transport.name, await client.emitWithAck("echo", Buffer.from([1, 2])));
    const atServer = world.watch(lane, socket, "disconnect");
    client.disconnect();
    await atServer.next("disconnect");
  }
}

/** A client in `/`, which speaks HTTP/2. */
class Http2Client {
  readonly sid: string;
  readonly #http2: RawHttp2;
  readonly #path: string;

  private constructor(http2: RawHttp2, sid: string) {
    this.sid = sid;
    this.#http2 = http2;
    this.#path = `${HANDSHAKE}&sid=${sid}`;
  }

  static async join(world: World, { io, url }: Served): Promise<{ client: Http2Client; socket: Socket }> {
    const connections = inbox(io, "connection");
    const http2 = await world.http2(url);
    const { body } = await http2.request(HANDSHAKE);
    const client = new Http2Client(http2, (JSON.parse(body.slice(1)) as { sid: string }).sid);
    await client.post("40");
    await client.get();
    const [socket] = (await connections.next()) as [Socket];
    return { client, socket };
  }

  get(headers: Record<string, string> = {}): Promise<RawResponse> {
    return this.#http2.request(this.#path, { headers });
  }

  post(body: string, headers: Record<string, string> = {}): Promise<RawResponse> {
    return this.#http2.request(this.#path, { method: "POST", body, headers });
  }
}

/** The handshake, an event in either direction and the end, request by request. */
async function converseOverHttp2(world: World, server: AnyServer): Promise<void> {
  const { io, url } = await world.serveOn(server, { cookie: true, cors: { origin: "http://a.example" } });
  io.on("connection", (socket) => {
    world.watch("server", socket, "hello", "disconnect");
    socket.on("hello", (name: string) => socket.emit("greeting", name, Buffer.from([1, 2])));
  });
  const http2 = await world.http2(url);
  world.noteResponse("elsewhere", await http2.request("/page"));
  const opened = await http2.request(HANDSHAKE, { headers: { origin: "http://a.example" } });
  world.noteResponse("open", opened);
  const path = `${HANDSHAKE}&sid=${(JSON.parse(opened.body.slice(1)) as { sid: string }).sid}`;
  for (const body of ["40", '42["hello","ada"]']) {
    world.noteResponse("post", await http2.request(path, { method: "POST", body }));
    world.noteResponse("get", await http2.request(path));
  }
  const poll = http2.request(path);
  await until(() => [...io.sockets.sockets.values()].some(({ conn }) => conn.transport.writable), "the poll");
  world.noteResponse("post", await http2.request(path, { method: "POST", body: "1" }));
  world.noteResponse("get", await poll);
  const { status, headers, bytes } = await http2.request("/socket.io/socket.io.min.js");
  world.note("file", status, headers["content-type"], bytes.length > 1_000);
}

const page = (_request: unknown, response: { end(body: string): unknown }): unknown => response.end("the application");

export const https: Topic = {
  title: "HTTPS and HTTP/2",
  rows: [
    {
      id: "https-server",
      api: "`new Server(httpsServer)`",
      how: "Attached like any other; the handshake tells that the connection is encrypted.",
      async run(world) {
        await converse(world, await world.serveOn(createHttpsServer(LOCALHOST)));
      },
      mutation: inServer("this.secure = socket.encrypted === true;", "this.secure = socket.encrypted === false;"),
    },
    {
      id: "http2-server-http1-clients",
      api: "an HTTP/2 server with `allowHTTP1`, clients of HTTP/1.1",
      how: "Their requests and upgrades come to the same listeners.",
      async run(world) {
        await converse(world, await world.serveOn(createSecureServer({ ...LOCALHOST, allowHTTP1: true })));
      },
      mutation: inServer("this.#engine.handleUpgrade(request, socket, head);", "socket.destroy();"),
    },
    {
      id: "http2-server-polling",
      api: "an HTTP/2 server with TLS, clients of HTTP/2",
      how: "Long-polling, each request on a stream of its own.",
      async run(world) {
        await converseOverHttp2(world, createSecureServer({ ...LOCALHOST, allowHTTP1: true }, page));
      },
      mutation: inServer('"cache-control": "no-store"', '"cache-control": "no-cache"'),
    },
    {
      id: "http2-cleartext-polling",
      api: "an HTTP/2 server without TLS",
      how: "The same; for WebSockets it has no upgrades, and such clients get a `connect_error`.",
      async run(world) {
        const server = createHttp2Server(page);
        await converseOverHttp2(world, server);
        const { port } = server.address() as { port: number };
        const client = world.connect(`http://127.0.0.1:${port}`, { reconnection: false });
        const [error] = await inbox(client, "connect_error").next();
        world.note("websocket", error.message, error.type);
      },
      mutation: inServer(
        "const payload = this.#revision.encodePayload(packets, this.#supportsBinary);",
        'const payload = "";',
      ),
    },
    {
      id: "http2-upgrade",
      api: "an upgrade from HTTP/2",
      how: "The WebSocket comes over HTTP/1.1, as from browsers, and takes the session over.",
      async run(world) {
        const served = await world.serveOn(createSecureServer({ ...LOCALHOST, allowHTTP1: true }));
        const { client, socket } = await Http2Client.join(world, served);
        const upgrades = inbox(socket.conn, "upgrade");
        const poll = client.get();
        await until(() => socket.conn.transport.writable, "the poll");
        const url = `${served.url.replace("https", "wss")}/socket.io/?EIO=4&transport=websocket&sid=${client.sid}`;
        const webSocket = new WebSocket(url, { rejectUnauthorized: false });
        world.defer(() => webSocket.terminate());
        const frames = inbox(webSocket, "message");
        await inbox(webSocket, "open").next();
        webSocket.send("2probe");
        world.note("websocket", String((await frames.next())[0]));
        world.note("poll", (await poll).body);
        webSocket.send("5");
        await upgrades.next();
        socket.emit("hello", socket.conn.transport.name);
        world.note("websocket", String((await frames.next())[0]));
      },
      mutation: inServer("!session.upgradeTo(transport)", "true"),
    },
    {
      id: "http2-request",
      api: "`socket.request`, `socket.handshake` over HTTP/2",
      how: "What is remembered of the request holds its version and the pseudo-headers.",
      async run(world) {
        const served = await world.serveOn(createHttp2Server());
        const { socket } = await Http2Client.join(world, served);
        const { httpVersion, httpVersionMajor, method, url, headers } = socket.request;
        world.note("request", httpVersion, httpVersionMajor, method, url);
        world.note("headers", Object.entries(headers));
        const { address, xdomain, secure, query } = socket.handshake;
        world.note("handshake", address, xdomain, secure, { ...query }, socket.conn.remoteAddress);
      },
      mutation: inServer("request.httpVersion = this.#httpVersion;", 'request.httpVersion = "1.1";'),
    },
    {
      id: "http2-handshake-secure",
      api: "`socket.handshake.secure` over HTTP/2 with TLS",
      how: "Read when the request arrives; later its stream knows nothing of the connection.",
      async run(world) {
        const served = await world.serveOn(createSecureServer(LOCALHOST));
        const { socket } = await Http2Client.join(world, served);
        world.note("handshake", socket.handshake.secure);
      },
      mutation: inServer("this.secure = socket.encrypted === true;", "this.secure = socket.encrypted === 1;"),
      differs: { id: "http2-secure", official: ["handshake: false"], hawser: ["handshake: true"] },
    },
    {
      id: "http2-refusals",
      api: "refused requests over HTTP/2",
      how: "The same statuses; instead of the connection, the stream of a body that nobody reads is closed.",
      async run(world) {
        const served = await world.serveOn(createHttp2Server(), { maxHttpBufferSize: 100 });
        const http2 = await world.http2(served.url);
        for (const query of ["EIO=4&transport=websocket", "EIO=4&transport=polling&sid=none", "EIO=4&transport=x"]) {
          world.noteResponse(query, await http2.request(`/socket.io/?${query}`));
        }
        const { client, socket } = await Http2Client.join(world, served);
        world.watch("socket", socket, "here", "disconnect");
        world.noteResponse("too large", await client.post(`4${"x".repeat(200)}`));
        world.note("still", (await client.post('42["here"]')).status);
        world.noteResponse("binary", await client.post("40", { "content-type": "application/octet-stream" }));
      },
      mutation: inServer("this.#refusePost(post, 413);", "this.#refusePost(post, 400);"),
    },
    {
      id: "http2-compression",
      api: "option `httpCompression` over HTTP/2",
      how: "The answer is compressed, and sent whole.",
      async run(world) {
        const served = await world.serveOn(createHttp2Server());
        const { client, socket } = await Http2Client.join(world, served);
        const atServer = world.watch("server", socket, "disconnect", "bye");
        socket.emit("large", "x".repeat(5_000));
        await until(() => !socket.conn.transport.writable, "no poll");
        const { status, headers, bytes } = await client.get({ "accept-encoding": "gzip" });
        world.note("get", status, headers["content-encoding"], bytes.length > 20 && bytes.length < 1_000);
        const { status: alive } = await client.post('42["bye"]');
        world.note("post", alive);
        await Promise.race([atServer.next("bye"), atServer.next("disconnect")]);
      },
      mutation: inServer('compressed, contentType, { "Content-Encoding": encoding }', "compressed, contentType"),
      differs: {
        id: "http2-compression",
        official: [
          'get: 200 "gzip" true',
          "post: 400",
          'server: disconnect "transport error" Error("poll connection closed prematurely" type "TransportError")',
        ],
        hawser: ['get: 200 "gzip" true', "post: 200", "server: bye"],
      },
    },
    {
      id: "http2-close",
      api: "`io.close()` on an HTTP/2 server",
      how: "Connections are asked to end once their requests are answered; the HTTP server waits for them.",
      async run(world) {
        const { io, url } = await world.serveOn(createHttp2Server());
        const http2 = await world.http2(url);
        await http2.request(HANDSHAKE);
        const closed = io.close().then(() => world.note("server", "closed"));
        await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, AT_ONCE))]);
        world.note("server", "the client leaves");
        http2.end();
        await closed;
      },
      mutation: inServer("this.#http2Sessions.close();", ""),
      differs: {
        id: "http2-close",
        official: ["server: the client leaves", "server: closed"],
        hawser: ["server: closed", "server: the client leaves"],
      },
    },
  ],
};
