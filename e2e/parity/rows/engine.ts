/** The engine in front of it all: what applications may add to requests and responses. */

import type { Socket } from "node:net";
import { RawWebSocket } from "@hawser/testing";
import { inServer, type Topic } from "../row.ts";
import { inbox, Inbox, until } from "../../harness/waiting.ts";
import { HANDSHAKE, WEBSOCKET_HANDSHAKE } from "../requests.ts";

export const engine: Topic = {
  title: "Engine: headers, CORS, cookies, requests",
  rows: [
    {
      id: "engine-headers-events",
      api: "engine events `initial_headers` and `headers`",
      how: "Before each response the headers can be changed: for a session's first response by both, then by `headers`.",
      async run(world) {
        const { io, url } = await world.serve();
        for (const event of ["initial_headers", "headers"]) {
          io.engine.on(event, (headers: Record<string, string>, request: { method: string; url: string }) => {
            world.note("engine", event, request.method, /sid=/.test(request.url), Object.keys(headers).sort());
            headers[`x-${event.replace("_", "-")}`] = "1";
          });
        }
        const raw = world.raw(url);
        const response = await raw.get();
        world.noteResponse("handshake", response);
        raw.handshake = JSON.parse(response.body.slice(1));
        world.noteResponse("post", await raw.post("40"));
        world.noteResponse("get", await raw.get());
        const socket = await raw.openWebSocket();
        world.note("upgrade", socket.headers["x-initial-headers"], socket.headers["x-headers"]);
        const other = await world.raw(url).openWebSocket();
        world.note("websocket", other.headers["x-initial-headers"], other.headers["x-headers"]);
      },
      mutation: inServer('("initial_headers", headers, request);', '("headers", headers, request);'),
    },
    {
      id: "engine-connection-event",
      api: "engine event `connection`",
      how: "Told of each session with its façade, before any namespace is joined.",
      async run(world) {
        const { io, url } = await world.serve();
        const connections = inbox(io.engine, "connection");
        const raw = world.raw(url);
        await raw.connect();
        const [conn] = await connections.next();
        world.note(
          "conn",
          conn.id === raw.sid,
          conn.readyState,
          conn.transport.name,
          conn.protocol,
          conn.request.method,
        );
        const messages = inbox(conn, "message");
        await raw.send("4anything");
        world.note("conn", await messages.next());
      },
      mutation: inServer("onPacket(packet) {", "onPacket(packet) {\n\t\tif (packet.data === 'anything') return;"),
    },
    {
      id: "connection-transport",
      api: "`socket.conn.transport`: `name`, `sid`, `protocol`, `readyState`",
      how: "The transport itself says what it is; the session's id is put on it when somebody asks for the transport.",
      async run(world) {
        const served = await world.serve();
        for (const name of ["polling", "websocket"] as const) {
          const raw = world.raw(served.url);
          const connections = inbox(served.io, "connection");
          await raw.connect(name);
          await raw.join();
          const [{ conn }] = await connections.next();
          const { transport } = conn;
          const closed = inbox(conn, "close");
          world.note(name, transport.name, transport.sid === conn.id, transport.protocol, transport.readyState);
          await raw.close();
          if (name === "polling") conn.close(true);
          await closed.next();
          world.note(name, transport.readyState);
        }
      },
      mutation: inServer("transport.sid ??= this.id;", ""),
    },
    {
      id: "engine-middleware",
      api: "`io.engine.use()`",
      how: "Express-style middlewares run on each request before it is looked at; what they set goes with the response.",
      async run(world) {
        const { io, url } = await world.serve();
        io.engine.use((request: { url: string; method: string }, response: any, next: () => void) => {
          world.note("middleware", request.method, request.url.includes("sid="), response.getHeader("x-first"));
          response.setHeader("x-first", "1");
          setImmediate(next);
        });
        io.engine.use((_request: unknown, response: any, next: () => void) => {
          world.note("middleware", response.getHeader("x-first"));
          response.setHeader("x-second", "2");
          next();
        });
        const raw = world.raw(url);
        const response = await raw.get();
        world.noteResponse("handshake", response);
        raw.handshake = JSON.parse(response.body.slice(1));
        world.noteResponse("refused", await raw.request({ query: { sid: "unknown" } }));
        const { headers } = await raw.openWebSocket();
        world.note("upgrade", headers["x-first"], headers["x-second"]);
      },
      mutation: inServer("lines.push(...this.#moreHeaders.get(request) ?? []);", ""),
    },
    {
      id: "engine-middleware-error",
      api: "`next(error)` in an engine middleware",
      how: "The request is refused as a bad one, with `MIDDLEWARE_FAILURE` for `connection_error` listeners.",
      async run(world) {
        const { io, url, port } = await world.serve();
        io.engine.use((_request: unknown, _response: unknown, next: (error: Error) => void) => next(new Error("no")));
        io.engine.on("connection_error", ({ req, code, message, context }: any) => {
          world.note("engine", typeof req.url, code, message, context.name);
        });
        world.noteResponse("polling", await world.request(url + HANDSHAKE));
        const tcp = await world.tcp(port);
        tcp.write(WEBSOCKET_HANDSHAKE);
        await tcp.closed;
        world.note("websocket", tcp.received);
      },
      mutation: inServer("const { code, message } = rejection;", "const { message } = rejection, code = 9;"),
    },
    {
      id: "engine-middleware-ends",
      api: "an engine middleware that answers by itself",
      how: "Nothing else happens to that request, an upgrade's either.",
      async run(world) {
        const { io, url } = await world.serve();
        io.engine.use((_request: unknown, response: any) => {
          response.writeHead(503, { "x-why": "maintenance" });
          response.end();
        });
        world.noteResponse("polling", await world.request(url + HANDSHAKE));
      },
      mutation: inServer("if (middlewares.length === 0) {", "if (request.method === 'GET') {"),
    },
    {
      id: "engine-middleware-ends-upgrade",
      api: "an engine middleware that answers an upgrade by itself",
      how: "It has a response of Node's, so that the client is told what the middleware says.",
      async run(world) {
        const { io, port } = await world.serve();
        io.engine.use((_request: unknown, response: any) => {
          response.writeHead(503, { "x-why": "maintenance" });
          response.end();
        });
        const tcp = await world.tcp(port);
        tcp.write(WEBSOCKET_HANDSHAKE);
        await tcp.closed;
        world.note("websocket", tcp.received.split("\r\n")[0]);
      },
      mutation: inServer("super.writeHead(status)", "super.writeHead(500)"),
      differs: {
        id: "answered-upgrade",
        official: ["websocket: "],
        hawser: ["websocket: HTTP/1.1 503 Service Unavailable"],
      },
    },
    {
      id: "request-query",
      api: "`socket.handshake.query`, `request._query`",
      how: "An object like any other, with the last value of each key, the reserved ones too.",
      async run(world) {
        const { io, url } = await world.serve();
        const connections = inbox(io, "connection");
        const query =
          "EIO=3&EIO=4&transport=x&transport=polling&a=1&a=2&__proto__=b&constructor=c&d=%20e+f&g&h=%E0%A4%A";
        const raw = world.raw(url);
        const response = await world.request(`${url}/socket.io/?${query}`);
        world.noteResponse("handshake", response);
        raw.handshake = JSON.parse(response.body.slice(1));
        world.noteResponse("connect", await raw.post("40"));
        const [socket] = await connections.next();
        world.note("query", Object.entries(socket.handshake.query), socket.handshake.query.hasOwnProperty("a"));
        world.note("request", socket.request._query === socket.handshake.query);
      },
      mutation: inServer("Object.fromEntries(new URLSearchParams(", "Object.fromEntries(new Map("),
    },
    {
      id: "engine-middleware-head",
      api: "an engine middleware that adds to the head of each response, as `express-session` does",
      how: "The head is written before the 101, too, and what was set goes with it; `finish` never comes, `close` at the end.",
      async run(world) {
        const { io, port } = await world.serve();
        const events = new Inbox("events of the response");
        io.engine.use((request: { socket: Socket }, response: any, next: () => void) => {
          world.note("response", response.req === request, response.socket === request.socket);
          for (const event of ["finish", "close"]) response.once(event, () => events.put(event));
          const { writeHead } = response;
          response.writeHead = (...args: unknown[]) => {
            response.setHeader("Set-Cookie", "a=b");
            return writeHead.apply(response, args);
          };
          next();
        });
        const tcp = await world.tcp(port);
        tcp.write(WEBSOCKET_HANDSHAKE);
        const head = await tcp.until("\r\n\r\n");
        world.note("101", head.split("\r\n")[0], /^Set-Cookie: .*$/m.exec(head)?.[0]);
        await tcp[Symbol.asyncDispose]();
        world.note("response", ...(await events.next()));
      },
      mutation: inServer("this.writeHead(101);", ""),
    },
    {
      id: "option-allow-request",
      api: "option `allowRequest`",
      how: "Asked for handshakes only, after the checks that need no application; a no is 403, with the application's message.",
      async run(world) {
        const { url, port, io } = await world.serve({
          allowRequest: (request, callback) => {
            world.note("asked", request.method, request.headers["x-pass"], request.url!.includes("sid="));
            const pass = request.headers["x-pass"];
            if (pass === "why") callback("not today", false);
            else setImmediate(() => callback(null, pass === "yes"));
          },
        });
        io.engine.on("connection_error", ({ code, message, context }: any) =>
          world.note("engine", code, message, context),
        );
        world.noteResponse("no", await world.request(url + HANDSHAKE));
        world.noteResponse("why", await world.request(url + HANDSHAKE, { headers: { "x-pass": "why" } }));
        const raw = world.raw(url, { headers: { "x-pass": "yes" } });
        await raw.connect("polling");
        await raw.join();
        await raw.upgrade();
        world.noteResponse("unknown transport", await world.request(`${url}/socket.io/?EIO=4&transport=x`));
        const tcp = await world.tcp(port);
        tcp.write(WEBSOCKET_HANDSHAKE);
        await tcp.closed;
        world.note("websocket", tcp.received);
      },
      mutation: inServer("reject(REJECTIONS.FORBIDDEN, { message }", "reject(REJECTIONS.FORBIDDEN, {}"),
    },
    {
      id: "option-cors",
      api: "option `cors`: answers",
      how: "An engine middleware of our own sets what the `cors` package would set.",
      async run(world) {
        const variants: Record<string, object> = {
          any: { origin: "*" },
          true: { origin: true },
          one: { origin: "http://a.example" },
          list: { origin: ["http://a.example", /\.b\.example$/], credentials: true, exposedHeaders: ["x-a", "x-b"] },
          pattern: { origin: /a\.example/ },
          false: { origin: false },
          empty: {},
          "list with true": { origin: ["http://a.example", true] },
          "list with false": { origin: [false, "http://a.example"] },
          "origin undefined": { origin: undefined, credentials: true },
          "origin null": { origin: null },
          "not quite true": { credentials: 1, exposedHeaders: [] },
          function: {
            origin: (origin: string, done: (error: null, allowed: unknown) => void) =>
              done(null, origin === "http://a.example"),
          },
        };
        for (const [name, cors] of Object.entries(variants)) {
          const { url } = await world.serve({ cors });
          for (const origin of ["http://a.example", "http://x.b.example", undefined]) {
            const headers = origin ? { origin } : {};
            const response = await world.request(`${url}/socket.io/?EIO=4&transport=x`, { headers });
            world.noteResponse(`${name} ${origin}`, response);
          }
        }
      },
      mutation: inServer(
        'setHeader("Access-Control-Allow-Credentials", "true")',
        'setHeader("Access-Control-Allow-Credentials", "false")',
      ),
    },
    {
      id: "option-cors-preflight",
      api: "option `cors`: preflight requests",
      how: "OPTIONS is answered with 204 and no body, and the requested headers are reflected unless they are given.",
      async run(world) {
        const variants: Record<string, object> = {
          any: { origin: "*" },
          full: {
            origin: "http://a.example",
            methods: ["GET", "POST"],
            allowedHeaders: ["x-a"],
            credentials: true,
            maxAge: 60,
            optionsSuccessStatus: 200,
          },
          true: { origin: true, methods: "GET,POST", allowedHeaders: "x-a,x-b", exposedHeaders: "x-c" },
          continue: { origin: "*", preflightContinue: true },
        };
        for (const [name, cors] of Object.entries(variants)) {
          const { url } = await world.serve({ cors });
          const response = await world.request(url + HANDSHAKE, {
            method: "OPTIONS",
            headers: { origin: "http://a.example", "access-control-request-headers": "x-custom,content-type" },
          });
          world.noteResponse(name, response);
        }
        const { url } = await world.serve({ cors: { origin: "*" } });
        const plain = await world.request(url + HANDSHAKE, {
          method: "OPTIONS",
          headers: { origin: "http://a.example" },
        });
        world.noteResponse("no headers asked for", plain);
      },
      mutation: inServer('"GET,HEAD,PUT,PATCH,POST,DELETE"', '"GET,HEAD,PUT,POST,DELETE"'),
    },
    {
      id: "option-cors-delegate",
      api: "option `cors` as a function of the request",
      how: "The function chooses the options; its error refuses the request.",
      async run(world) {
        const { url } = await world.serve({
          cors: (request, done) => {
            if (request.headers["x-fail"]) done(new Error("no"));
            else done(null, { origin: request.headers["x-trusted"] ? request.headers.origin! : false });
          },
        });
        for (const name of ["x-trusted", "x-other", "x-fail"]) {
          const headers = { origin: "http://a.example", [name]: "1" };
          world.noteResponse(name, await world.request(`${url}/socket.io/?EIO=4&transport=x`, { headers }));
        }
      },
      mutation: inServer('if (typeof settings !== "function") {', "if (true) {"),
    },
    {
      id: "option-cors-none",
      api: "without `cors`",
      how: "No response carries a CORS header, and OPTIONS is a bad handshake method.",
      async run(world) {
        const { url } = await world.serve();
        const headers = { origin: "http://a.example" };
        world.noteResponse("options", await world.request(url + HANDSHAKE, { method: "OPTIONS", headers }));
        world.noteResponse("get", await world.request(`${url}/socket.io/?EIO=4&transport=x`, { headers }));
      },
      mutation: inServer('2: "Bad handshake method"', '2: "Bad method"'),
    },
    {
      id: "option-cors-client-files",
      api: "option `cors` and the served files",
      how: "The same middleware guards the files.",
      async run(world) {
        const { url } = await world.serve({ cors: { origin: "http://a.example" } });
        const { status, headers } = await world.request(`${url}/socket.io/socket.io.js`, {
          headers: { origin: "http://a.example" },
        });
        world.note("file", status, headers["access-control-allow-origin"], headers["vary"]);
      },
      mutation: inServer(
        'response.setHeader("Access-Control-Allow-Origin", allowed);',
        'response.setHeader("Access-Control-Allow-Origin", "x");',
      ),
    },
    {
      id: "option-cookie",
      api: "option `cookie`",
      how: "The first polling response of a session sets it; the value is the session id.",
      async run(world) {
        const variants: Record<string, any> = {
          true: true,
          named: { name: "affinity", path: "/x", httpOnly: false, sameSite: "strict" },
          full: { name: "io", domain: "a.example", secure: true, maxAge: 60.5, sameSite: "none", expires: new Date(0) },
          "no path": { path: false },
          kept: { partitioned: true, secure: true, priority: "high" },
          "by other words": { priority: "LOW", sameSite: "None", maxAge: 0, domain: ".a.example" },
          encoded: { encode: (sid: string) => `"${sid}"` },
          "same site": { sameSite: true },
          "no same site": { sameSite: false },
          off: false,
        };
        for (const [name, cookie] of Object.entries(variants)) {
          const { url } = await world.serve({ cookie });
          const raw = world.raw(url);
          const response = await raw.get();
          world.note(name, response.headers["set-cookie"]);
          raw.handshake = JSON.parse(response.body.slice(1));
          world.note(name, (await raw.post("40")).headers["set-cookie"], (await raw.get()).headers["set-cookie"]);
        }
      },
      mutation: inServer('sameSite: "lax"', 'sameSite: "strict"'),
    },
    {
      id: "option-cookie-websocket",
      api: "option `cookie` over a WebSocket",
      how: "The 101 of a session that begins on a WebSocket sets the cookie too.",
      async run(world) {
        const { url } = await world.serve({ cookie: true });
        const raw = world.raw(url);
        const { headers } = await raw.openWebSocket();
        world.note("101", headers["set-cookie"]);
      },
      mutation: inServer(
        "if (!session) {\n\t\t\t\t\tthis.#headers.markInitial",
        "if (false) {\n\t\t\t\t\tthis.#headers.markInitial",
      ),
      differs: {
        id: "websocket-cookie",
        official: ["101: undefined"],
        hawser: ['101: ["io=<id 1>; Path=/; HttpOnly; SameSite=Lax"]'],
      },
    },
    {
      id: "option-http-compression",
      api: "option `httpCompression`, `compress(false)`",
      how: "A payload from the threshold on is compressed if the client accepts it and a packet of it may be.",
      async run(world) {
        const text = "x".repeat(2_000);
        for (const [name, httpCompression] of Object.entries({
          default: undefined,
          off: false,
          all: { threshold: 0 },
        })) {
          const served = await world.serve(
            httpCompression === undefined ? {} : { httpCompression: httpCompression as never },
          );
          const { raw, socket } = await world.handPolled(served);
          for (const accepted of ["gzip", "deflate", "br", ""]) {
            socket.emit("x", text);
            const response = await raw.request({ headers: { "accept-encoding": accepted } });
            world.note(name, accepted, response.headers["content-encoding"], response.headers["content-type"]);
          }
          socket.compress(false).emit("x", text);
          const plain = await raw.request({ headers: { "accept-encoding": "gzip" } });
          world.note(name, "compress(false)", plain.headers["content-encoding"]);
          socket.emit("short");
          const short = await raw.request({ headers: { "accept-encoding": "gzip" } });
          world.note(name, "short", short.headers["content-encoding"]);
        }
      },
      mutation: inServer("httpCompression: { threshold: 1024 }", "httpCompression: { threshold: 10 }"),
    },
    {
      id: "option-per-message-deflate",
      api: "option `perMessageDeflate`",
      how: "Negotiated only if the option is on; `ws` then compresses from the threshold on.",
      async run(world) {
        for (const [name, perMessageDeflate] of Object.entries({ off: false, on: true, set: { threshold: 10 } })) {
          const served = await world.serve({ perMessageDeflate });
          const frames = new Inbox("a frame");
          const socket = await RawWebSocket.open(`ws://127.0.0.1:${served.port}/socket.io/?EIO=4&transport=websocket`, {
            perMessageDeflate: true,
            onFrame: frames.put,
          });
          world.defer(() => socket.terminate());
          world.note(name, socket.headers["sec-websocket-extensions"]);
          await frames.next();
          socket.send("40");
          await frames.next();
          served.io.emit("x", "y".repeat(2_000));
          world.note(name, String((await frames.next())[0]).length);
        }
      },
      mutation: inServer("maxPayload: maxHttpBufferSize,\n\t\t\tperMessageDeflate", "maxPayload: maxHttpBufferSize"),
    },
    {
      id: "compress-websocket",
      api: "`compress(false)` over a WebSocket",
      how: "The flag of an event reaches `ws`, which then sends the frame as it is.",
      async run(world) {
        const served = await world.serve({ perMessageDeflate: true });
        const connections: Socket[] = [];
        served.http.on("connection", (connection: Socket) => connections.push(connection));
        const frames = new Inbox("a frame");
        const webSocket = await RawWebSocket.open(
          `ws://127.0.0.1:${served.port}/socket.io/?EIO=4&transport=websocket`,
          {
            perMessageDeflate: true,
            onFrame: frames.put,
          },
        );
        world.defer(() => webSocket.terminate());
        await frames.next();
        webSocket.send("40");
        await frames.next();
        const text = "x".repeat(20_000);
        for (const compress of [true, false]) {
          const before = connections[0]!.bytesWritten;
          served.io.compress(compress).emit("x", text);
          await frames.next();
          const sent = connections[0]!.bytesWritten - before;
          world.note(`compress(${compress})`, sent < text.length ? "is smaller" : "is as it was");
        }
      },
      mutation: inServer("this.socket.extensions && packet.options?.compress === false", "false"),
      differs: {
        id: "compress-websocket",
        official: ["compress(false): is smaller", "compress(true): is smaller"],
        hawser: ["compress(false): is as it was", "compress(true): is smaller"],
      },
    },
    {
      id: "option-ws-engine",
      api: "option `wsEngine`",
      how: "Any class with the methods of `ws`'s server takes the upgrades, with `ws`'s options.",
      async run(world) {
        const { WebSocketServer } = await import("ws");
        let made = 0;
        class Custom extends WebSocketServer {
          constructor(options: Record<string, unknown>) {
            super(options);
            // Another one may be made when the HTTP server listens.
            if (made++ > 0) return;
            world.note("engine", Object.keys(options).sort(), options["maxPayload"], options["clientTracking"]);
          }
        }
        const served = await world.serve({ wsEngine: Custom as never, maxHttpBufferSize: 5_000 });
        const { raw, socket } = await world.rawPair(served);
        socket.emit("hello", Buffer.from([1]));
        world.note("raw", await raw.next(), await raw.next());
      },
      mutation: inServer(
        "const resolved = { ...options };",
        "const resolved = { ...options, wsEngine: DefaultWebSocketEngine };",
      ),
    },
    {
      id: "option-parser",
      api: "option `parser`",
      how: "An Encoder and a Decoder of the application stand in for the default codec.",
      async run(world) {
        const { EventEmitter } = await import("node:events");
        class Encoder {
          encode(packet: unknown): string[] {
            return [JSON.stringify(packet)];
          }
        }
        class Decoder extends EventEmitter {
          add(chunk: string): void {
            this.emit("decoded", JSON.parse(chunk));
          }
          destroy(): void {
            world.note("decoder", "destroyed");
          }
        }
        const served = await world.serve({ parser: { Encoder, Decoder } });
        const connections = inbox(served.io, "connection");
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send('4{"type":0,"nsp":"/","data":{"a":1}}');
        const [socket] = await connections.next();
        world.note("socket", socket.handshake.auth);
        const shown = async (): Promise<void> => world.note("raw", JSON.parse(String(await raw.next()).slice(1)).data);
        await shown();
        socket.emit("hello", 1);
        await shown();
        const received = inbox(socket, "event");
        await raw.send('4{"type":2,"nsp":"/","data":["event",{"b":2}]}');
        world.note("socket", await received.next());
        const left = inbox(socket, "disconnect");
        raw.webSocket!.close();
        await left.next();
        await until(() => world.transcript.lines.includes("decoder: destroyed"), "the decoder's end");
      },
      mutation: inServer("this.opts.parser ? codecOf(this.opts.parser, toPacket) : JSON_CODEC", "JSON_CODEC"),
    },
  ],
};
