/**
 * `hawser-client/engine` by itself: with the engines of engine.io and hawser, and beneath Socket.IO's own client. What is expected of it
 * is expected of engine.io-client, too.
 */

import { createServer, type IncomingMessage, type Server as HttpServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import * as officialServer from "engine.io";
import * as official from "engine.io-client";
import * as hawserServer from "hawser/engine";
import * as hawser from "hawser-client/engine";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { ClientModule } from "../harness/context.ts";
import { servers } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { bytes } from "../harness/scenario.ts";
import { inbox, type Inbox, type Listenable } from "../harness/waiting.ts";
import { scenarios } from "../scenarios.ts";

type Client = official.Socket;

/** engine.io-client's types are the contract that hawser's classes are used through. */
type ClientModuleOfEngine = typeof official;

type EngineModule = Pick<typeof officialServer, "attach">;

const CLIENTS: Record<string, ClientModuleOfEngine> = {
  "hawser-client/engine": hawser as unknown as ClientModuleOfEngine,
  "engine.io-client": official,
};

const SERVERS: Record<string, EngineModule> = {
  "hawser/engine": hawserServer as unknown as EngineModule,
  "engine.io": officialServer,
};

/** How a connection gets where it is: by one transport, or from polling to WebSocket. */
const WAYS = [["polling"], ["websocket"], ["polling", "websocket"]];

const disposals: (() => unknown)[] = [];
afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

interface Served {
  readonly engine: officialServer.Server;
  readonly http: HttpServer;
  readonly url: string;
  readonly connections: Inbox;
  /** The requests that came, upgrades too. */
  readonly requests: IncomingMessage[];
}

async function serve(
  { attach }: EngineModule,
  options: officialServer.ServerOptions & officialServer.AttachOptions = {},
): Promise<Served> {
  const http = createServer((_request, response) => {
    response.writeHead(404);
    response.end();
  });
  const requests: IncomingMessage[] = [];
  const engine = attach(http, options);
  for (const event of ["request", "upgrade"]) http.prependListener(event, (request) => requests.push(request));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  disposals.push(() => {
    engine.close();
    http.closeAllConnections();
    http.close();
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { engine, http, url, connections: inbox(engine, "connection"), requests };
}

/** The parameters of a request. */
function queryOf(request: IncomingMessage | undefined): Record<string, string> {
  return Object.fromEntries(new URL(request!.url!, "http://server.test").searchParams);
}

/** The id of a server's socket, which the types of engine.io keep to themselves. */
function idOf(socket: officialServer.Socket): string {
  return (socket as unknown as { id: string }).id;
}

/** What happens to a client, as one line each; a close says why. */
function watch(client: Client): string[] {
  const lines: string[] = [];
  const events = ["open", "handshake", "upgrading", "upgrade", "upgradeError", "error", "close"] as const;
  for (const event of events) {
    (client as Listenable).on(event, (subject: unknown) => {
      const detail = event === "close" || event === "error" ? ` ${String((subject as Error).message ?? subject)}` : "";
      lines.push(event + detail);
    });
  }
  return lines;
}

describe.each(Object.entries(CLIENTS))("%s", (_client, { Socket, ...implementation }) => {
  function connect(url: string, options: official.SocketOptions = {}): Client {
    const client = new Socket(url, options);
    disposals.push(() => client.close());
    return client;
  }

  describe.each(Object.entries(SERVERS))("and %s", (_server, server) => {
    describe.each(WAYS)("over %s and %s", (...transports) => {
      const [first] = transports;
      const last = transports.at(-1);

      async function connected(options: officialServer.ServerOptions = {}, wishes: official.SocketOptions = {}) {
        const served = await serve(server, options);
        const client = connect(served.url, { transports: transports.filter(Boolean), ...wishes });
        const lines = watch(client);
        const [upgrades, opened] = [inbox(client, "upgrade"), inbox(client, "open")];
        const [socket] = (await served.connections.next()) as [officialServer.Socket];
        await opened.next();
        if (first !== last) await upgrades.next();
        return { ...served, client, socket, lines };
      }

      test("opens, and is where it should be", async () => {
        const { client, socket, lines } = await connected();
        expect(lines).toEqual(["handshake", "open", ...(first === last ? [] : ["upgrading", "upgrade"])]);
        expect([client.readyState, client.transport.name, client.id]).toEqual(["open", last, idOf(socket)]);
      });

      test("text and bytes go both ways, in order, those that were sent too early first", async () => {
        const { url, connections } = await serve(server);
        const client = connect(url, { transports });
        client.send("early").write(Buffer.from([0]));
        const atClient = inbox(client, "message");
        const [socket] = (await connections.next()) as [officialServer.Socket];
        const atServer = inbox(socket, "message");
        client.send("ü🚢");
        client.send(new Uint8Array([1, 2]).buffer as never);
        const [early, bytesEarly, text, binary] = await atServer.take(4);
        expect([early![0], text![0]]).toEqual(["early", "ü🚢"]);
        expect([bytes(bytesEarly![0]), bytes(binary![0])]).toEqual([[0], [1, 2]]);
        socket.send("line\nbreak");
        socket.send(Buffer.from([3]));
        expect((await atClient.next())[0]).toBe("line\nbreak");
        expect(bytes((await atClient.next())[0])).toEqual([3]);
      });

      test("a hundred messages arrive as they were sent, however little one request may carry", async () => {
        const { client, socket } = await connected({ maxHttpBufferSize: 100 });
        const atServer = inbox(socket, "message");
        const sent = Array.from({ length: 100 }, (_, index) => `message ${index}`);
        for (const message of sent) client.send(message);
        expect((await atServer.take(100)).map(([message]) => message)).toEqual(sent);
      });

      test("who wants to know is told when a message has left", async () => {
        const { client } = await connected();
        const left = new Promise<void>((resolve) => client.send("a", { compress: false }, resolve));
        const leftToo = new Promise<void>((resolve) => client.send("b", resolve as never));
        await Promise.all([left, leftToo]);
        expect(client.readyState).toBe("open");
      });

      test("binary data is what binaryType says", async () => {
        const { client, socket } = await connected();
        const messages = inbox(client, "message");
        socket.send(Buffer.from([1]));
        expect((await messages.next())[0]).toBeInstanceOf(Buffer);
        client.binaryType = "arraybuffer";
        socket.send(Buffer.from([2]));
        const [buffer] = await messages.next();
        expect([buffer instanceof ArrayBuffer, bytes(buffer)]).toEqual([true, [2]]);
      });

      test("binary data goes as text, if that is wanted", async () => {
        const { client, socket, requests } = await connected({}, { forceBase64: true });
        const [atServer, atClient] = [inbox(socket, "message"), inbox(client, "message")];
        client.send(Buffer.from([1, 255]));
        expect(bytes((await atServer.next())[0])).toEqual([1, 255]);
        socket.send(Buffer.from([254]));
        expect(bytes((await atClient.next())[0])).toEqual([254]);
        expect(queryOf(requests[0])["b64"]).toBe("1");
      });

      test("its close is over at once, and told to the server", async () => {
        const { client, socket, lines } = await connected();
        const ends = inbox(socket, "close");
        lines.length = 0;
        client.close();
        expect([client.readyState, lines]).toEqual(["closed", ["close forced close"]]);
        expect((await ends.next())[0]).toBe("transport close");
        client.send("too late");
        expect(lines).toHaveLength(1);
      });

      test("what was sent before the close arrives, even if it was sent before the connection was open", async () => {
        const { url, connections } = await serve(server);
        const client = connect(url, { transports });
        const closes = inbox(client, "close");
        client.send("hello and goodbye");
        client.close();
        expect(client.readyState).toBe("closing");
        const [socket] = (await connections.next()) as [officialServer.Socket];
        const [messages, ends] = [inbox(socket, "message"), inbox(socket, "close")];
        expect((await messages.next())[0]).toBe("hello and goodbye");
        expect((await closes.next())[0]).toBe("forced close");
        await ends.next();
      });

      test("the server's close comes behind what the server sent, and says what it was", async () => {
        const { client, socket } = await connected();
        const [messages, closes] = [inbox(client, "message"), inbox(client, "close")];
        socket.send("before the end");
        socket.close();
        expect((await messages.next())[0]).toBe("before the end");
        const [reason, details] = await closes.next();
        expect(reason).toBe("transport close");
        expect((details as official.TransportError).description).toBe(
          last === "polling" ? "transport closed by the server" : "websocket connection closed",
        );
        expect([client.readyState, client.id || "none"]).toEqual(["closed", "none"]);
      });

      test("the heartbeat keeps it open, and is told", async () => {
        const { client } = await connected({ pingInterval: 20, pingTimeout: 5_000 });
        const [pings, pongs] = [inbox(client, "ping"), inbox(client, "pong")];
        await pings.take(3);
        await pongs.take(3);
        expect(client.readyState).toBe("open");
      });

      test("is refused with an error, of which more can be learned, and a close", async () => {
        const { url } = await serve(server, { allowRequest: (_request, decide) => decide("not you", false) });
        const client = connect(url, { transports });
        const lines = watch(client);
        const [errors, closes] = [inbox(client, "error"), inbox(client, "close")];
        const [error] = (await errors.next()) as [official.TransportError];
        expect([error.message, error.type]).toEqual([
          first === "polling" ? "xhr poll error" : "websocket error",
          "TransportError",
        ]);
        if (first === "polling") expect([error.description, error.context.status]).toEqual([403, 403]);
        expect(await closes.next()).toEqual(["transport error", error]);
        expect(lines).toEqual([`error ${error.message}`, "close transport error"]);
      });

      test("takes a host by options, and a path", async () => {
        const { http, requests, connections } = await serve(server, { path: "/raw" });
        const { port } = http.address() as AddressInfo;
        const client = new Socket({ hostname: "127.0.0.1", port, path: "/raw", query: { a: "b c" }, transports });
        disposals.push(() => client.close());
        await connections.next();
        expect(requests[0]?.url).toMatch(/^\/raw\/\?/);
        expect(queryOf(requests[0])).toMatchObject({ a: "b c", EIO: "4", transport: first });
        expect(Object.keys(queryOf(requests[0])).includes("t")).toBe(first === "polling");
      });

      test("sends headers, cookies that the server has set, and parameters of its own choosing", async () => {
        const { client, socket, requests } = await connected(
          { cookie: true },
          {
            extraHeaders: { "x-key": "value" },
            withCredentials: true,
            timestampRequests: true,
            timestampParam: "when",
          },
        );
        const messages = inbox(socket, "message");
        client.send("one more request");
        await messages.next();
        expect(requests.map(({ headers }) => headers["x-key"])).toEqual(requests.map(() => "value"));
        expect(requests.map((request) => typeof queryOf(request)["when"])).toEqual(requests.map(() => "string"));
        if (first === "polling") expect(requests[1]?.headers.cookie).toMatch(/^io=/);
      });
    });

    test("tries all transports, if that is wanted", async () => {
      const { url, connections } = await serve(server, { transports: ["websocket"] });
      const client = connect(url, { transports: ["polling", "websocket"], tryAllTransports: true });
      const lines = watch(client);
      const opened = inbox(client, "open");
      await connections.next();
      await opened.next();
      expect([client.transport.name, lines]).toEqual(["websocket", ["handshake", "open"]]);
    });

    test("stays where it is, if that is wanted", async () => {
      const { url } = await serve(server, { pingInterval: 20 });
      const client = connect(url, { upgrade: false });
      await inbox(client, "ping").take(3);
      expect(client.transport.name).toBe("polling");
    });

    test("begins where the last one ended, if that is wanted", async () => {
      const { url } = await serve(server);
      const first = connect(url);
      await inbox(first, "upgrade").next();
      expect(Socket.priorWebsocketSuccess).toBe(true);
      const second = connect(url, { rememberUpgrade: true });
      const opened = inbox(second, "open");
      expect(second.transport.name).toBe("websocket");
      await opened.next();
      Socket.priorWebsocketSuccess = false;
      expect(connect(url, { rememberUpgrade: true }).transport.name).toBe("polling");
    });

    test("goes on where it is, when the move fails, and says so", async () => {
      const { url, http, connections } = await serve(server);
      http.prependListener("upgrade", (_request, socket) => socket.destroy());
      const client = connect(url);
      const [errors, messages] = [inbox(client, "upgradeError"), inbox(client, "message")];
      const [socket] = (await connections.next()) as [officialServer.Socket];
      const [error] = await errors.next();
      expect(error.transport).toBe("websocket");
      socket.send("still here");
      expect((await messages.next())[0]).toBe("still here");
      expect([client.readyState, client.transport.name]).toEqual(["open", "polling"]);
    });

    test("takes the classes of transports", async () => {
      const { url } = await serve(server);
      const { Fetch, NodeXHR, NodeWebSocket, transports } = implementation;
      for (const chosen of [[Fetch, NodeWebSocket], [transports.websocket], [NodeXHR]]) {
        const client = connect(url, { transportImplementations: chosen });
        const opened = inbox(client, "open");
        await opened.next();
        expect(client.transport.name).toBe(chosen[0]!.prototype.name);
      }
      expect(() => connect(url, { transportImplementations: [NodeXHR], transports: ["polling"] })).toThrow(
        /transportImplementations/,
      );
    });

    test("offers WebSocket protocols", async () => {
      const { url, requests, connections } = await serve(server);
      connect(url, { transports: ["websocket"], protocols: ["a", "b"] }).on("error", () => {});
      await connections.next();
      expect(requests[0]?.headers["sec-websocket-protocol"]).toBe("a,b");
    });
  });

  test.each(["polling", "websocket"])("ends when the server falls silent, over %s", async (name) => {
    const handshake = { sid: "x", upgrades: [], pingInterval: 30, pingTimeout: 20, maxPayload: 1000 };
    const open = `0${JSON.stringify(handshake)}`;
    const http = createServer((request, response) => {
      if (!queryOf(request)["sid"]) response.end(open);
    });
    new WebSocketServer({ server: http }).on("connection", (socket) => socket.send(open));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    disposals.push(() => {
      http.closeAllConnections();
      http.close();
    });
    const { port } = http.address() as AddressInfo;
    const client = connect(`http://127.0.0.1:${port}`, { transports: [name] });
    const closes = inbox(client, "close");
    expect((await closes.next())[0]).toBe("ping timeout");
  });

  test("fails where nobody listens", async () => {
    const client = connect("http://127.0.0.1:1");
    const [errors, closes] = [inbox(client, "error"), inbox(client, "close")];
    expect(client.readyState).toBe("opening");
    expect((await errors.next())[0].message).toBe("xhr poll error");
    expect((await closes.next())[0]).toBe("transport error");
  });

  test("has the API of component-emitter", () => {
    const client = connect("http://127.0.0.1:1", { transports: ["websocket"] });
    const listener = (): void => {};
    client.on("error", listener).once("message", listener);
    expect([client.hasListeners("message"), client.listeners("error")]).toEqual([true, [listener]]);
    client.off("message", listener).off("error");
    expect([client.hasListeners("message"), client.hasListeners("error")]).toEqual([false, false]);
    client.on("error", listener);
  });

  test("knows the server by its parts", () => {
    const client = connect("wss://[::1]:1/elsewhere?a=b", { transports: ["websocket"], path: "/x" });
    client.on("error", () => {});
    const { hostname, port, secure, opts } = client as unknown as Record<string, any>;
    expect([hostname, port, secure, opts.path]).toEqual(["::1", "1", true, "/x/"]);
  });
});

describe("its exports", () => {
  test("are those of engine.io-client", () => {
    expect(Object.keys(official).filter((name) => !(name in hawser))).toEqual([]);
    expect([hawser.protocol, hawser.Socket.protocol]).toEqual([official.protocol, official.Socket.protocol]);
    expect(Object.keys(hawser.transports)).toEqual(Object.keys(official.transports));
  });

  test.each([
    "http://user:pass@a.test:80/b/c.html?d=e&f=g#h",
    "https://a.test",
    "ws://a.test:1/",
    "wss://[2001:db8::1]:8080/path/to/somewhere/?x",
    "[::1]",
    "a.test:3000/x/y.z/?q=1",
    "/x//y/",
    "//a.test/x",
    "?q",
    "",
  ])("parse() takes apart as there: %s", (uri) => {
    expect(hawser.parse(uri)).toEqual(official.parse(uri));
  });

  test("are the same by require", () => {
    const required = createRequire(import.meta.url)("hawser-client/engine") as typeof hawser;
    expect(Object.keys(required).sort()).toEqual(Object.keys(hawser).sort());
  });
});

/** A transport that an application makes of `fetch`: it polls for what arrives, and posts what it sends. */
class OwnTransport extends hawser.Transport {
  override get name(): string {
    return "polling";
  }

  protected override doOpen(): void {
    void this.#poll();
  }

  protected override doClose(): void {}

  protected override write(packets: hawser.Packet[]): void {
    this.writable = false;
    const digits = { open: 0, close: 1, ping: 2, pong: 3, message: 4, upgrade: 5, noop: 6 } as Record<string, number>;
    const body = packets.map(({ type, data = "" }) => `${digits[type]}${String(data)}`).join("\x1e");
    void fetch(this.createUri("http", this.query), { method: "POST", body }).then(() => {
      this.writable = true;
      this.emitReserved("drain");
    });
  }

  async #poll(): Promise<void> {
    const response = await fetch(this.createUri("http", this.query));
    if (!response.ok) {
      this.onError("refused", response.status);
      return;
    }
    if (this.readyState === "opening") this.onOpen();
    for (const record of (await response.text()).split("\x1e")) {
      if (record === "1") this.onClose({ description: "by the server" });
      else this.onData(record);
    }
    if (this.readyState === "open") void this.#poll();
  }
}

test("a transport of the application's own carries a connection", async () => {
  const { url, connections } = await serve(officialServer);
  const client = new hawser.Socket(url, { transports: [OwnTransport] });
  const [messages, closes] = [inbox(client, "message"), inbox(client, "close")];
  const [socket] = (await connections.next()) as [officialServer.Socket];
  const atServer = inbox(socket, "message");
  client.send("there");
  expect((await atServer.next())[0]).toBe("there");
  socket.send("and back");
  expect((await messages.next())[0]).toBe("and back");
  socket.close();
  expect((await closes.next())[1]).toMatchObject({ description: "by the server" });
});

/** Socket.IO's own client, on hawser's engine: in the place of engine.io-client it finds this. */
function officialOnHawser(): ClientModule {
  const require = createRequire(import.meta.url);
  const within = createRequire(require.resolve("socket.io-client"));
  const place = within.resolve("engine.io-client");
  const stand = createRequire(import.meta.url)("hawser-client/engine") as object;
  within.cache[place] = Object.assign(Object.create(Object.getPrototypeOf(module(place))), {
    id: place,
    filename: place,
    loaded: true,
    exports: stand,
  });
  try {
    return require("socket.io-client") as ClientModule;
  } finally {
    delete within.cache[place];
  }

  function module(path: string): object {
    within(path);
    return within.cache[path] as object;
  }
}

const { io } = officialOnHawser();

describeScenarios("Socket.IO's client on hawser's engine, and hawser", scenarios, (transportMode) => ({
  Server: servers.hawser.use,
  io,
  transportMode,
}));
