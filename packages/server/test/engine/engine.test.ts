import type { IncomingMessage } from "node:http";
import { describe, expect, it, vi } from "vitest";
import type { ServerOptions } from "../../src/index.ts";
import type { ConnectionError } from "../../src/engine/engine.ts";
import { nextEvent, settled, TestServer, until } from "../fixture.ts";
import { upgradeRequest } from "../websocket-bytes.ts";

type AllowRequest = NonNullable<ServerOptions["allowRequest"]>;

/** The codes and contexts of the requests that `server` refuses from now on. */
function refusals(server: TestServer): unknown[] {
  const all: unknown[] = [];
  server.io.engine.on("connection_error", ({ code, context }: ConnectionError) => all.push({ code, context }));
  return all;
}

describe("the handshake", () => {
  const options = { pingInterval: 1234, pingTimeout: 567, maxHttpBufferSize: 890 };
  const announced = '"pingInterval":1234,"pingTimeout":567,"maxPayload":890}';

  it("tells its members in the order that clients rely on", async () => {
    const server = await TestServer.start(options);
    const { status, headers, body } = await server.client().get();
    const [, sid] = /^0\{"sid":"([\w-]{20})",/.exec(body) ?? [];
    expect(body).toBe(`0{"sid":"${sid}","upgrades":["websocket"],${announced}`);
    expect([status, headers["content-type"], headers["cache-control"]]).toEqual([
      200,
      "text/plain; charset=UTF-8",
      "no-store",
    ]);
    expect(headers["content-length"]).toBe(String(body.length));
  });

  it("offers no upgrade to a session that begins on a WebSocket", async () => {
    const server = await TestServer.start(options);
    const client = server.client();
    await client.openWebSocket();
    expect(await client.next()).toMatch(new RegExp(`^0{"sid":"[\\w-]{20}","upgrades":\\[\\],${announced}$`));
  });

  it.each([{ allowUpgrades: false }, { transports: ["polling" as const] }])(
    "offers no upgrade with %o",
    async (given) => {
      const server = await TestServer.start(given);
      expect((await server.connect("polling")).handshake?.upgrades).toEqual([]);
    },
  );

  it.each(["polling", "websocket"] as const)(
    "is followed by the initial packet at once, over %s",
    async (transport) => {
      const server = await TestServer.start({ initialPacket: "welcome" });
      const client = server.client();
      await (transport === "polling" ? client.get() : client.openWebSocket());
      await client.next(/^0/);
      expect(await client.next()).toBe("4welcome");
    },
  );

  it("leaves with the 101 in one write", async () => {
    const server = await TestServer.start();
    const writes: number[] = [];
    server.http.on("upgrade", (_request, socket) => {
      // Corked until the end of the turn: what reaches the system call is one piece.
      const writev = socket._writev?.bind(socket);
      socket._writev = (chunks, callback) => {
        writes.push(chunks.length);
        writev?.(chunks, callback);
      };
    });
    const tcp = await server.tcp();
    tcp.write(upgradeRequest());
    await tcp.until(/0\{.*\}$/);
    expect(writes).toHaveLength(1);
  });
});

describe("allowRequest", () => {
  it("lets a client in, now or later", async () => {
    for (const allowRequest of [
      (_request, callback) => callback(null, true),
      (_request, callback) => setTimeout(callback, 1, null, true),
    ] satisfies AllowRequest[]) {
      const server = await TestServer.start({ allowRequest });
      await server.connect("polling");
      await server.connect("websocket");
      expect(server.io.engine.clientsCount).toBe(2);
    }
  });

  it("keeps a client out with 403", async () => {
    const server = await TestServer.start({ allowRequest: (_request, callback) => callback(null, false) });
    const { status, body, headers } = await server.client().get();
    expect([status, headers["content-type"], body]).toEqual([
      403,
      "application/json",
      '{"code":4,"message":"Forbidden"}',
    ]);
  });

  it("may say why, to both transports", async () => {
    const server = await TestServer.start({ allowRequest: (_request, callback) => callback("not on Sundays", false) });
    const told = refusals(server);
    const { status, body } = await server.client().get();
    expect([status, body]).toEqual([403, '{"code":4,"message":"not on Sundays"}']);
    await expect(server.client().openWebSocket()).rejects.toMatchObject({ body: "not on Sundays" });
    expect(told).toEqual(Array(2).fill({ code: 4, context: { message: "not on Sundays" } }));
  });

  it.each<[string, unknown]>([
    ["an error", new Error("no")],
    ["a number", 401],
    ["an object", { message: "no" }],
  ])("tells no more than that it keeps a client out, if what it says is no text but %s", async (_what, reason) => {
    const server = await TestServer.start({
      allowRequest: (_request, callback) => void setImmediate(callback, reason as string, false),
    });
    const told = refusals(server);
    expect((await server.client().get()).body).toBe('{"code":4,"message":"Forbidden"}');
    await expect(server.client().openWebSocket()).rejects.toMatchObject({ body: "Forbidden" });
    expect(told).toEqual(Array(2).fill({ code: 4, context: { message: reason } }));
  });

  it("is asked for handshakes, not for further requests or upgrades", async () => {
    const allowRequest = vi.fn<AllowRequest>((_request, callback) => callback(null, true));
    const server = await TestServer.start({ allowRequest });
    const client = await server.connect("polling");
    await client.upgrade();
    await client.join();
    expect(allowRequest).toHaveBeenCalledTimes(1);
  });

  it("is heard once, however often it answers", async () => {
    const server = await TestServer.start({
      allowRequest: (_request, callback) => {
        callback(null, true);
        callback(null, false);
        callback(null, true);
      },
    });
    const told = refusals(server);
    await server.connect("polling");
    await server.connect("websocket");
    expect(server.io.engine.clientsCount).toBe(2);
    expect(told).toEqual([]);
  });

  const thrown = new Error("a bug");
  const BROKEN: [string, AllowRequest][] = [
    [
      "throws",
      () => {
        throw thrown;
      },
    ],
    ["rejects", (() => Promise.reject(thrown)) as unknown as AllowRequest],
  ];

  it.each(BROKEN)("that %s keeps the client out, and the error is told", async (_how, allowRequest) => {
    const server = await TestServer.start({ allowRequest });
    const errors: unknown[] = [];
    server.io.on("handler_error", (error, { phase }) => errors.push([error, phase]));
    const { status, body } = await server.client().get();
    expect([status, body]).toEqual([403, '{"code":4,"message":"Forbidden"}']);
    await expect(server.client().openWebSocket()).rejects.toMatchObject({ status: 400, body: "Forbidden" });
    expect(errors).toEqual(Array(2).fill([thrown, "engine"]));
  });

  it.each(["polling", "websocket"] as const)(
    "begins no %s session for a client that has gone meanwhile",
    async (transport) => {
      let letIn = (): void => {};
      let isAsked = (_request: IncomingMessage): void => {};
      const asked = new Promise<IncomingMessage>((resolve) => (isAsked = resolve));
      const server = await TestServer.start({
        allowRequest: (request, callback) => {
          letIn = () => callback(null, true);
          isAsked(request);
        },
      });
      const tcp = await server.tcp();
      tcp.write(
        transport === "websocket"
          ? upgradeRequest()
          : "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n",
      );
      const gone = nextEvent((await asked).socket, "close");
      tcp.reset();
      await gone;
      letIn();
      await settled();
      expect(server.io.engine.clientsCount).toBe(0);
    },
  );
});

describe("generateId", () => {
  it("makes ids of 20 URL-safe characters, all different", async () => {
    const server = await TestServer.start();
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await server.connect("polling")).sid));
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) {
      expect(id).toMatch(/^[\w-]{20}$/);
    }
  });

  it.each([
    ["at once", (request: IncomingMessage) => `id-of-${String(request.headers["x-name"])}`],
    ["by a promise", (request: IncomingMessage) => Promise.resolve(`id-of-${String(request.headers["x-name"])}`)],
  ])("may be overwritten, to answer %s", async (_when, generateId) => {
    const server = await TestServer.start();
    server.io.engine.generateId = generateId;
    for (const transport of ["polling", "websocket"] as const) {
      const client = await server.connect(transport, { headers: { "x-name": transport } });
      expect(client.sid).toBe(`id-of-${transport}`);
      await client.join();
    }
  });

  const failure = new Error("no entropy");
  const BROKEN: [string, () => unknown][] = [
    [
      "throws",
      () => {
        throw failure;
      },
    ],
    ["rejects", () => Promise.reject(failure)],
    ["makes something else", () => undefined],
    ["makes something else later", () => Promise.resolve({})],
    ["makes nothing", () => ""],
  ];

  it.each(BROKEN)("that %s refuses the request", async (_how, generateId) => {
    const server = await TestServer.start();
    server.io.engine.generateId = generateId as () => string;
    const told = refusals(server);
    const { status, body } = await server.client().get();
    expect([status, body]).toEqual([400, '{"code":3,"message":"Bad request"}']);
    await expect(server.client().openWebSocket()).rejects.toMatchObject({ status: 400, body: "Bad request" });
    const context = { name: "ID_GENERATION_ERROR", error: expect.any(Error) as unknown };
    expect(told).toEqual(Array(2).fill({ code: 3, context }));
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("that repeats itself refuses the second session instead of handing over the first", async () => {
    const server = await TestServer.start();
    server.io.engine.generateId = () => "same";
    const first = await server.connect("polling");
    expect((await server.client().get()).body).toBe('{"code":3,"message":"Bad request"}');
    await first.join();
    expect(server.io.engine.clientsCount).toBe(1);
  });
});

describe("headers events", () => {
  it("tell of the first response of a session, and of each", async () => {
    const server = await TestServer.start();
    const events: string[] = [];
    server.io.engine.on("initial_headers", (headers: Record<string, string>, request: IncomingMessage) => {
      events.push(`initial ${request.method}`);
      headers["x-initial"] = "yes";
    });
    server.io.engine.on("headers", (headers: Record<string, string>, request: IncomingMessage) => {
      events.push(`${request.method}`);
      headers["x-each"] = "yes";
    });
    const client = server.client();
    const first = await client.get();
    client.handshake = JSON.parse(first.body.slice(1));
    expect(first.headers).toMatchObject({ "x-initial": "yes", "x-each": "yes" });
    const posted = await client.post("40");
    expect(posted.headers).toMatchObject({ "x-each": "yes" });
    expect(posted.headers).not.toHaveProperty("x-initial");
    expect((await client.get()).headers).not.toHaveProperty("x-initial");
    const webSocket = await client.openWebSocket();
    expect(webSocket.headers).toMatchObject({ "x-each": "yes" });
    expect(webSocket.headers).not.toHaveProperty("x-initial");
    expect(events).toEqual(["initial GET", "GET", "POST", "GET", "GET"]);
  });

  it("tell of the 101 with which a session begins", async () => {
    const server = await TestServer.start();
    server.io.engine.on("initial_headers", (headers: Record<string, string>) => (headers["x-initial"] = "yes"));
    expect((await server.client().openWebSocket()).headers).toMatchObject({ "x-initial": "yes" });
  });

  it.each<[string, unknown]>([
    ["a line break", "a\r\nSet-Cookie: b=c"],
    ["a character that headers can't have", "\u2028"],
    ["nothing", undefined],
  ])("leave out a header that holds %s, and tell of it, over both transports", async (_what, value) => {
    const server = await TestServer.start();
    const errors: unknown[] = [];
    server.io.on("handler_error", (error, { phase, event }) => errors.push([error instanceof TypeError, phase, event]));
    server.io.engine.on("headers", (headers: Record<string, unknown>) => {
      Object.assign(headers, { "x-bad": value, "bad name": "x", "x-good": "yes" });
    });
    for (const { headers } of [await server.client().get(), await server.client().openWebSocket()]) {
      expect(headers).toMatchObject({ "x-good": "yes" });
      expect(headers).not.toHaveProperty("x-bad");
      expect(headers).not.toHaveProperty("set-cookie");
      expect(headers).not.toHaveProperty("bad name");
    }
    expect(errors).toEqual(Array(4).fill([true, "engine", "headers"]));
  });

  it("do not end the process when a listener throws", async () => {
    const server = await TestServer.start();
    const errors: unknown[] = [];
    server.io.on("handler_error", (error, { phase, event }) => errors.push([(error as Error).message, phase, event]));
    for (const event of ["initial_headers", "headers", "connection_error"]) {
      server.io.engine.on(event, () => {
        throw new Error(event);
      });
    }
    await server.connect("websocket");
    await server.connect("polling");
    await server.client().request({ method: "PUT", query: {} });
    expect(errors).toContainEqual(["initial_headers", "engine", "initial_headers"]);
    expect(errors).toContainEqual(["headers", "engine", "headers"]);
    expect(errors).toContainEqual(["connection_error", "engine", "connection_error"]);
  });
});

describe("an upgrade", () => {
  it("comes to nothing if the session closes while it is answered", async () => {
    const server = await TestServer.start();
    const client = server.client();
    client.handshake = JSON.parse((await client.get()).body.slice(1));
    const { [client.sid as string]: conn } = server.io.engine.clients;
    server.io.engine.once("headers", () => conn?.close());
    const webSocket = await client.openWebSocket();
    webSocket.send("2probe");
    expect((await webSocket.closed).code).toBe(1005);
    expect((await client.get()).body).toBe("6\x1e1");
    await settled();
  });
});

describe("the end of the engine", () => {
  it("answers waiting GETs with 1, closes WebSockets without a code, and lets nobody in any more", async () => {
    const server = await TestServer.start();
    const polling = await server.connect("polling");
    const webSocket = await server.connect("websocket");
    await until(() => server.io.engine.clientsCount === 2);
    server.io.engine.close();
    expect(server.io.engine.clientsCount).toBe(0);
    expect(await polling.next()).toBe("1");
    expect(await webSocket.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    await expect(server.client().openWebSocket()).rejects.toMatchObject({ status: 400, body: "Bad request" });
    const { status, body, headers } = await server.client().get();
    expect([status, body]).toEqual([400, '{"code":3,"message":"Bad request"}']);
    expect(headers["connection"]).toBe("close");
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("keeps out those who were being looked at", async () => {
    let letIn: (() => void) | undefined;
    const server = await TestServer.start({
      allowRequest: (_request, callback) => {
        letIn = () => callback(null, true);
      },
    });
    const response = server.client().get();
    await until(() => letIn !== undefined);
    server.io.engine.close();
    letIn?.();
    expect((await response).status).toBe(400);
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("disarms every timer", async () => {
    const server = await TestServer.start();
    await server.join("polling");
    await server.join("websocket");
    await server.connect("polling");
    expect(server.io.engine.deadlines.size).toBeGreaterThan(0);
    server.io.engine.close();
    await settled();
    expect(server.io.engine.deadlines.size).toBe(0);
  });
});
