/** `hawser/engine` by itself: with the clients of engine.io, and beneath Socket.IO's own server. */

import { createServer, type Server as HttpServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Socket as OfficialClient } from "engine.io-client";
import { attach, listen, parser, protocol, Server as Engine, Socket, transports } from "hawser/engine";
import { Server as OfficialServer, type ServerOptions } from "socket.io";
import { afterEach, describe, expect, test } from "vitest";
import type { ServerClass } from "../harness/context.ts";
import { clients } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { bytes } from "../harness/scenario.ts";
import { inbox, type Listenable } from "../harness/waiting.ts";
import { scenarios } from "../scenarios.ts";

/** What clients of both revisions offer. */
interface RawClient extends Listenable {
  readonly id: string;
  readonly transport: { readonly name: string };
  send(data: string | Buffer, options?: object, sent?: () => void): unknown;
  close(): unknown;
}

type RawClientClass = new (url: string, options: object) => RawClient;

const CLIENTS: Record<string, RawClientClass> = {
  "engine.io-client 6": OfficialClient as unknown as RawClientClass,
  "engine.io-client 3": createRequire(import.meta.url)("engine.io-client-3").Socket as RawClientClass,
};

const disposals: (() => unknown)[] = [];
afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

async function serve(options = {}): Promise<{ engine: Engine; http: HttpServer; url: string }> {
  const http = createServer((_request, response) => response.end("the application"));
  const engine = attach(http, { allowEIO3: true, ...options });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  disposals.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return { engine, http, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

describe.each(Object.entries(CLIENTS))("%s", (name, Client) => {
  const isOlder = name.endsWith("3");

  describe.each([["polling"], ["websocket"], ["polling", "websocket"]])("over %s, %s", (...names) => {
    async function connected() {
      const { engine, url } = await serve();
      const connections = inbox(engine, "connection");
      const client = new Client(url, { transports: names, agent: false });
      disposals.push(() => client.close());
      const opened = inbox(client, "open");
      const [socket] = (await connections.next()) as [Socket];
      const upgrades = inbox(socket, "upgrade");
      await opened.next();
      if (names.length > 1) await upgrades.next();
      return { engine, client, socket };
    }

    test("text and bytes go both ways, in order", async () => {
      const { client, socket } = await connected();
      const [atServer, atClient] = [inbox(socket, "message"), inbox(client, "message")];
      client.send("ü🚢");
      client.send(Buffer.from([1, 2]));
      expect((await atServer.next())[0]).toBe("ü🚢");
      expect(bytes((await atServer.next())[0])).toEqual([1, 2]);
      socket.send("line\nbreak");
      socket.write(Buffer.from([3]));
      expect((await atClient.next())[0]).toBe("line\nbreak");
      expect(bytes((await atClient.next())[0])).toEqual([3]);
    });

    test("a socket knows its engine, and the engine its sockets", async () => {
      const { engine, client, socket } = await connected();
      expect(socket).toBeInstanceOf(Socket);
      expect(socket.server).toBe(engine);
      expect(socket.protocol).toBe(isOlder ? 3 : 4);
      expect(socket.id).toBe(client.id);
      expect(engine.clients[client.id]).toBe(socket);
      expect(engine.clientsCount).toBe(1);
      expect(socket.upgraded).toBe(names.length > 1);
    });

    test("the end of one is told at the other", async () => {
      const one = await connected();
      const atServer = inbox(one.socket, "close");
      one.client.close();
      expect((await atServer.next())[0]).toBe("transport close");
      const other = await connected();
      const atClient = inbox(other.client, "close");
      const own = inbox(other.socket, "close");
      other.socket.send("before the end");
      const last = inbox(other.client, "message");
      other.socket.close();
      expect((await own.next())[0]).toBe("forced close");
      expect((await last.next())[0]).toBe("before the end");
      await atClient.next();
      expect(other.engine.clientsCount).toBe(0);
    });
  });
});

test("requests below the path are the engine's, all others the application's", async () => {
  const { url } = await serve({ path: "/raw" });
  expect(await (await fetch(`${url}/elsewhere`)).text()).toBe("the application");
  expect(await (await fetch(`${url}/raw/?EIO=4&transport=polling`)).text()).toMatch(/^0\{"sid":/);
});

test("listen() makes an HTTP server, which does nothing else", async () => {
  const listening: unknown[] = [];
  const engine = await new Promise<Engine>((resolve) => {
    const made = listen(0, {}, () => {
      listening.push(made.httpServer?.listening);
      resolve(made);
    });
  });
  disposals.push(() => engine.httpServer?.close());
  expect(listening).toEqual([true]);
  const { port } = (engine.httpServer as HttpServer).address() as AddressInfo;
  const { status } = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  expect(status).toBe(501);
});

test("a listener that throws harms nobody, and handler_error listeners are told", async () => {
  const { engine, url } = await serve();
  const errors = inbox(engine, "handler_error");
  engine.on("connection", (socket: Socket) => {
    socket.on("message", (data) => {
      if (data === "throw") throw new Error("in a listener");
      socket.send(data);
    });
  });
  const client = new CLIENTS["engine.io-client 6"]!(url, { transports: ["websocket"] });
  disposals.push(() => client.close());
  const answers = inbox(client, "message");
  client.send("throw");
  client.send("echo");
  expect((await errors.next())[0]).toEqual(new Error("in a listener"));
  expect((await answers.next())[0]).toBe("echo");
});

test("an engine that is closed ends its sessions and takes no further ones", async () => {
  const { engine, url } = await serve();
  const connections = inbox(engine, "connection");
  const client = new CLIENTS["engine.io-client 6"]!(url, { transports: ["websocket"] });
  const [socket] = (await connections.next()) as [Socket];
  const ended = inbox(socket, "close");
  engine.close();
  expect((await ended.next())[0]).toBe("forced close");
  expect((await fetch(`${url}/engine.io/?EIO=4&transport=polling`)).status).toBe(400);
  client.close();
});

test("the module exports what engine.io's does", () => {
  expect(protocol).toBe(4);
  expect(Object.keys(transports)).toEqual(["polling", "websocket", "webtransport"]);
  expect(parser.encodePacket).toBeInstanceOf(Function);
});

/** Socket.IO's own server, on hawser's engine. */
class OfficialOnHawser extends OfficialServer {
  constructor(httpServer: HttpServer, options: Partial<ServerOptions> = {}) {
    super(options);
    const engine = new Engine(options as object);
    engine.attach(httpServer, { path: options.path ?? "/socket.io" });
    this.httpServer = httpServer;
    this.bind(engine as never);
  }
}

describeScenarios("Socket.IO on hawser's engine, and socket.io-client", scenarios, (transportMode) => ({
  Server: OfficialOnHawser as unknown as ServerClass,
  io: clients.official.use.io,
  transportMode,
}));
