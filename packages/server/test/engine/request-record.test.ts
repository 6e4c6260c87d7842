import { createServer, type IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import type { ServerOptions } from "../../src/index.ts";
import { nextEvent, settled, TestServer } from "../fixture.ts";

/** The request of a socket whose connection is long over, beside what Node's own server saw. */
async function rememberedBeside(
  transport: "polling" | "websocket",
  send: (server: TestServer) => Promise<void>,
): Promise<{ remembered: IncomingMessage; seen: Record<string, unknown> }> {
  const server = await TestServer.start();
  let seen: Record<string, unknown> = {};
  server.http.prependOnceListener(transport === "polling" ? "request" : "upgrade", (request: IncomingMessage) => {
    const { method, url, headers, headersDistinct, rawHeaders, httpVersion, socket } = request;
    const copies = { headers: { ...headers }, headersDistinct: { ...headersDistinct } };
    seen = { method, url, ...copies, rawHeaders, httpVersion, remotePort: socket.remotePort };
  });
  const connection = nextEvent(server.io, "connection") as Promise<[{ request: IncomingMessage }]>;
  await send(server);
  const [socket] = await connection;
  await settled();
  return { remembered: socket.request, seen };
}

describe.each(["polling", "websocket"] as const)("the request of a %s session", (transport) => {
  it("says the same an hour later, when the connection is long gone", async () => {
    const { remembered, seen } = await rememberedBeside(transport, async (server) => {
      const client = server.client({
        query: { token: "a b&c", list: "1" },
        headers: { cookie: "a=1; b=2", "x-forwarded-for": "10.0.0.1", "User-Agent": "tests" },
      });
      await client.connect(transport);
      await client.join();
      await client.close();
    });
    const { method, url, headers, headersDistinct, rawHeaders, httpVersion, socket } = remembered;
    const { remotePort } = socket;
    const said = { method, url, headers, headersDistinct: { ...headersDistinct }, rawHeaders, httpVersion, remotePort };
    expect(said).toEqual(seen);
    expect(headers["x-forwarded-for"]).toBe("10.0.0.1");
    expect(socket.remoteAddress).toBe("127.0.0.1");
    expect((socket as { encrypted?: boolean }).encrypted ?? false).toBe(false);
  });
});

it("headers that occur twice are joined, or the first one counts, as Node has it", async () => {
  const twice = [
    "Host: a",
    "Host: b",
    "Cookie: a=1",
    "Cookie: b=2",
    "X-A: 1",
    "X-A: 2",
    "User-Agent: x",
    "User-Agent: y",
  ];
  const odd = ["__proto__: x", "constructor: y", "Set-Cookie: 1", "Set-Cookie: 2", "toString: z"];
  const { remembered, seen } = await rememberedBeside("polling", async (server) => {
    const tcp = await server.tcp();
    const query = "EIO=4&transport=polling";
    tcp.write(`GET /socket.io/?${query} HTTP/1.1\r\n${[...twice, ...odd].join("\r\n")}\r\n\r\n`);
    const [, sid] = /"sid":"(.*?)"/.exec(await tcp.until("}")) ?? [];
    tcp.write(`POST /socket.io/?${query}&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n40`);
    await tcp.until("ok");
  });
  const { headers } = remembered;
  expect(headers).toMatchObject(seen["headers"] as object);
  expect(headers).toMatchObject({ cookie: "a=1; b=2", "x-a": "1, 2", "user-agent": "x", host: "a" });
  expect(headers["set-cookie"]).toEqual(["1", "2"]);
  expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
});

it("the same object is given each time, so that what is put on it stays", async () => {
  const server = await TestServer.start();
  const { client, socket } = await server.join();
  Object.assign(socket.request, { user: "ada" });
  const other = await client.join("/").catch(() => undefined);
  expect(other).toBeUndefined();
  expect(socket.conn.request).toBe(socket.request);
  expect(socket.client.request).toBe(socket.request);
  expect(socket.request).toMatchObject({ user: "ada" });
});

describe("the very request that the application had in its hands is kept", () => {
  type Hook = (request: IncomingMessage) => void;
  const WAYS: [string, (mark: Hook) => Partial<ServerOptions>, (server: TestServer, mark: Hook) => void][] = [
    [
      "by a middleware",
      () => ({}),
      (server, mark) =>
        void server.io.engine.use((request, _response, next) => {
          mark(request);
          next();
        }),
    ],
    [
      "by allowRequest",
      (mark) => ({
        allowRequest: (request, callback) => {
          mark(request);
          callback(null, true);
        },
      }),
      () => {},
    ],
    [
      "by generateId",
      () => ({}),
      (server, mark) => {
        const original = server.io.engine.generateId;
        server.io.engine.generateId = (request) => {
          mark(request);
          return original(request);
        };
      },
    ],
    [
      "by a function that chooses the cors options",
      (mark) => ({
        cors: (request, callback) => {
          mark(request);
          callback(null, {});
        },
      }),
      () => {},
    ],
    [
      "by a headers listener",
      () => ({}),
      (server, mark) => void server.io.engine.on("headers", (_headers, request: IncomingMessage) => mark(request)),
    ],
    [
      "by an initial_headers listener",
      () => ({}),
      (server, mark) =>
        void server.io.engine.on("initial_headers", (_headers, request: IncomingMessage) => mark(request)),
    ],
  ];

  describe.each(WAYS)("%s", (_way, options, setUp) => {
    it.each(["polling", "websocket"] as const)("over %s", async (transport) => {
      const mark: Hook = (request) => Object.assign(request, { user: "ada" });
      const server = await TestServer.start(options(mark));
      setUp(server, mark);
      const { socket } = await server.join(transport);
      expect(socket.request).toMatchObject({ user: "ada" });
    });
  });
});

it("the request of a WebSocket has the connection that carries the session", async () => {
  const server = await TestServer.start();
  const connected = nextEvent(server.http, "connection");
  const { socket } = await server.join("websocket");
  expect(socket.request.socket).toBe((await connected)[0]);
});

it.each(["polling", "websocket"] as const)(
  "what a listener of the HTTP server has put on the request of a %s session is still there",
  async (transport) => {
    const http = createServer((_request, response) => response.end());
    const server = await TestServer.start({}, http);
    const mark = (request: IncomingMessage): void => void Object.assign(request, { user: "ada" });
    http.prependListener("request", mark);
    http.prependListener("upgrade", mark);
    const { socket } = await server.join(transport);
    expect(socket.request).toMatchObject({ user: "ada" });
  },
);

it("a request that nobody has seen is not kept", async () => {
  const server = await TestServer.start({ cors: { origin: "http://a" } });
  let seen: IncomingMessage | undefined;
  server.http.prependOnceListener("request", (request: IncomingMessage) => (seen = request));
  const { socket } = await server.join("polling");
  expect(socket.request).not.toBe(seen);
  expect(socket.request.url).toBe(seen?.url);
});

describe("conn.request = null", () => {
  it("lets go of the request that was kept, and what it said can still be asked", async () => {
    const server = await TestServer.start({ allowRequest: (_request, callback) => callback(null, true) });
    const { socket } = await server.join();
    const kept = socket.request;
    socket.conn.request = null;
    expect(socket.request).not.toBe(kept);
    expect(socket.request.url).toBe(kept.url);
    expect(socket.handshake.headers).toEqual(kept.headers);
  });

  it("in a connection listener of the engine is no error", async () => {
    const server = await TestServer.start();
    const errors: unknown[] = [];
    server.io.on("handler_error", (error) => errors.push(error));
    server.io.engine.on("connection", (conn: { request: unknown }) => {
      conn.request = null;
    });
    const { socket } = await server.join();
    expect(errors).toEqual([]);
    expect(socket.handshake.url).toContain("EIO=4");
  });
});
