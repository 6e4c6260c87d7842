/** How a server comes to be, where it listens, and what of an HTTP server's traffic it takes. */

import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server } from "socket.io";
import { inServer, type Topic } from "../row.ts";
import { until } from "../../harness/waiting.ts";
import { upgradeRequest } from "../requests.ts";

const httpServerOf = (io: Server): HttpServer => (io as unknown as { httpServer: HttpServer }).httpServer;

/** Where a server listens that made its own HTTP server. */
async function urlOf(io: Server): Promise<string> {
  const http = httpServerOf(io);
  await until(() => http.listening, "a listening server");
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

export const attaching: Topic = {
  title: "Construction and attaching",
  rows: [
    {
      id: "attach-http-server",
      api: "`new Server(httpServer, options)`",
      how: "`attach()` puts the engine in front of the HTTP server's `request` and `upgrade` listeners.",
      async run(world) {
        const http = createServer((_request, response) => response.end("the application"));
        const io = new world.server.Server(http);
        const { url } = await world.listen(http);
        world.closes(io);
        world.noteResponse("elsewhere", await world.request(`${url}/`));
        const raw = world.raw(url);
        await raw.connect("polling");
        world.note("raw", raw.handshake);
        world.note("io", io.path(), httpServerOf(io) === http);
      },
      mutation: inServer('path = "/socket.io", serveClient', 'path = "/socketio", serveClient'),
    },
    {
      id: "attach-port",
      api: "`new Server(port)`",
      how: "A number makes `attach()` create an HTTP server that answers all else with 404.",
      async run(world) {
        const io = new world.server.Server(0);
        world.closes(io);
        const url = await urlOf(io);
        world.noteResponse("elsewhere", await world.request(`${url}/`));
        world.noteResponse("engine", await world.request(`${url}/socket.io/?EIO=4&transport=polling`));
      },
      mutation: inServer("response.writeHead(404);\n\t\tresponse.end();", "response.end();"),
    },
    {
      id: "attach-later",
      api: "`io.attach(httpServer)`, `io.listen(httpServer)`",
      how: "The constructor attaches only if it is given something to attach to; `listen` is another name of `attach`.",
      async run(world) {
        for (const method of ["attach", "listen"] as const) {
          const http = createServer();
          const io = new world.server.Server();
          world.note(method, httpServerOf(io), io[method](http) === io);
          const { url } = await world.listen(http);
          world.closes(io);
          const raw = world.raw(url);
          await raw.connect();
          world.note(method, await raw.join());
        }
      },
      mutation: inServer("return this.attach(server, options);", "return this;"),
    },
    {
      id: "attach-numeric-string",
      api: '`new Server("3000")`, `io.listen("3000")`',
      how: "A port may be a text of digits, which is turned into a number.",
      async run(world) {
        const port = "0" as unknown as number;
        const attached = new world.server.Server().attach(port);
        for (const io of [new world.server.Server(port), new world.server.Server().listen(port), attached]) {
          world.closes(io);
          const url = await urlOf(io);
          world.noteResponse("engine", await world.request(`${url}/socket.io/?EIO=4&transport=polling`));
        }
        world.note("none", new world.server.Server("" as unknown as number).httpServer === undefined);
      },
      mutation: inServer(
        "httpServer.listen(Number(server));",
        "if (typeof server === 'number') httpServer.listen(server);",
      ),
    },
    {
      id: "attach-express-function",
      api: "`io.attach(expressApp)`",
      how: "`attach()` throws what it has always thrown for a request handler.",
      run(world) {
        const io = new world.server.Server();
        world.noteThrow("io", "attaching", () => io.attach((() => {}) as unknown as HttpServer));
        world.noteThrow("io", "constructing", () => new world.server.Server((() => {}) as unknown as HttpServer));
        return Promise.resolve();
      },
      mutation: inServer(
        "You are trying to attach socket.io to an express",
        "You are attaching socket.io to an express",
      ),
    },
    {
      id: "attach-options-precedence",
      api: "options of the constructor and of `attach()`",
      how: "`attach()` spreads the constructor's options over its own.",
      async run(world) {
        const http = createServer();
        const io = new world.server.Server({ destroyUpgradeTimeout: 5 });
        io.attach(http, { destroyUpgradeTimeout: 60_000 });
        const { port } = await world.listen(http);
        world.closes(io);
        const tcp = await world.tcp(port);
        tcp.write(upgradeRequest("/elsewhere"));
        await tcp.closed;
        world.note("tcp", "ended", tcp.received);
      },
      mutation: inServer("...options,\n\t\t\t...this.opts", "...this.opts,\n\t\t\t...options"),
    },
    {
      id: "path-option",
      api: "option `path`",
      how: "The path loses one trailing slash and gets it back; requests are ours if their URL begins with it.",
      async run(world) {
        const http = createServer((request, response) => response.end(`the application at ${request.url}`));
        const io = new world.server.Server(http, { path: "/chat/" });
        const { url } = await world.listen(http);
        world.closes(io);
        world.note("io", io.path());
        for (const path of ["/chat/", "/chat/deeper", "/chat", "/chatter/", "/socket.io/", "/x/chat/"]) {
          const { status, body } = await world.request(`${url}${path}?EIO=4&transport=nothing`);
          world.note(path, `${status} ${body}`);
        }
      },
      mutation: inServer('(request.url ?? "").startsWith(path)', '(request.url ?? "").includes(path)'),
    },
    {
      id: "option-add-trailing-slash",
      api: "option `addTrailingSlash`",
      how: "With `false` the path is compared as it is.",
      async run(world) {
        const http = createServer((_request, response) => response.end("the application"));
        const io = new world.server.Server(http, { addTrailingSlash: false });
        const { url } = await world.listen(http);
        world.closes(io);
        for (const path of ["/socket.io", "/socket.io/", "/socket.ioannina"]) {
          const { status, body } = await world.request(`${url}${path}?EIO=4&transport=nothing`);
          world.note(path, `${status} ${body}`);
        }
      },
      mutation: inServer("options.addTrailingSlash === false", "options.addTrailingSlash === 0"),
    },
    {
      id: "option-destroy-upgrade",
      api: "options `destroyUpgrade`, `destroyUpgradeTimeout`",
      how: "An upgrade request for another path is ended after the time limit, unless something was written or the option is off.",
      async run(world) {
        const { port } = await world.serve({ destroyUpgradeTimeout: 10 });
        const tcp = await world.tcp(port);
        tcp.write(upgradeRequest("/elsewhere"));
        await tcp.closed;
        world.note("nobody's", "ended", tcp.received);

        const other = await world.serve({ destroyUpgradeTimeout: 10 });
        other.http.on("upgrade", (_request, socket) => socket.write("somebody's"));
        const taken = await world.tcp(other.port);
        taken.write(upgradeRequest("/elsewhere"));
        world.note("taken", await taken.until("somebody's"));
        const probe = await world.tcp(other.port);
        probe.write(upgradeRequest("/elsewhere"));
        await probe.until("somebody's");
        // Longer than the time limit, by the clock of the same event loop.
        const ended = Promise.race([
          taken.closed.then(() => true),
          new Promise((resolve) => setTimeout(resolve, 60, false)),
        ]);
        world.note("taken", "ended", await ended);
      },
      mutation: inServer("(socket.bytesWritten ?? 0) <= 0", "(socket.bytesWritten ?? 0) >= 0"),
    },
    {
      id: "listeners-before-attach",
      api: "`request` listeners of the HTTP server",
      how: "Those that are there are taken off and called for what is not ours, with the server as `this`.",
      async run(world) {
        const http = createServer();
        http.on("request", function (this: unknown, request, response) {
          world.note("first", request.url, this === http);
          response.setHeader("x-first", "1");
        });
        http.on("request", (_request, response) => response.end("second"));
        const io = new world.server.Server(http);
        const { url } = await world.listen(http);
        world.closes(io);
        world.noteResponse("elsewhere", await world.request(`${url}/page`));
        const ours = await world.request(`${url}/socket.io/?EIO=4&transport=polling`);
        world.note("ours", ours.status, ours.headers["x-first"]);
      },
      mutation: inServer("listener.call(server, request, response)", "listener(request, response)"),
    },
    {
      id: "serve-client",
      api: "option `serveClient` and the served files",
      how: "`serve-client.ts` answers for the known file names with an `ETag`, and with 304 if the client has that version.",
      async run(world) {
        const { url, io } = await world.serve();
        world.note("io", io.serveClient());
        const bundles = ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"];
        for (const file of bundles.flatMap((name) => [name, `${name}.map`])) {
          const { status, headers, bytes } = await world.request(`${url}/socket.io/${file}?version=1`);
          world.note(file, status, headers["content-type"], headers["cache-control"], bytes.length > 1_000);
          world.note(file, /^"\d+\.\d+\.\d+"$/.test(headers.etag ?? ""));
          for (const tag of [headers.etag!, `W/${headers.etag!}`, '"another"']) {
            const again = await world.request(`${url}/socket.io/${file}`, { headers: { "if-none-match": tag } });
            world.note(file, again.status, again.bytes.length > 0);
          }
        }
        const unknown = await world.request(`${url}/socket.io/socket.io.slim.js`);
        world.noteResponse("unknown", unknown);
      },
      mutation: inServer("public, max-age=0", "public, max-age=1"),
    },
    {
      id: "serve-client-compressed",
      api: "compression of the served files",
      how: "The first of br, gzip and deflate that the client accepts is made while the file is sent.",
      async run(world) {
        const { url } = await world.serve();
        for (const accepted of ["br", "gzip", "deflate", "identity", ""]) {
          const { status, headers } = await world.request(`${url}/socket.io/socket.io.js`, {
            headers: { "accept-encoding": accepted },
          });
          world.note(accepted || "nothing", status, headers["content-encoding"], headers["content-type"]);
        }
      },
      mutation: inServer('case "br": return createBrotliCompress(BROTLI_OPTIONS);', 'case "br": return undefined;'),
    },
    {
      id: "serve-client-off",
      api: "option `serveClient: false`, `io.serveClient(false)`",
      how: "Without it the engine gets the request, to which the name means nothing.",
      async run(world) {
        const { url, io } = await world.serve({ serveClient: false });
        world.note("io", io.serveClient());
        const { status, body } = await world.request(`${url}/socket.io/socket.io.js`);
        world.note("answer", `${status} ${body}`);
      },
      mutation: inServer("serveClient ? bundleName(", "true ? bundleName("),
    },
    {
      id: "server-settings",
      api: "`io.path()`, `io.serveClient()`, `io.connectTimeout()`, `io.adapter()`",
      how: "Each method reads without an argument, and with one sets and returns the server.",
      run(world) {
        const io = new world.server.Server({ connectTimeout: 0 });
        world.note("defaults", io.path(), io.serveClient(), io.connectTimeout(), typeof io.adapter());
        class Custom extends (io.adapter() as unknown as new (namespace: unknown) => object) {}
        world.note("set", io.path("/x/") === io, io.path());
        world.note("set", io.serveClient(false) === io, io.serveClient());
        world.note("set", io.connectTimeout(5) === io, io.connectTimeout());
        const before = io.of("/").adapter;
        world.note("set", io.adapter(Custom as never) === io, io.adapter() === (Custom as never));
        world.note("adapters", io.of("/").adapter === before, io.of("/").adapter instanceof Custom);
        return Promise.resolve();
      },
      mutation: inServer("namespace.adapter = this.createAdapter(namespace);", ""),
    },
    {
      id: "adapter-function",
      api: "option `adapter`",
      how: "A class is constructed, and any other function called, with each namespace.",
      async run(world) {
        const Adapter = new world.server.Server().adapter() as unknown as new (namespace: unknown) => object;
        const made: string[] = [];
        const create = function (namespace: { name: string }): object {
          made.push(namespace.name);
          return new Adapter(namespace);
        };
        const { io } = await world.serve({ adapter: create as never });
        io.of("/orders");
        world.note("made", made);
      },
      mutation: inServer(": create(namespace);", ": new Adapter(namespace);"),
    },
    {
      id: "option-transports",
      api: "option `transports`",
      how: "A transport that is not in the option is unknown to the checks of a request, and not offered as an upgrade.",
      async run(world) {
        const polling = await world.serve({ transports: ["polling"] });
        const raw = world.raw(polling.url);
        await raw.connect("polling");
        world.note("polling only", raw.handshake);
        const refused = await world.request(`${polling.url}/socket.io/?EIO=4&transport=websocket`);
        world.noteResponse("polling only", refused);
        const webSocket = await world.serve({ transports: ["websocket"] });
        world.noteResponse(
          "websocket only",
          await world.request(`${webSocket.url}/socket.io/?EIO=4&transport=polling`),
        );
        const other = world.raw(webSocket.url);
        await other.connect();
        world.note("websocket only", other.handshake);
      },
      mutation: inServer(".filter((name) => transports.includes(name))", ""),
    },
    {
      id: "option-allow-upgrades",
      api: "option `allowUpgrades: false`",
      how: "The handshake then offers no upgrades.",
      async run(world) {
        const { url } = await world.serve({ allowUpgrades: false });
        const raw = world.raw(url);
        await raw.connect("polling");
        world.note("raw", raw.handshake);
      },
      mutation: inServer("const resolved = { ...options };", "const resolved = { ...options, allowUpgrades: true };"),
    },
    {
      id: "option-connect-timeout",
      api: "option `connectTimeout`",
      how: "The connection is a deadline that a first namespace stops; when it is due the session closes.",
      async run(world) {
        const { url } = await world.serve({ connectTimeout: 1_000 });
        const joined = world.raw(url);
        await joined.connect();
        await joined.join();
        const silent = world.raw(url);
        await silent.connect();
        world.note("silent", await silent.webSocket!.closed);
        world.note("joined", joined.webSocket!.open);
      },
      mutation: inServer(
        "this.mux.deadlines.stop(this);\n\t}\n\t/** A namespace was left. */",
        "}\n\t/** A namespace was left. */",
      ),
    },
    {
      id: "option-initial-packet",
      api: "option `initialPacket`",
      how: "The session pushes it behind OPEN, so both leave together.",
      async run(world) {
        const { url } = await world.serve({ initialPacket: "hello" } as never);
        const { body } = await world.request(`${url}/socket.io/?EIO=4&transport=polling`);
        world.note("polling", body);
        const raw = world.raw(url);
        raw.webSocket = await raw.openWebSocket();
        world.note("websocket", await raw.next(), await raw.next());
      },
      mutation: inServer(
        "const resolved = { ...options };",
        "const resolved = { ...options, initialPacket: undefined };",
      ),
    },
    {
      id: "io-close",
      api: "`io.close(callback)`",
      how: "Sockets leave with `server shutting down`, then adapters, engine and HTTP server are closed, then the callback is called.",
      async run(world) {
        const served = await world.serve();
        const { client, socket } = await world.join(served);
        const { raw: polling } = await world.rawPair(served, "polling");
        const atServer = world.watch("server", socket, "disconnecting", "disconnect");
        const atClient = world.watch("client", client, "disconnect");
        client.io.reconnection(false);
        const closed = served.io.close((error) => world.note("callback", error));
        await atServer.next("disconnect");
        await atClient.next("disconnect");
        await polling.next("1");
        await closed;
        world.note("http", served.http.listening);
      },
      mutation: inServer('socket.link.leave("server shutting down")', 'socket.link.leave("transport close")'),
    },
    {
      id: "io-close-not-running",
      api: "`io.close()` of a server that does not listen",
      how: "The callback gets the HTTP server's error and the promise resolves all the same.",
      async run(world) {
        const io = new world.server.Server(createServer());
        world.note("promise", await io.close((error) => world.note("callback", error)));
      },
      mutation: inServer("callback?.(error);", "callback?.();"),
    },
  ],
};
