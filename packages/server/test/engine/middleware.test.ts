import { describe, expect, it } from "vitest";
import type { ConnectionError } from "../../src/engine/engine.ts";
import { settled, TestServer } from "../fixture.ts";

/** The codes and contexts of the requests that `server` refuses from now on. */
function refusals(server: TestServer): unknown[] {
  const all: unknown[] = [];
  server.io.engine.on("connection_error", ({ code, context }: ConnectionError) => all.push({ code, context }));
  return all;
}

describe("middlewares of the engine", () => {
  it("run on handshakes, on further requests and on upgrades, in order", async () => {
    const server = await TestServer.start();
    const seen: string[] = [];
    server.io.engine.use((request, _response, next) => {
      seen.push(`1 ${request.method}`);
      setTimeout(next, 1);
    });
    server.io.engine.use((request, _response, next) => {
      seen.push(`2 ${request.headers.upgrade ?? "plain"}`);
      next();
    });
    const client = server.client();
    client.handshake = JSON.parse((await client.get()).body.slice(1));
    await client.post("40");
    await client.openWebSocket();
    expect(seen).toEqual(["1 GET", "2 plain", "1 POST", "2 plain", "1 GET", "2 websocket"]);
  });

  it("find the parsed query on the request: an object, to which no key does any harm", async () => {
    const server = await TestServer.start();
    const queries: Record<string, unknown>[] = [];
    server.io.engine.use((request, _response, next) => {
      queries.push((request as { _query?: Record<string, unknown> })._query!);
      next();
    });
    const path = "/socket.io/?EIO=4&transport=polling&name=a&__proto__=b&__proto__=c&constructor=d&name=%20e";
    expect((await fetch(server.origin + path)).status).toBe(200);
    const query = queries[0]!;
    expect(Object.entries(query)).toEqual([
      ["EIO", "4"],
      ["transport", "polling"],
      ["name", " e"],
      ["__proto__", "c"],
      ["constructor", "d"],
    ]);
    expect(Object.getPrototypeOf(query)).toBe(Object.prototype);
    expect(Object.getPrototypeOf({ ...query })).toBe(Object.prototype);
    expect(Object.getPrototypeOf(Object.assign({}, query))).toBe(Object.prototype);
    expect(query.hasOwnProperty("name")).toBe(true);
  });

  it("set headers of responses and of the 101", async () => {
    const server = await TestServer.start();
    server.io.engine.use((_request, response, next) => {
      response.setHeader("X-Powered-By", "tests");
      response.setHeader("X-Gone", "1");
      response.removeHeader("x-gone");
      next();
    });
    const polling = await server.client().get();
    const webSocket = await server.client().openWebSocket();
    for (const { headers } of [polling, webSocket]) {
      expect(headers["x-powered-by"]).toBe("tests");
      expect(headers).not.toHaveProperty("x-gone");
    }
  });

  const objection = new Error("no");
  const OBJECTORS: [string, (next: (error?: unknown) => void) => unknown][] = [
    ["passes an error on", (next) => next(objection)],
    [
      "throws",
      () => {
        throw objection;
      },
    ],
    ["rejects", () => Promise.reject(objection)],
  ];

  it.each(OBJECTORS)("one that %s refuses requests and upgrades", async (_how, object) => {
    const server = await TestServer.start();
    server.io.engine.use((_request, response, next) => {
      response.setHeader("x-seen", "yes");
      next();
    });
    server.io.engine.use((_request, _response, next) => object(next));
    const told = refusals(server);
    const { status, body, headers } = await server.client().get();
    expect([status, body, headers["x-seen"]]).toEqual([400, '{"code":3,"message":"Bad request"}', "yes"]);
    await expect(server.client().openWebSocket()).rejects.toMatchObject({
      status: 400,
      body: "Bad request",
      headers: { "x-seen": "yes" },
    });
    expect(told).toEqual(Array(2).fill({ code: 3, context: { name: "MIDDLEWARE_FAILURE", error: objection } }));
  });

  it.each([
    ["a line break in a value", "x-name", "a\r\nSet-Cookie: b=c"],
    ["a line break in one of several values", "x-name", ["a", "b\r\nSet-Cookie: b=c"]],
    ["a line break in a name", "x-name: a\r\nSet-Cookie", "b=c"],
    ["a character that headers can't have", "x-name", "\u2028"],
  ])("one that sets a header with %s refuses requests and upgrades", async (_what, name, value) => {
    const server = await TestServer.start();
    server.io.engine.use((_request, response, next) => {
      response.setHeader(name, value);
      next();
    });
    const polling = await server.client().get();
    expect([polling.status, polling.headers]).toEqual([400, expect.not.objectContaining({ "set-cookie": ["b=c"] })]);
    const refusal: unknown = await server
      .client()
      .openWebSocket()
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: 400, headers: expect.not.objectContaining({ "set-cookie": ["b=c"] }) });
  });

  it("one that answers by itself keeps the engine out of it", async () => {
    const server = await TestServer.start();
    server.io.engine.use((_request, response) => {
      response.writeHead(429, { "Retry-After": "5" });
      response.end("later");
    });
    const { status, body, headers } = await server.client().get();
    expect([status, body, headers["retry-after"]]).toEqual([429, "later", "5"]);
    await expect(server.client().openWebSocket()).rejects.toMatchObject({
      status: 429,
      body: "later",
      headers: { "retry-after": "5" },
    });
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("one that answers and lets pass all the same is heard on its answer", async () => {
    const server = await TestServer.start();
    server.io.engine.use((_request, response, next) => {
      response.writeHead(429);
      response.end("later");
      setTimeout(next, 1);
    });
    expect((await server.client().get()).body).toBe("later");
    await expect(server.client().openWebSocket()).rejects.toMatchObject({ status: 429, body: "later" });
    await settled();
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it.each(["polling", "websocket"] as const)(
    "one that fails amidst its answer ends it, and is told of: %s",
    async (transport) => {
      const server = await TestServer.start();
      server.io.engine.use((_request, response) => {
        response.write("once upon a time");
        throw objection;
      });
      const told = refusals(server);
      const answer = transport === "polling" ? server.client().get() : server.client().openWebSocket();
      expect(await answer.catch((error: unknown) => error)).toMatchObject({ status: 200, body: "once upon a time" });
      expect(told).toEqual([{ code: 3, context: { name: "MIDDLEWARE_FAILURE", error: objection } }]);
    },
  );
});
