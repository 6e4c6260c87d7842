import { once } from "node:events";
import { ServerResponse, type IncomingMessage } from "node:http";
import type { RawTcp } from "@hawser/testing";
import { describe, expect, it, vi } from "vitest";
import type { EngineMiddleware } from "../../src/engine/middleware.ts";
import { nextEvent, settled, TestServer } from "../fixture.ts";

const UPGRADE = [
  "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "\r\n",
].join("\r\n");

/** A server with one middleware, and a client that asks it for a WebSocket. */
async function ask(middleware: EngineMiddleware): Promise<{ server: TestServer; tcp: RawTcp }> {
  const server = await TestServer.start();
  server.io.engine.use(middleware);
  const tcp = await server.tcp();
  tcp.write(UPGRADE);
  return { server, tcp };
}

/** What a client that asks for a WebSocket is answered, but for the date. */
async function answerOf(middleware: EngineMiddleware): Promise<string[]> {
  const { tcp } = await ask(middleware);
  await tcp.closed;
  return tcp.received.split("\r\n").filter((line) => !line.startsWith("Date: "));
}

/** The lines of the 101 that a middleware is answerable for. */
async function acceptedWith(middleware: EngineMiddleware): Promise<string[]> {
  const { tcp } = await ask(middleware);
  const head = await tcp.until("\r\n\r\n");
  const [status, ...headers] = head.trim().split("\r\n");
  expect(status).toBe("HTTP/1.1 101 Switching Protocols");
  return headers.filter((line) => !/^(Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Accept: .*)$/.test(line));
}

describe("the answer of a middleware to an upgrade request", () => {
  const ANSWERS: [string, (response: ServerResponse) => unknown, string[]][] = [
    [
      "a status and a body",
      (response) => {
        response.statusCode = 401;
        response.setHeader("X-Why", "nobody").end("no");
      },
      ["HTTP/1.1 401 Unauthorized", "X-Why: nobody", "Connection: close", "Content-Length: 2", "", "no"],
    ],
    [
      "a status in words of its own",
      (response) => response.writeHead(401, "Who", { "content-length": 0, "x-a": ["1", "2"] }).end(),
      ["HTTP/1.1 401 Who", "content-length: 0", "x-a: 1", "x-a: 2", "Connection: close", "", ""],
    ],
    [
      "headers in turn, which replace others of these names",
      (response) => {
        response.setHeader("X-A", "0");
        response.writeHead(403, ["x-a", "1", "x-a", "2", "content-length", "0"]).end();
      },
      ["HTTP/1.1 403 Forbidden", "x-a: 1", "x-a: 2", "content-length: 0", "Connection: close", "", ""],
    ],
    [
      "headers in pairs",
      (response) => Reflect.apply(response.writeHead, response, [403, [["content-length", "0"]]]).end(),
      ["HTTP/1.1 403 Forbidden", "content-length: 0", "Connection: close", "", ""],
    ],
    [
      "several pieces",
      (response) => {
        response.setHeader("Content-Length", 4).write("a");
        setTimeout(() => response.write("bc"), 1);
        setTimeout(() => response.end(Buffer.from("d")), 2);
      },
      ["HTTP/1.1 200 OK", "Content-Length: 4", "Connection: close", "", "abcd"],
    ],
    [
      "no promise to keep the connection",
      (response) => {
        response.setHeader("connection", "keep-alive");
        response.writeHead(403, { Connection: "keep-alive", "content-length": "2" }).end("no");
      },
      ["HTTP/1.1 403 Forbidden", "Connection: close", "content-length: 2", "", "no"],
    ],
    [
      "a redirection",
      (response) => response.writeHead(302, { Location: "/login", "Content-Length": "0" }).end(),
      ["HTTP/1.1 302 Found", "Location: /login", "Content-Length: 0", "Connection: close", "", ""],
    ],
  ];

  it.each(ANSWERS)("is sent as it is: %s", async (_what, answer, lines) => {
    expect(await answerOf((_request, response) => answer(response))).toEqual(lines);
  });

  it("may be larger than what the connection takes at once", async () => {
    const piece = Buffer.alloc(4_000_000, "a");
    const { tcp } = await ask(async (_request, response) => {
      for (let index = 0; index < 4; index++) {
        if (!response.write(piece)) {
          await once(response, "drain");
        }
      }
      response.end();
    });
    await tcp.closed;
    expect(tcp.received.length).toBeGreaterThan(4 * piece.length);
  });

  it("is told of by `finish` and `close`", async () => {
    const events: string[] = [];
    const { tcp } = await ask((_request, response) => {
      response.on("finish", () => events.push("finish")).on("close", () => events.push("close"));
      response.writeHead(401).end();
    });
    await tcp.closed;
    await vi.waitFor(() => expect(events).toEqual(["finish", "close"]));
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ["a status that there is not", (response) => response.writeHead(42)],
    ["a line break in the status", (response) => response.writeHead(401, "no\r\nSet-Cookie: a=b").end()],
    ["a line break in a header", (response) => response.writeHead(401, { "x-a": "no\r\nSet-Cookie: a=b" }).end()],
    ["half a header", (response) => response.writeHead(401, ["x-a"]).end()],
    ["a body that is none", (response) => response.end(42)],
  ])("is a refusal if it is impossible: %s", async (_what, answer) => {
    const lines = await answerOf((_request, response) => answer(response));
    expect(lines[0]).toBe("HTTP/1.1 400 Bad Request");
    expect(lines.join("\r\n")).toMatch(/\r\n\r\nBad request$/);
    expect(lines.join("\r\n")).not.toContain("Set-Cookie");
  });

  it("takes nothing after its end, and says so to the application only", async () => {
    const server = await TestServer.start();
    const told = nextEvent(server.io, "handler_error");
    server.io.engine.use((_request, response) => {
      response.end("no");
      response.write("more");
    });
    await expect(server.client().openWebSocket()).rejects.toMatchObject({ status: 200, body: "no" });
    expect(await told).toMatchObject([{ code: "ERR_STREAM_WRITE_AFTER_END" }, { phase: "engine" }]);
  });

  it("goes nowhere if the client has gone meanwhile", async () => {
    let answer: () => void = () => {};
    const closed = vi.fn<() => void>();
    const { server, tcp } = await ask((request, response) => {
      response.on("close", closed);
      answer = () => response.writeHead(401).end("no");
      request.socket.destroy();
    });
    await tcp.closed;
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
    answer();
    await settled();
    expect(tcp.received).toBe("");
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("waits for no answer that the connection still owes: the connection is closed", async () => {
    const server = await TestServer.start();
    const responses: ServerResponse[] = [];
    server.io.engine.use((request, response, next) => {
      responses.push(response);
      if (request.headers.upgrade) {
        next();
      }
    });
    const tcp = await server.tcp();
    tcp.write(`GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n${UPGRADE}`);
    await tcp.closed;
    expect([tcp.received, responses.length, server.io.engine.clientsCount]).toEqual(["", 2, 0]);
  });
});

describe("the response to an upgrade request that middlewares let pass", () => {
  it("is one of Node's, with its request and its connection", async () => {
    const server = await TestServer.start();
    const seen = vi.fn<(...seen: unknown[]) => void>();
    let response: ServerResponse | undefined;
    server.io.engine.use((request, upgradeResponse, next) => {
      response = upgradeResponse;
      seen(response instanceof ServerResponse, response.req === request, response.socket === request.socket);
      next();
      seen(response.statusCode, response.headersSent, response.socket === request.socket, response.writableEnded);
    });
    await server.client().openWebSocket();
    expect(seen.mock.calls).toEqual([
      [true, true, true],
      [101, true, true, false],
    ]);
  });

  it("has headers, whatever the case of their names, which go with the 101 as they were written", async () => {
    const lines = await acceptedWith((_request, response, next) => {
      response.setHeader("X-A", "1").setHeader("x-a", 2).setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.setHeader("X-B", "x").removeHeader("x-b");
      next();
    });
    expect(lines).toEqual(["x-a: 2", "Set-Cookie: a=1", "Set-Cookie: b=2"]);
  });

  it("has a head to which those add who wait for it", async () => {
    const lines = await acceptedWith((_request, response, next) => {
      const { writeHead } = response;
      response.writeHead = (status: number) => {
        response.setHeader("X-Late", "1");
        return Reflect.apply(writeHead, response, [status, { "X-Later": `${status}` }]) as typeof response;
      };
      next();
    });
    expect(lines).toEqual(["X-Late: 1", "X-Later: 101"]);
  });

  it("passes with the headers of a head that was written already", async () => {
    const lines = await acceptedWith((_request, response, next) => {
      response.writeHead(200, { "X-A": "1" });
      next();
    });
    expect(lines).toEqual(["X-A: 1"]);
  });

  it("does not pass if one of those who wait for its head throws, or answers", async () => {
    const failing = await answerOf((_request, response, next) => {
      response.writeHead = () => {
        throw new Error("no");
      };
      next();
    });
    expect(failing[0]).toBe("HTTP/1.1 400 Bad Request");
    const answering = await answerOf((_request, response, next) => {
      const { writeHead } = response;
      response.writeHead = () => {
        response.writeHead = writeHead;
        response.statusCode = 429;
        return response.end("later");
      };
      next();
    });
    expect([answering[0], answering.at(-1)]).toEqual(["HTTP/1.1 429 Too Many Requests", "later"]);
  });

  it("says `close` when the WebSocket is closed, and never `finish`", async () => {
    const server = await TestServer.start();
    const events: string[] = [];
    server.io.engine.use((_request, response, next) => {
      response.on("finish", () => events.push("finish")).on("close", () => events.push("close"));
      next();
    });
    const { client } = await server.join();
    await settled();
    expect(events).toEqual([]);
    await client.close();
    await vi.waitFor(() => expect(events).toEqual(["close"]));
  });

  it("writes nothing into the WebSocket, and closes it when it is ended", async () => {
    const server = await TestServer.start();
    let response: ServerResponse | undefined;
    server.io.engine.use((_request: IncomingMessage, upgradeResponse, next) => {
      response = upgradeResponse;
      next();
    });
    const { client, socket } = await server.join();
    expect(response?.write("rubbish")).toBe(true);
    response?.writeHead(500);
    response?.flushHeaders();
    socket.emit("still well");
    expect(await client.next()).toBe('42["still well"]');
    const gone = nextEvent(socket, "disconnect");
    response?.end("rubbish");
    expect((await gone)[0]).toBe("transport close");
  });

  it("leaves nothing behind on the connection but one who waits for its close", async () => {
    const server = await TestServer.start();
    const counts: number[][] = [];
    const count = (request: IncomingMessage): void => {
      counts.push(["drain", "close"].map((event) => request.socket.listenerCount(event)));
    };
    server.io.engine.on("connection", ({ request }: { request: IncomingMessage }) => count(request));
    await server.client().openWebSocket();
    server.io.engine.use((_request, _response, next) => next());
    await server.client().openWebSocket();
    server.io.engine.use((_request, response, next) => {
      response.on("close", () => {});
      next();
    });
    await server.client().openWebSocket();
    const [drain, close] = counts[0] as [number, number];
    expect(counts).toEqual([
      [drain, close],
      [drain, close],
      [drain, close + 1],
    ]);
  });
});

it("a refusal keeps what middlewares set, but for what frames their own answer", async () => {
  const lines = await answerOf((_request, response, next) => {
    response.setHeader("content-length", 2).setHeader("Connection", "keep-alive").setHeader("Content-Type", "a/b");
    response.setHeader("X-A", "1");
    next(new Error("no"));
  });
  expect(lines).toEqual([
    "HTTP/1.1 400 Bad Request",
    "Connection: close",
    "X-A: 1",
    "Content-type: text/html",
    "Content-Length: 11",
    "",
    "Bad request",
  ]);
});
