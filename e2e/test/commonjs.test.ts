/** What `require` gives, of Socket.IO and of hawser: functions that make servers and clients, with the classes as properties. */

import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo, Server as NetServer } from "node:net";
import type * as officialServer from "socket.io";
import type * as officialClient from "socket.io-client";
import { afterEach, describe, expect, test } from "vitest";
import { answerEchoes, expectCleanClose, expectConversations } from "../harness/conversation.ts";
import { inbox } from "../harness/waiting.ts";

type Server = officialServer.Server;
type Make = (server?: unknown, options?: object) => Server;
type ServerExport = Make & (new (server?: unknown, options?: object) => Server) & typeof officialServer;
type ClientExport = typeof officialClient.io & typeof officialClient;

const require = createRequire(import.meta.url);
const hawser = require("hawser") as ServerExport & { listen: Make; default: Make };

let io: Server | undefined;
afterEach(async () => {
  await io?.close();
  io = undefined;
});

async function listen(server: NetServer): Promise<string> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Attached to an HTTP server that listens. */
async function serve(make: Make): Promise<{ server: Server; url: string }> {
  const httpServer = createServer();
  io = make(httpServer, { path: "/live" });
  return { server: io, url: await listen(httpServer) };
}

/** Whether a server serves, with the options that it was given. */
async function expectService({ server, url }: { server: Server; url: string }): Promise<void> {
  const options = { path: "/live" };
  answerEchoes(server);
  await expectConversations(server, url, options);
  const reasons = await expectCleanClose(server, url, () => server.close(), options);
  expect(reasons).toEqual(["transport close", "transport close"]);
}

describe.each(["socket.io", "hawser"])('require("%s")', (name) => {
  const exported = require(name) as ServerExport;

  test("makes a server of an HTTP server and options", async () => {
    const served = await serve((server, options) => exported(server, options));
    expect(served.server).toBeInstanceOf(exported.Server);
    await expectService(served);
  });

  test("makes a server of a port, or of nothing", async () => {
    io = exported(0, { path: "/live" });
    expect(io.path()).toBe("/live");
    const { httpServer } = io as unknown as { httpServer: NetServer };
    if (!httpServer.listening) await inbox(httpServer, "listening").next();
    await io.close();
    io = exported();
    expect(io.attach(createServer())).toBe(io);
  });

  test("has the classes as its properties", async () => {
    const { Server: ServerClass, Namespace, Socket } = exported;
    const served = await serve((server, options) => new ServerClass(server as NetServer as never, options));
    const sockets: unknown[] = [];
    served.server.on("connection", (socket) => sockets.push(socket));
    expect(served.server.of("/admin")).toBeInstanceOf(Namespace);
    await expectService(served);
    expect(sockets.length).toBe(5);
    for (const socket of sockets) expect(socket).toBeInstanceOf(Socket);
  });

  test("may have its classes extended", async () => {
    class Counting extends exported.Server {
      readonly answer = 42;
    }
    const served = await serve((server, options) => new Counting(server as NetServer as never, options));
    expect((served.server as Counting).answer).toBe(42);
    await expectService(served);
  });
});

describe('require("hawser")', () => {
  test.each<[string, Make]>([
    ["with new", (server, options) => new hawser(server, options)],
    ["by listen(), as in Socket.IO 2", (server, options) => hawser.listen(server, options)],
    ["by the name that compilers give a default", (server, options) => hawser.default(server, options)],
  ])("makes a server %s", async (_how, make) => {
    const served = await serve(make);
    expect(served.server).toBeInstanceOf(hawser.Server);
    await expectService(served);
  });
});

describe.each(["socket.io-client", "hawser-client"])('require("%s")', (name) => {
  const io = require(name) as ClientExport;

  test("is io, by each of its names", () => {
    expect(io).toBeTypeOf("function");
    expect(io.io).toBe(io);
    expect(io.connect).toBe(io);
  });

  test("has the classes as its properties", () => {
    const manager = new io.Manager("http://127.0.0.1:1", { autoConnect: false });
    expect(manager.socket("/admin")).toBeInstanceOf(io.Socket);
    const socket = io("http://127.0.0.1:1", { autoConnect: false, forceNew: true });
    expect(socket).toBeInstanceOf(io.Socket);
    expect(socket.io).toBeInstanceOf(io.Manager);
  });

  test.each(["socket.io", "hawser"])("talks to what %s serves", async (serverName) => {
    const { url, server } = await serve(require(serverName) as Make);
    answerEchoes(server);
    const socket = io(url, { path: "/live", forceNew: true });
    try {
      expect(await socket.emitWithAck("echo", "ahoy")).toBe("ahoy");
    } finally {
      socket.disconnect();
    }
  });
});

test("what hawser exports to import and to require are the same classes", async () => {
  const imported = (await import("hawser")) as Record<string, unknown>;
  const required = hawser as unknown as Record<string, unknown>;
  const names = Object.keys(imported).filter((name) => name !== "default" && name !== "module.exports");
  expect(names).toEqual(expect.arrayContaining(["Server", "Namespace", "Socket", "BroadcastOperator", "RemoteSocket"]));
  for (const name of names) expect(imported[name]).toBe(required[name]);
});
