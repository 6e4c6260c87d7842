import { describe, expect, it } from "vitest";
import { resolveEngineOptions } from "../../src/engine/options.ts";
import type { EngineRequest } from "../../src/engine/request.ts";
import { verifyRequest } from "../../src/engine/verify.ts";
import type { ConnectionError } from "../../src/engine/engine.ts";
import { sessionOf, TestServer } from "../fixture.ts";
import { upgradeRequest } from "../websocket-bytes.ts";

const REFUSED: [string, { method?: string; query: Record<string, string | undefined> }, number, string][] = [
  ["no transport", { query: { transport: undefined } }, 0, "Transport unknown"],
  ["an unknown transport", { query: { transport: "tube" } }, 0, "Transport unknown"],
  ["webtransport, which HTTP does not carry", { query: { transport: "webtransport" } }, 0, "Transport unknown"],
  ["an unknown session", { query: { sid: "nobody" } }, 1, "Session ID unknown"],
  ["a handshake by POST", { method: "POST", query: {} }, 2, "Bad handshake method"],
  ["OPTIONS where no cors option is set", { method: "OPTIONS", query: {} }, 2, "Bad handshake method"],
  ["websocket without an upgrade", { query: { transport: "websocket" } }, 3, "Bad request"],
  ["another revision of the protocol", { query: { EIO: "3" } }, 5, "Unsupported protocol version"],
  ["no revision of the protocol", { query: { EIO: undefined } }, 5, "Unsupported protocol version"],
];

describe("an HTTP request is refused as JSON", () => {
  it.each(REFUSED)("for %s", async (_reason, request, code, message) => {
    const server = await TestServer.start();
    const client = server.client();
    const response = await client.request(request);
    expect(response.status).toBe(400);
    expect(response.headers["content-type"]).toBe("application/json");
    expect(response.body).toBe(JSON.stringify({ code, message }));
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("for a transport that the server does not offer", async () => {
    const server = await TestServer.start({ transports: ["websocket"] });
    expect((await server.client().request()).body).toBe('{"code":0,"message":"Transport unknown"}');
  });

  it("for a transport other than that which carries the session", async () => {
    const server = await TestServer.start();
    const client = await server.connect("websocket");
    expect((await client.request()).body).toBe('{"code":3,"message":"Bad request"}');
  });

  it("for a session on a WebSocket, whatever transport it names", async () => {
    const server = await TestServer.start();
    const client = await server.connect("websocket");
    for (const method of ["GET", "POST"]) {
      const { status, body } = await client.request({ method, query: { transport: "websocket" } });
      expect([status, body]).toEqual([400, '{"code":3,"message":"Bad request"}']);
    }
    await client.join();
  });

  it("for polling after an upgrade", async () => {
    const server = await TestServer.start();
    const client = await server.connect("polling");
    await client.upgrade();
    await client.join();
    expect((await client.request()).body).toBe('{"code":3,"message":"Bad request"}');
  });

  it("for the last value of a parameter that is given twice", async () => {
    const server = await TestServer.start();
    const tcp = await server.tcp();
    tcp.write("GET /socket.io/?EIO=4&transport=polling&transport=x HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await tcp.until("}")).toContain('{"code":0,"message":"Transport unknown"}');
  });
});

describe("an upgrade request is refused as plain text, before any 101", () => {
  const UPGRADES: [string, string, string][] = [
    ["no transport", "EIO=4", "Transport unknown"],
    ["polling", "EIO=4&transport=polling", "Bad request"],
    ["an unknown session", "EIO=4&transport=websocket&sid=nobody", "Session ID unknown"],
    ["another revision of the protocol", "EIO=3&transport=websocket", "Unsupported protocol version"],
  ];

  it.each(UPGRADES)("for %s", async (_reason, query, message) => {
    const server = await TestServer.start();
    const tcp = await server.tcp();
    tcp.write(upgradeRequest({ url: `/socket.io/?${query}` }));
    await tcp.closed;
    expect(tcp.received).toBe(
      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-type: text/html\r\n" +
        `Content-Length: ${message.length}\r\n\r\n${message}`,
    );
  });

  it.each(["websocket", "polling"] as const)("for a session that began on %s and is there already", async (first) => {
    const server = await TestServer.start();
    const client = await server.connect(first);
    if (first === "polling") {
      await client.upgrade();
    }
    await client.join();
    await expect(client.openWebSocket()).rejects.toMatchObject({ status: 400, body: "Bad request" });
    await client.send("41", "40");
    await client.next(/^40/);
    expect(server.io.engine.clientsCount).toBe(1);
  });

  it("for a session that is being upgraded", async () => {
    const server = await TestServer.start();
    const client = await server.connect("polling");
    const first = await client.openWebSocket();
    await expect(client.openWebSocket()).rejects.toMatchObject({ status: 400 });
    first.send("2probe");
    await client.next("3probe");
  });

  it("for a session that is closing, as long as no GET has told the client", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    const stopped = client.stopPolling();
    socket.emit("last");
    await stopped;
    socket.conn.close();
    expect(sessionOf(socket).state).toBe("closing");
    await expect(client.openWebSocket()).rejects.toMatchObject({ status: 400, body: "Bad request" });
    expect((await client.get()).body).toMatch(/1$/);
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("with 400 although it is forbidden", async () => {
    const server = await TestServer.start({ allowRequest: (_request, callback) => callback(null, false) });
    await expect(server.client().openWebSocket()).rejects.toMatchObject({ status: 400, body: "Forbidden" });
  });
});

describe("the first thing that is wrong decides", () => {
  const ORDER: [string, { method?: string; query: Record<string, string> }, number][] = [
    ["the transport before the session", { query: { transport: "tube", sid: "nobody" } }, 0],
    ["the session before the method", { method: "POST", query: { sid: "nobody" } }, 1],
    ["the method before the missing upgrade", { method: "POST", query: { transport: "websocket" } }, 2],
    ["the method before the application", { method: "POST", query: {} }, 2],
    ["the missing upgrade before the application", { query: { transport: "websocket" } }, 3],
    ["the application before the revision", { query: { EIO: "3" } }, 4],
  ];

  it.each(ORDER)("%s", async (_order, request, code) => {
    const server = await TestServer.start({ allowRequest: (_request, callback) => callback(null, false) });
    expect(JSON.parse((await server.client().request(request)).body)).toMatchObject({ code });
  });

  it("a middleware before the transport", async () => {
    const server = await TestServer.start();
    server.io.engine.use((_request, _response, next) => next(new Error("no")));
    const { body } = await server.client().request({ query: { transport: "tube" } });
    expect(body).toBe('{"code":3,"message":"Bad request"}');
  });
});

describe("connection_error listeners are told", () => {
  async function errorOf(
    options: Parameters<typeof TestServer.start>[0],
    request: (server: TestServer) => Promise<unknown>,
  ): Promise<ConnectionError> {
    const server = await TestServer.start(options);
    const errors: ConnectionError[] = [];
    server.io.engine.on("connection_error", (error: ConnectionError) => errors.push(error));
    await request(server).catch(() => {});
    expect(errors).toHaveLength(1);
    return errors[0] as ConnectionError;
  }

  it("the request, the code, the message and the context", async () => {
    const error = await errorOf({}, (server) => server.client().request({ query: { transport: "tube" } }));
    expect(error).toMatchObject({ code: 0, message: "Transport unknown", context: { transport: "tube" } });
    expect(error.req.url).toContain("transport=tube");
  });

  it.each([
    ["sid", 1, { sid: "nobody" }, { sid: "nobody" }],
    ["protocol", 5, { EIO: "3" }, { protocol: 3 }],
  ])("which %s it was", async (_name, code, query, context) => {
    expect(await errorOf({}, (server) => server.client().request({ query }))).toMatchObject({ code, context });
  });

  it("of the transport that carries the session when another one asks", async () => {
    const error = await errorOf({}, async (server) => (await server.connect("websocket")).request());
    expect(error.context).toEqual({ name: "TRANSPORT_MISMATCH", transport: "polling", previousTransport: "websocket" });
  });

  it("of refused upgrades too", async () => {
    const error = await errorOf({}, (server) => server.client().openWebSocket({ query: { sid: "nobody" } }));
    expect(error).toMatchObject({ code: 1, context: { sid: "nobody" } });
  });
});

it("an Origin with characters that no header may hold is refused, if a lenient HTTP parser lets it through", () => {
  const options = resolveEngineOptions({});
  const request = (origin: string): EngineRequest =>
    ({ method: "GET", url: "/socket.io/?EIO=4&transport=polling", headers: { origin } }) as EngineRequest;
  expect(verifyRequest(request("http://a\x01b"), false, options, new Map())).toMatchObject({
    code: 3,
    context: { name: "INVALID_ORIGIN" },
  });
  expect(verifyRequest(request("http://grüße.de\t"), false, options, new Map())).not.toHaveProperty("code");
});
