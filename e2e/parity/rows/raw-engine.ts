/** The engine by itself: how it comes to be, which requests it takes, and what it tells of them. */

import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { RawResponse } from "@hawser/testing";
import type { Server } from "engine.io";
import { Inbox, inbox, until } from "../../harness/waiting.ts";
import {
  ENGINE_PATH,
  handshakeAt,
  listening,
  noteEvents,
  pollingSession,
  rawClient,
  serveEngine,
  webSocketSession,
  type ServedEngine,
} from "../raw-engine.ts";
import { upgradeRequest } from "../requests.ts";
import { inEngine, type Topic } from "../row.ts";
import type { World } from "../world.ts";

/** What an upgrade request is answered with, until the connection ends. */
async function refusedUpgrade(world: World, { port }: ServedEngine, address: string, ...headers: string[]) {
  const tcp = await world.tcp(port);
  tcp.write(upgradeRequest(address, headers));
  await tcp.closed;
  return tcp.received;
}

/** A polling handshake. */
const handshake = (world: World, { url }: ServedEngine, headers: Record<string, string> = {}): Promise<RawResponse> =>
  world.request(url + handshakeAt("polling"), { headers });

/** Notes the headers of an answer that a row is about. */
function noteHeaders(world: World, lane: string, { status, headers }: RawResponse, ...names: string[]): void {
  world.note(lane, status, ...names.map((name) => headers[name]));
}

type VerifyCallback = (code?: 0 | 1 | 2 | 3 | 4 | 5, context?: Record<string, unknown>) => void;

export const rawEngine: Topic = {
  title: "The engine by itself: requests",
  rows: [
    {
      id: "raw-exports",
      api: "`protocol`, `parser`, `transports`, `Server.errors`, `Server.errorMessages`",
      how: "What the core and the refusals are made of, under their names.",
      run(world) {
        const { protocol, parser, transports, Server: Engine, Socket } = world.engine;
        world.note("module", protocol, Object.keys(transports), Engine, Socket);
        const { encodePacket, encodePayload, decodePacket, decodePayload } = parser;
        world.note("parser", parser.protocol, encodePacket, encodePayload, decodePacket("4hello"), decodePayload);
        const { errors, errorMessages } = Engine as unknown as Record<string, Record<string, unknown>>;
        world.note("errors", Object.entries(errors!).join(" "), errorMessages);
        const engine = new Engine();
        world.note("engine", engine.clientsCount, engine.close() === engine);
        return Promise.resolve();
      },
      mutation: inEngine("BAD_HANDSHAKE_METHOD: 2,", "BAD_METHOD: 2,"),
    },
    {
      id: "raw-attach",
      api: "`attach(httpServer, options)`, options `path`, `addTrailingSlash`",
      how: "An engine that takes the requests below its path; all others go to the listeners that were there.",
      async run(world) {
        const paths = ["/", "/engine.io", "/engine.io/", "/engine.io/deeper", "/raw", "/raw/", "/rawer"];
        for (const options of [{}, { path: "/raw/" }, { path: "/raw", addTrailingSlash: false }]) {
          const lane = JSON.stringify(options);
          const http: HttpServer = createServer(function (this: unknown, request, response) {
            response.end(`${request.url} is the application's, ${this === http}`);
          });
          const engine = world.engine.attach(http, options);
          const { url } = await listening(world, http, engine);
          for (const path of paths) {
            const { status, body } = await world.request(`${url}${path}?transport=none`);
            world.note(lane, path, status, body);
          }
          world.note(lane, engine instanceof world.engine.Server);
        }
      },
      mutation: inEngine('options, "/engine.io")', 'options, "/raw.io")'),
    },
    {
      id: "raw-attach-twice",
      api: "two engines on one HTTP server",
      how: "Each takes the requests below its path; what the first leaves is not a listener any more, but a part of the second.",
      async run(world) {
        const http = createServer((_request, response) => response.end("the application"));
        const engines = ["/one", "/two"].map((path) => world.engine.attach(http, { path }));
        const { url } = await listening(world, http, engines[0]!);
        world.defer(() => engines[1]!.close());
        for (const path of ["/one/", "/two/", "/"]) {
          const { status, body } = await world.request(`${url}${path}?EIO=4&transport=polling`);
          world.note(path, status, body, ...engines.map(({ clientsCount }) => clientsCount));
        }
        await rawClient(world, { url }, { path: "/two/" }).openWebSocket();
        await rawClient(world, { url }, { path: "/one/" }).openWebSocket();
        world.note("websockets", ...engines.map(({ clientsCount }) => clientsCount));
      },
      mutation: inEngine("for (const listener of others) {", "for (const listener of []) {"),
    },
    {
      id: "raw-attach-upgrades",
      api: "options `destroyUpgrade`, `destroyUpgradeTimeout` of `attach()`",
      how: "An upgrade request for another path is ended after the time limit, unless something was written or the option is off.",
      async run(world) {
        const strict = await serveEngine(world, { destroyUpgradeTimeout: 5 });
        world.note("nobody's", await refusedUpgrade(world, strict, "/elsewhere"), "ended");
        for (const destroyUpgrade of [true, false]) {
          const served = await serveEngine(world, { destroyUpgrade, destroyUpgradeTimeout: 5 });
          served.http.on("upgrade", (_request, socket) => {
            if (destroyUpgrade) socket.write("taken ");
            // Later than the time limit, by the clock of the same event loop.
            setTimeout(() => socket.end("and left alone"), 20);
          });
          world.note(`destroyUpgrade ${destroyUpgrade}`, await refusedUpgrade(world, served, "/elsewhere"));
        }
      },
      mutation: inEngine("options.destroyUpgrade !== false", "true"),
    },
    {
      id: "raw-transports",
      api: "options `transports`, `allowUpgrades`",
      how: "What is not among the transports is refused and not offered; without WebSockets upgrade requests are requests like any other.",
      async run(world) {
        for (const options of [{ transports: ["polling"] }, { transports: ["websocket"] }, { allowUpgrades: false }]) {
          const lane = JSON.stringify(options);
          const served = await serveEngine(world, options as object);
          const { status, body } = await handshake(world, served);
          world.note(lane, "polling", status, body);
          const tcp = await world.tcp(served.port);
          tcp.write(upgradeRequest(handshakeAt("websocket")));
          world.note(lane, "websocket", (await tcp.until(/\r\n\r\n/)).split("\r\n")[0]);
        }
        const http = createServer((_request, response) => response.end("the application"));
        const served = await listening(world, http, world.engine.attach(http, { transports: ["polling"] }));
        const tcp = await world.tcp(served.port);
        tcp.write(upgradeRequest("/elsewhere"));
        world.note("elsewhere", (await tcp.until("application")).split("\r\n").at(-1));
      },
      mutation: inEngine("if (engine.takesUpgrades) {", "{"),
    },
    {
      id: "raw-listen",
      api: "`listen(port, options, callback)`",
      how: "An engine on an HTTP server of its own, `engine.httpServer`, which answers all else with 501.",
      async run(world) {
        const ways: Record<string, (told: () => void) => Server> = {
          "options and callback": (told) => world.engine.listen(0, { pingInterval: 1_000 }, told),
          "callback alone": (told) => world.engine.listen(0, told as never),
        };
        for (const [name, listen] of Object.entries(ways)) {
          const calls = new Inbox("the callback");
          const engine = listen(calls.put);
          const http = (engine as unknown as { httpServer: HttpServer }).httpServer;
          world.defer(() => http.close());
          world.defer(() => engine.close());
          world.note(name, "told", await calls.next(), http.listening);
          const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
          world.noteResponse(name, await world.request(url));
          world.note(name, (await world.request(url + handshakeAt("polling"))).body);
        }
      },
      mutation: inEngine("response.writeHead(501);", "response.writeHead(404);"),
    },
    {
      id: "raw-by-hand",
      api: "`new Server(options)`, `handleRequest()`, `handleUpgrade()`",
      how: "Whatever is handed to the engine is the engine's, at any path.",
      async run(world) {
        const engine = new world.engine.Server({ pingInterval: 7_000 });
        const http = createServer((request, response) => {
          if (request.url!.startsWith("/shut")) response.writeHead(404).end();
          else engine.handleRequest(request as never, response);
        });
        http.on("upgrade", (request, socket, head) => engine.handleUpgrade(request as never, socket, head));
        const served = await listening(world, http, engine);
        for (const path of ["/", "/anything/else"]) {
          const connections = inbox(engine, "connection");
          const raw = rawClient(world, served, { path });
          await raw.connect("polling");
          const [socket] = await connections.next();
          const messages = noteEvents(world, path, socket, "upgrade", "message");
          await raw.send("4one");
          await raw.upgrade();
          await raw.send("4two");
          await messages.take(2);
          socket.send("three");
          world.note(path, await raw.next("4three"), raw.handshake);
          engine.removeAllListeners("connection");
        }
        world.note("shut", (await world.request(`${served.url}/shut`)).status);
      },
      mutation: inEngine("resolved[name] = numberOf(options, name) ?? value;", "resolved[name] = value;"),
    },
    {
      id: "raw-prepared-query",
      api: "`request._query`",
      how: "A query that is on the request is taken for it, whatever the URL says.",
      async run(world) {
        const engine = new world.engine.Server();
        const http = createServer((request, response) => {
          const prepared = Object.assign(request, { _query: { EIO: "4", transport: "polling" } });
          engine.handleRequest(prepared as never, response);
        });
        const { url } = await listening(world, http, engine);
        world.note("handshake", (await world.request(`${url}/?transport=none`)).status);
      },
      mutation: inEngine("request._query ??= Object.", "request._query = Object."),
    },
    {
      id: "raw-connection",
      api: "engine events `connection`, `initial_headers`, `headers`",
      how: "The connection is open and counted when it is told of; over a WebSocket after the headers of the 101, over polling before those of the answer.",
      async run(world) {
        for (const transport of ["polling", "websocket"] as const) {
          const served = await serveEngine(world);
          const { engine } = served;
          engine.on("connection", (socket) => {
            const known = engine.clients[socket.id] === socket;
            world.note(transport, "connection", socket.readyState, socket.transport.name, known, engine.clientsCount);
          });
          for (const event of ["initial_headers", "headers"]) {
            engine.on(event, (headers: Record<string, string>, { method, url }: IncomingMessage) => {
              world.note(`${transport} headers`, event, Object.keys(headers).sort(), method, url!.includes("sid="));
              headers[`x-${event.replace("_", "-")}`] = transport;
            });
          }
          const raw = rawClient(world, served);
          if (transport === "polling") {
            const response = await raw.request();
            world.noteResponse("handshake", response);
            raw.handshake = JSON.parse(response.body.slice(1));
            world.noteResponse("post", await raw.post("4"));
          } else {
            const { headers } = await raw.openWebSocket();
            world.note("101", headers["x-initial-headers"], headers["x-headers"]);
          }
        }
      },
      mutation: inEngine('this.tell("connection", connection.conn);', 'this.tell("connection", connection);'),
    },
    {
      id: "raw-first-message",
      api: "a message that is sent when a connection is told of",
      how: "It leaves together with OPEN.",
      async run(world) {
        const served = await serveEngine(world);
        served.engine.on("connection", (socket) => socket.send("welcome"));
        world.note("handshake", (await handshake(world, served)).body.replace(/\{.*\}/, "{…}"));
      },
      mutation: inEngine(
        'this.tell("connection", connection.conn);',
        'setImmediate(() => this.tell("connection", connection.conn));',
      ),
      differs: {
        id: "coalescing",
        official: ["handshake: 0{…}"],
        hawser: ["handshake: 0{…}\x1e4welcome"],
      },
    },
    {
      id: "raw-flush-drain",
      api: "engine events `flush` and `drain`",
      how: "Told of each connection, with it, when its packets are handed to the transport and when none waits any more.",
      async run(world) {
        const served = await serveEngine(world);
        for (const begin of [webSocketSession, pollingSession]) {
          const session = await begin(world, served);
          const lane = session.socket.transport.name;
          const drains = inbox(served.engine, "drain");
          served.engine.on("flush", (socket, packets: { type: string; data: unknown }[]) => {
            const shown = packets.map(({ type, data }) => [type, data]);
            world.note(lane, "flush", socket === session.socket, shown);
          });
          session.socket.send("hello");
          if (lane === "polling") world.note(lane, (await session.raw.request()).body);
          const [socket] = await drains.next();
          world.note(lane, "drain", socket === session.socket);
          served.engine.removeAllListeners("flush");
        }
      },
      mutation: inEngine('this.#tellOf("drain", session)', "undefined"),
    },
    {
      id: "raw-connection-error",
      api: "engine event `connection_error`, codes 0 to 5",
      how: "The first thing that is wrong decides; the listeners are told more of it than the client.",
      async run(world) {
        const served = await serveEngine(world, {
          allowRequest: ({ headers }, done) => done(headers["x-why"] as string, headers["x-why"] === undefined),
        });
        served.engine.on("connection_error", ({ req, code, message, context }) => {
          world.note("engine", req.url.replace(ENGINE_PATH, ""), code, message, context);
        });
        const { raw } = await pollingSession(world, served);
        for (const query of [
          "?EIO=4",
          "?EIO=4&transport=polling&sid=unknown",
          `?EIO=3&transport=polling&sid=${raw.sid}`,
          "?EIO=4&transport=websocket",
          "?EIO=3&transport=polling",
          "?transport=polling",
        ]) {
          const { status, body } = await world.request(served.url + ENGINE_PATH + query);
          world.note("get", status, body);
        }
        const post = await world.request(served.url + handshakeAt("polling"), { method: "POST", body: "4" });
        world.note("post", post.status, post.body);
        world.noteResponse("not allowed", await handshake(world, served, { "x-why": "not today" }));
        for (const address of ["none", "websocket&sid=unknown"].map((transport) => handshakeAt(transport))) {
          world.note("upgrade", await refusedUpgrade(world, served, address));
        }
        world.note("upgrade", await refusedUpgrade(world, served, handshakeAt("websocket"), "x-why: never"));
      },
      mutation: inEngine("previousProtocol: session.protocol", "previousProtocol: protocol"),
    },
    {
      id: "raw-use",
      api: "`engine.use(middleware)`",
      how: "Middlewares run in order on every request, may answer it themselves, and refuse it by an error.",
      async run(world) {
        const served = await serveEngine(world);
        served.engine.on("connection_error", ({ code, context }) => world.note("engine", code, context.name));
        served.engine.use((request: IncomingMessage, response: ServerResponse, next: (error?: Error) => void) => {
          response.setHeader("x-first", "1");
          setImmediate(() => next(request.headers["x-fail"] ? new Error("no") : undefined));
        });
        served.engine.use((request: IncomingMessage, response: ServerResponse, next: (error?: Error) => void) => {
          world.note("second", request.method, response.getHeader("x-first"));
          if (request.headers["x-answer"]) response.writeHead(503).end("later");
          else next();
        });
        noteHeaders(world, "handshake", await handshake(world, served), "x-first");
        noteHeaders(world, "failed", await handshake(world, served, { "x-fail": "1" }), "x-first", "content-type");
        const { status, body } = await handshake(world, served, { "x-answer": "1" });
        world.note("answered", status, body);
        const { headers } = await rawClient(world, served).openWebSocket();
        world.note("101", headers["x-first"]);
      },
      mutation: inEngine("this.#middlewares.push(middleware);", "this.#middlewares.unshift(middleware);"),
    },
    {
      id: "raw-allow-request",
      api: "option `allowRequest`",
      how: "Asked for handshakes of either revision and transport, at once or later, and not for what follows.",
      async run(world) {
        const served = await serveEngine(world, {
          allowEIO3: true,
          allowRequest: (request, done) => {
            world.note("asked", request.url!.replace(ENGINE_PATH, ""));
            setImmediate(() => done(null, request.headers["x-pass"] === "1"));
          },
        });
        const headers = { "x-pass": "1" };
        for (const revision of ["4", "3"]) {
          const options = { headers, query: { EIO: revision } };
          const { raw, socket } = await pollingSession(world, served, options);
          const moved = inbox(socket, "upgrade");
          (await raw.openWebSocket()).send("5");
          await moved.next();
          await webSocketSession(world, served, options);
          const refused = await world.request(served.url + handshakeAt("polling", Number(revision)));
          world.note("refused", refused.status, refused.body);
        }
      },
      mutation: inEngine("if (!allowRequest) {", "if (!allowRequest || revisionOf(request) === REVISION_3) {"),
    },
    {
      id: "raw-generate-id",
      api: "`engine.generateId`",
      how: "Makes the id of each session from its request, at once or by a promise; its error refuses the request.",
      async run(world) {
        const served = await serveEngine(world);
        served.engine.on("connection_error", ({ code, context }) => {
          world.note("engine", code, context.name, context.error);
        });
        const generators: Record<string, () => string | Promise<string>> = {
          "at once": () => "own-1",
          "by a promise": () => Promise.resolve("own-2"),
          throws: () => {
            throw new Error("no idea");
          },
          rejects: () => Promise.reject(new Error("no id")),
        };
        for (const [name, generate] of Object.entries(generators)) {
          served.engine.generateId = (request: IncomingMessage) => {
            world.note(name, "asked", request.method);
            return generate();
          };
          const { status, body } = await handshake(world, served);
          world.note(name, status, body, Object.keys(served.engine.clients));
        }
      },
      mutation: inEngine("promise.then(take, fail);", "promise.then(take, () => {});"),
    },
    {
      id: "raw-overridden-methods",
      api: "subclasses of `Server`: `generateId()`, `verify()`, `upgrades()`, `handleRequest()`, `handleUpgrade()`",
      how: "Methods of the engine that a subclass overrides are what requests pass through; its `verify` may refuse.",
      async run(world) {
        class Own extends world.engine.Server {
          readonly #name = "mine";
          override generateId(request: IncomingMessage) {
            return Promise.resolve(`${this.#name}-${String(request.headers["x-name"])}`);
          }
          protected override verify(request: never, upgrade: boolean, done: VerifyCallback) {
            world.note("verify", upgrade);
            const pass = (request as IncomingMessage).headers["x-pass"];
            if (pass === undefined) return done(4, { message: "no pass" });
            if (pass === "wrong") return done(3, { name: "WRONG_PASS" });
            return super.verify(request, upgrade, (code, context) => {
              world.note("verify", "super", code, context?.name);
              done(code, context);
            });
          }
          override upgrades(transport: "polling" | "websocket") {
            world.note("upgrades", transport, super.upgrades(transport));
            return [];
          }
          override handleRequest(request: IncomingMessage, response: ServerResponse) {
            world.note("handleRequest", request.method);
            super.handleRequest(request as never, response);
          }
          override handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
            world.note("handleUpgrade", request.method);
            super.handleUpgrade(request as never, socket, head);
          }
        }
        const engine = new Own();
        const http = createServer();
        engine.attach(http);
        const served = await listening(world, http, engine);
        served.engine.on("connection_error", ({ code, message, context }) => {
          world.note("engine", code, message, context);
        });
        for (const pass of [undefined, "wrong", "right"]) {
          const headers = { "x-name": "one", ...(pass && { "x-pass": pass }) };
          const { status, body } = await handshake(world, served, headers);
          world.note("polling", pass, status, body);
          if (pass !== "right") {
            const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
            world.note("websocket", pass, await refusedUpgrade(world, served, handshakeAt("websocket"), ...lines));
          }
        }
        const answer = await world.request(`${served.url}${handshakeAt("polling")}&sid=nobody`, {
          headers: { "x-pass": "right" },
        });
        world.note("polling", "nobody", answer.status, answer.body);
        const client = rawClient(world, served, { headers: { "x-pass": "right", "x-name": "two" } });
        world.note("websocket", (await client.connect("websocket")).sid);
      },
      mutation: inEngine(
        "(...asked) => this.verify(...asked)",
        "(...asked) => Engine.prototype.verify.apply(this, asked)",
      ),
    },
    {
      id: "raw-cookie-cors",
      api: "options `cookie`, `cors`",
      how: "The first answer of a session sets the cookie; the middleware of `cors` is the engine's first.",
      async run(world) {
        const served = await serveEngine(world, { cookie: { name: "raw" }, cors: { origin: "http://a.example" } });
        const headers = { origin: "http://a.example" };
        const first = await handshake(world, served, headers);
        noteHeaders(world, "handshake", first, "set-cookie", "access-control-allow-origin", "vary");
        const { raw } = await pollingSession(world, served, { headers });
        noteHeaders(world, "post", await raw.post("4"), "set-cookie", "access-control-allow-origin");
        const address = served.url + handshakeAt("polling");
        const preflight = await world.request(address, { method: "OPTIONS", headers });
        noteHeaders(world, "preflight", preflight, "access-control-allow-methods");
        const { headers: upgrade } = await rawClient(world, served, { headers }).openWebSocket();
        world.note("101", upgrade["access-control-allow-origin"]);
      },
      mutation: inEngine("httpOnly: true,", "httpOnly: false,"),
    },
    {
      id: "raw-opts",
      api: "`engine.opts`",
      how: "What was given, with the defaults filled in; what is no option of the engine is there, too.",
      async run(world) {
        const given: Record<string, object> = {
          nothing: {},
          "of the application": { mine: 1, path: "/x", pingTimeout: 5 },
          switches: { cookie: true, perMessageDeflate: true, httpCompression: true },
          parts: {
            cookie: { name: "a" },
            perMessageDeflate: { serverNoContextTakeover: true },
            httpCompression: { level: 1 },
          },
          off: { cookie: false, perMessageDeflate: false, httpCompression: false },
        };
        for (const [name, options] of Object.entries(given)) {
          class WsEngine {
            constructor(settings: object) {
              world.note(name, "WebSockets", Object.entries(settings).sort());
            }
            close() {}
          }
          const engine = new world.engine.Server({ ...options, wsEngine: WsEngine });
          const { wsEngine, ...opts } = engine.opts;
          world.note(name, wsEngine === WsEngine, Object.entries(opts).sort());
        }
        const { engine } = await serveEngine(world, { path: "/y", ...{ mine: 2 } } as object);
        const { wsEngine: _, ...attached } = engine.opts;
        world.note("attached", Object.entries(attached).sort());
        const io = new world.server.Server(createServer(), { path: "/z", ...{ mine: 3 } });
        world.closes(io);
        const { path, mine, cookie } = io.engine.opts as Record<string, unknown>;
        world.note("beneath a server", path, mine, cookie);
      },
      mutation: inEngine("const resolved = { ...options };", "const resolved = {};"),
    },
    {
      id: "raw-opts-changed",
      api: "`engine.opts`, written to",
      how: "What is changed counts for sessions that begin afterwards, and they are held to what they are told.",
      async run(world) {
        const served = await serveEngine(world);
        const before = await pollingSession(world, served);
        const cookie = { name: "late", path: "/", httpOnly: true, sameSite: "lax" };
        Object.assign(served.engine.opts, { maxHttpBufferSize: 10, pingInterval: 777, cookie });
        const answer = await handshake(world, served);
        world.note("handshake", answer.body.replace(/"sid":"[^"]*"/, '"sid":…'));
        world.note("cookie", String(answer.headers["set-cookie"]).replace(/=[^;]*/, "=…"));
        const after = await pollingSession(world, served);
        for (const [name, { raw }] of Object.entries({ before, after })) {
          const { status } = await raw.post("4123456789x");
          world.note(name, status);
        }
      },
      mutation: inEngine("this.#settings?.maxPayload === maxPayload &&", "this.#settings &&"),
    },
    {
      id: "raw-initial-packet",
      api: "option `initialPacket`",
      how: "A message that follows OPEN in the first payload, or in the second frame, in either revision.",
      async run(world) {
        const shown = (text: unknown): unknown =>
          typeof text === "string" ? text.replace(/\{.*\}/, "{…}").replace(/^\d+:0/, "<length>:0") : text;
        for (const initialPacket of ["welcome", Buffer.from([1, 2])]) {
          const served = await serveEngine(world, { allowEIO3: true, initialPacket });
          for (const EIO of ["4", "3"]) {
            const lane = `revision ${EIO}`;
            const raw = rawClient(world, served, { query: { EIO, b64: "1" } });
            world.note(lane, "polling", shown((await raw.request()).body));
            const other = rawClient(world, served, { query: { EIO } });
            await other.openWebSocket();
            world.note(lane, "websocket", shown(await other.next()), await other.next());
          }
        }
      },
      mutation: inEngine(
        "const resolved = { ...options };",
        "const resolved = { ...options, initialPacket: undefined };",
      ),
    },
    {
      id: "raw-max-http-buffer-size",
      api: "option `maxHttpBufferSize`",
      how: "Announced to the client; a larger body is refused with 413, a larger frame ends the session.",
      async run(world) {
        const served = await serveEngine(world, { maxHttpBufferSize: 20 });
        const { raw, socket } = await pollingSession(world, served);
        world.note("polling", raw.handshake!.maxPayload, (await raw.post(`4${"x".repeat(20)}`)).status);
        const messages = inbox(socket, "message");
        await raw.post(`4${"x".repeat(19)}`);
        world.note("polling", await messages.next());
        const other = await webSocketSession(world, served);
        const ended = noteEvents(world, "websocket", other.socket, "message", "close");
        await other.raw.send(`4${"x".repeat(19)}`, `4${"x".repeat(20)}`);
        await ended.next();
        world.note("websocket", await other.raw.webSocket!.closed);
      },
      mutation: inEngine("maxPayload: maxHttpBufferSize,\n\t\t\tperMessageDeflate", "perMessageDeflate"),
    },
    {
      id: "raw-http-compression",
      api: "option `httpCompression`, `send(data, { compress })`",
      how: "An answer from the threshold on is compressed, unless none of its packets may be.",
      async run(world) {
        const text = "x".repeat(2_000);
        for (const httpCompression of [true, { threshold: 10_000 }, false]) {
          const served = await serveEngine(world, { httpCompression: httpCompression as never });
          const { raw, socket } = await pollingSession(world, served);
          for (const compress of [true, false]) {
            socket.send(text, { compress });
            const answer = await raw.request({ headers: { "accept-encoding": "gzip, deflate" } });
            noteHeaders(world, `${JSON.stringify(httpCompression)} ${compress}`, answer, "content-encoding");
          }
        }
      },
      mutation: inEngine("packet.options?.compress !== false);", "true);"),
    },
    {
      id: "raw-packet-wishes",
      api: "`packet.options` in a `packetCreate` listener",
      how: "Each packet has its own, and a listener may write to them.",
      async run(world) {
        const served = await serveEngine(world, { httpCompression: { threshold: 0 } as never });
        const { raw, socket } = await pollingSession(world, served);
        socket.on("packetCreate", (packet: { data: string; options: { compress: boolean } }) => {
          world.note("packet", packet.data, packet.options.compress);
          packet.options.compress = packet.data !== "small";
        });
        for (const data of ["small", "large", "small"]) {
          socket.send(data);
          const answer = await raw.request({ headers: { "accept-encoding": "gzip" } });
          noteHeaders(world, data, answer, "content-encoding");
        }
      },
      mutation: inEngine("return own;", "return packet;"),
    },
    {
      id: "raw-server-close",
      api: "`engine.close()`",
      how: "Ends all sessions at once; their clients are told.",
      async run(world) {
        const served = await serveEngine(world);
        const polling = await pollingSession(world, served);
        const waiting = await pollingSession(world, served);
        const webSocket = await webSocketSession(world, served);
        const answer = waiting.raw.request();
        await until(() => waiting.socket.transport.writable, "a waiting GET");
        for (const [name, { socket }] of Object.entries({ polling, waiting, webSocket })) {
          socket.send("last");
          noteEvents(world, name, socket, "close");
        }
        world.note("engine", (served.engine.close() as unknown) === served.engine, served.engine.clientsCount);
        world.note("webSocket", await webSocket.raw.next(), await webSocket.raw.webSocket!.closed);
        world.note("waiting", (await answer).body);
        world.note("polling", (await polling.raw.request()).status);
      },
      mutation: inEngine(
        "session.abort();\n\t\t}\n\t\tthis.#entrances",
        "session.close();\n\t\t}\n\t\tthis.#entrances",
      ),
    },
    {
      id: "raw-closed-server",
      api: "handshakes after `engine.close()`",
      how: "Refused with 400.",
      async run(world) {
        const served = await serveEngine(world);
        served.engine.close();
        world.note("polling", (await handshake(world, served)).status);
        const tcp = await world.tcp(served.port);
        tcp.write(upgradeRequest(handshakeAt("websocket")));
        world.note("websocket", (await tcp.until("\r\n\r\n")).split("\r\n")[0]);
      },
      mutation: inEngine("return this.#closed ? reject", "return false ? reject"),
      differs: {
        id: "closed-engines",
        official: ["polling: 200", "websocket: HTTP/1.1 503 Service Unavailable"],
        hawser: ["polling: 400", "websocket: HTTP/1.1 400 Bad Request"],
      },
    },
    {
      id: "raw-listens-again",
      api: "an HTTP server that is closed and listens again",
      how: "The engine closes with it, and then takes sessions as before.",
      async run(world) {
        const served = await serveEngine(world);
        const closed = inbox(served.http, "close");
        served.http.close();
        await closed.next();
        await world.listen(served.http);
        const url = `http://127.0.0.1:${(served.http.address() as AddressInfo).port}`;
        for (const begin of [pollingSession, webSocketSession]) {
          const { socket } = await begin(world, { engine: served.engine, url });
          world.note("engine", socket.transport.name, served.engine.clientsCount);
        }
      },
      mutation: inEngine('server.on("listening", () => engine.open());', ""),
    },
  ],
};
