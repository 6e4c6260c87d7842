/** Everything a server can be attached to, and that what was there before goes on working. */

import { readFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server as NetServer } from "node:net";
import express from "express";
import Koa from "koa";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { get } from "../harness/get.ts";
import type { ClientSocket } from "../harness/context.ts";
import { clients, servers } from "../harness/implementations.ts";
import { inbox } from "../harness/waiting.ts";

const Server = servers.hawser.use;
type Server = InstanceType<typeof Server>;

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const tls = { cert: fixture("localhost.certificate.pem"), key: fixture("localhost.key.pem") };

const open: { io?: Server; client?: ClientSocket; server?: NetServer } = {};
afterEach(async () => {
  open.client?.disconnect();
  await open.io?.close();
  open.server?.close();
  delete open.client;
  delete open.io;
  delete open.server;
});

const portOf = (server: NetServer): number => (server.address() as AddressInfo).port;

/** Listens on a free port. */
async function listen(server: NetServer): Promise<number> {
  open.server = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return portOf(server);
}

/** Waits for a server that listens by itself. */
async function listening(io: Server): Promise<number> {
  const { httpServer } = io as unknown as { httpServer: HttpServer };
  if (!httpServer.listening) await inbox(httpServer, "listening").next();
  return portOf(httpServer);
}

/** Connects, waits for the upgrade to WebSocket and hears an echo from it. */
async function expectConversation(io: Server, url: string, options: Record<string, unknown> = {}): Promise<void> {
  open.io = io;
  const connections = inbox(io, "connection");
  const client = (open.client = clients.hawser.use.io(url, { forceNew: true, ...options }));
  const errors = inbox(client, "connect_error");
  const [socket] = await Promise.race([connections.next(), errors.next().then(([error]) => Promise.reject(error))]);
  socket.on("echo", (value: string, reply: (value: string) => void) => reply(value));
  if (socket.conn.transport.name !== "websocket") await inbox(socket.conn, "upgrade").next();
  expect(await client.emitWithAck("echo", "ahoy")).toBe("ahoy");
}

describe("a server attaches to", () => {
  test("an HTTP server, whose other routes go on working", async () => {
    const httpServer = createServer((request, response) => response.end(`route ${request.url}`));
    const io = new Server(httpServer);
    const url = `http://127.0.0.1:${await listen(httpServer)}`;
    await expectConversation(io, url);
    expect(await get(`${url}/hello?name=ada`)).toMatchObject({ status: 200, body: "route /hello?name=ada" });
    expect((await get(`${url}/socket.io`)).body).toBe("route /socket.io");
    expect((await get(`${url}/socket.iox/`)).body).toBe("route /socket.iox/");
  });

  test("an HTTP server that listens already", async () => {
    const httpServer = createServer((_request, response) => response.end("route"));
    const url = `http://127.0.0.1:${await listen(httpServer)}`;
    const io = new Server();
    io.attach(httpServer);
    await expectConversation(io, url);
    expect((await get(url)).body).toBe("route");
  });

  test("an HTTPS server", async () => {
    const httpsServer = createHttpsServer(tls, (_request, response) => response.end("secure route"));
    const io = new Server(httpsServer);
    const url = `https://127.0.0.1:${await listen(httpsServer)}`;
    await expectConversation(io, url, { ca: tls.cert });
    expect([...io.sockets.sockets.values()].map(({ handshake }) => handshake.secure)).toEqual([true]);
    expect((await get(url, { ca: tls.cert })).body).toBe("secure route");
  });

  test("an HTTP/2 server that allows HTTP/1", async () => {
    const http2Server = createSecureServer({ ...tls, allowHTTP1: true }, (_request, response) => response.end("route"));
    const io = new Server(http2Server);
    const url = `https://127.0.0.1:${await listen(http2Server)}`;
    await expectConversation(io, url, { ca: tls.cert });
    expect((await get(url, { ca: tls.cert })).body).toBe("route");
  });

  test("a port given to the constructor, where everything else is not found", async () => {
    const io = new Server(0);
    const url = `http://127.0.0.1:${await listening(io)}`;
    await expectConversation(io, url);
    expect((await get(`${url}/hello`)).status).toBe(404);
  });

  test.each([0, "0"])("a port given to listen() (%o)", async (port) => {
    const io = new Server();
    io.listen(port as number);
    const url = `http://127.0.0.1:${await listening(io)}`;
    await expectConversation(io, url);
    expect((await get(`${url}/hello`)).status).toBe(404);
  });

  test("Express 5, whose routes and middlewares go on working", async () => {
    const app = express();
    app.use((_request, response, next) => {
      response.setHeader("x-middleware", "express");
      next();
    });
    app.get("/hello/:name", (request, response) => void response.json({ hello: request.params.name }));
    const httpServer = createServer(app);
    const io = new Server(httpServer);
    const url = `http://127.0.0.1:${await listen(httpServer)}`;
    await expectConversation(io, url);
    const hello = await get(`${url}/hello/ada`);
    expect(hello).toMatchObject({ status: 200, body: '{"hello":"ada"}', headers: { "x-middleware": "express" } });
    expect((await get(`${url}/nowhere`)).status).toBe(404);
    expect((await get(`${url}/socket.io/socket.io.js`)).headers["x-middleware"]).toBeUndefined();
  });

  test("Koa, whose routes and middlewares go on working", async () => {
    const app = new Koa();
    app.use(async (context, next) => {
      context.set("x-middleware", "koa");
      await next();
    });
    app.use((context) => {
      if (context.path === "/hello") context.body = { hello: "koa" };
    });
    const httpServer = createServer(app.callback());
    const io = new Server(httpServer);
    const url = `http://127.0.0.1:${await listen(httpServer)}`;
    await expectConversation(io, url);
    const hello = await get(`${url}/hello`);
    expect(hello).toMatchObject({ status: 200, body: '{"hello":"koa"}', headers: { "x-middleware": "koa" } });
    expect((await get(`${url}/nowhere`)).status).toBe(404);
  });

  test("another path", async () => {
    const httpServer = createServer((_request, response) => response.writeHead(404).end());
    const io = new Server(httpServer, { path: "/live/" });
    const url = `http://127.0.0.1:${await listen(httpServer)}`;
    await expectConversation(io, url, { path: "/live" });
    expect((await get(`${url}/socket.io/?EIO=4&transport=polling`)).status).toBe(404);
    expect((await get(`${url}/live/socket.io.js`)).status).toBe(200);
  });

  test("a server with WebSockets of its own on another path, which go on working", async () => {
    const httpServer = createServer();
    const own = new WebSocketServer({ noServer: true });
    httpServer.on("upgrade", (request, socket, head) => {
      if (request.url === "/own") own.handleUpgrade(request, socket, head, (webSocket) => webSocket.send("own"));
    });
    const io = new Server(httpServer);
    const port = await listen(httpServer);
    await expectConversation(io, `http://127.0.0.1:${port}`);
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}/own`);
    const [message] = await inbox(webSocket, "message").next();
    expect(String(message)).toBe("own");
    webSocket.terminate();
  });
});

test("an Express application in place of a server is refused with a hint", () => {
  expect(() => new Server().attach(express() as never)).toThrow("express request handler");
});
