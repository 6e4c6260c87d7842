/** Everything a server can be attached to, and that what was there before goes on working. */

import { readFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server as NetServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { answerEchoes, expectCleanClose, expectConversations } from "../harness/conversation.ts";
import { get } from "../harness/get.ts";
import { servers } from "../harness/implementations.ts";
import { inbox } from "../harness/waiting.ts";

const Server = servers.hawser.use;
type Server = InstanceType<typeof Server>;

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const tls = { cert: fixture("localhost.certificate.pem"), key: fixture("localhost.key.pem") };

const open: { io?: Server; server?: NetServer } = {};
afterEach(async () => {
  await open.io?.close();
  open.server?.close();
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

/** Talks over each transport, and after that whatever else there is to see; then stops. */
async function expectService(
  io: Server,
  url: string,
  meanwhile: () => Promise<void> = async () => {},
  options: Record<string, unknown> = {},
): Promise<void> {
  open.io = io;
  answerEchoes(io);
  await expectConversations(io, url, options);
  await meanwhile();
  const reasons = await expectCleanClose(io, url, () => io.close(), options);
  expect(reasons).toEqual(["transport close", "transport close"]);
}

describe("a server attaches to", () => {
  test("an HTTP server, whose other routes go on working", async () => {
    const httpServer = createServer((request, response) => response.end(`route ${request.url}`));
    const io = new Server(httpServer);
    const url = `http://127.0.0.1:${await listen(httpServer)}`;
    await expectService(io, url, async () => {
      expect(await get(`${url}/hello?name=ada`)).toMatchObject({ status: 200, body: "route /hello?name=ada" });
      expect((await get(`${url}/socket.io`)).body).toBe("route /socket.io");
      expect((await get(`${url}/socket.iox/`)).body).toBe("route /socket.iox/");
    });
  });

  test("an HTTP server that listens already", async () => {
    const httpServer = createServer((_request, response) => response.end("route"));
    const url = `http://127.0.0.1:${await listen(httpServer)}`;
    const io = new Server();
    io.attach(httpServer);
    await expectService(io, url, async () => {
      expect((await get(url)).body).toBe("route");
    });
  });

  test("an HTTPS server", async () => {
    const httpsServer = createHttpsServer(tls, (_request, response) => response.end("secure route"));
    const io = new Server(httpsServer);
    const url = `https://127.0.0.1:${await listen(httpsServer)}`;
    const secure: boolean[] = [];
    io.on("connection", ({ handshake }) => secure.push(handshake.secure));
    const route = async (): Promise<void> => {
      expect(secure).toEqual([true, true, true]);
      expect((await get(url, { ca: tls.cert })).body).toBe("secure route");
    };
    await expectService(io, url, route, { ca: tls.cert });
  });

  test("an HTTP/2 server that allows HTTP/1", async () => {
    const http2Server = createSecureServer({ ...tls, allowHTTP1: true }, (_request, response) => response.end("route"));
    const io = new Server(http2Server);
    const url = `https://127.0.0.1:${await listen(http2Server)}`;
    const route = async (): Promise<void> => {
      expect((await get(url, { ca: tls.cert })).body).toBe("route");
    };
    await expectService(io, url, route, { ca: tls.cert });
  });

  test("a port given to the constructor, where everything else is not found", async () => {
    const io = new Server(0);
    const url = `http://127.0.0.1:${await listening(io)}`;
    await expectService(io, url, async () => {
      expect((await get(`${url}/hello`)).status).toBe(404);
    });
  });

  test.each([0, "0"])("a port given to listen() (%o)", async (port) => {
    const io = new Server();
    io.listen(port as number);
    const url = `http://127.0.0.1:${await listening(io)}`;
    await expectService(io, url, async () => {
      expect((await get(`${url}/hello`)).status).toBe(404);
    });
  });

  test("another path", async () => {
    const httpServer = createServer((_request, response) => response.writeHead(404).end());
    const io = new Server(httpServer, { path: "/live/" });
    const url = `http://127.0.0.1:${await listen(httpServer)}`;
    const paths = async (): Promise<void> => {
      expect((await get(`${url}/socket.io/?EIO=4&transport=polling`)).status).toBe(404);
      expect((await get(`${url}/live/socket.io.js`)).status).toBe(200);
    };
    await expectService(io, url, paths, { path: "/live" });
  });

  test("a server with WebSockets of its own on another path, which go on working", async () => {
    const httpServer = createServer();
    const own = new WebSocketServer({ noServer: true });
    httpServer.on("upgrade", (request, socket, head) => {
      if (request.url === "/own") own.handleUpgrade(request, socket, head, (webSocket) => webSocket.send("own"));
    });
    const io = new Server(httpServer);
    const port = await listen(httpServer);
    await expectService(io, `http://127.0.0.1:${port}`, async () => {
      const webSocket = new WebSocket(`ws://127.0.0.1:${port}/own`);
      const [message] = await inbox(webSocket, "message").next();
      expect(String(message)).toBe("own");
      webSocket.terminate();
    });
  });
});

test("an Express application in place of a server is refused with a hint", () => {
  const application = (_request: unknown, _response: unknown): void => {};
  expect(() => new Server().attach(application as never)).toThrow("express request handler");
});
