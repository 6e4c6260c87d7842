import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { runInNewContext } from "node:vm";
import { RawClient, RawTcp } from "@hawser/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { Server, type EngineRequest, type VerifyCallback } from "../../src/engine/index.ts";
import { until } from "../fixture.ts";
import { upgradeRequest } from "../websocket-bytes.ts";

/** Lets an engine listen, and gives what makes clients of it. */
async function served<Engine extends Server>(engine: Engine) {
  const http = createServer();
  engine.attach(http);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const clients: RawClient[] = [];
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()));
    engine.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const client = (): RawClient => {
    const made = new RawClient(`http://127.0.0.1:${port}`, { path: "/engine.io/" });
    clients.push(made);
    return made;
  };
  return { engine, client, port };
}

/** What an upgrade request that is refused is answered with. */
async function refusedUpgrade(port: number): Promise<string> {
  const tcp = await RawTcp.open(port);
  onTestFinished(() => tcp[Symbol.asyncDispose]());
  tcp.write(upgradeRequest({ url: "/engine.io/?EIO=4&transport=websocket" }));
  await tcp.closed;
  return tcp.received;
}

describe("a subclass that makes ids", () => {
  class Naming extends Server {
    readonly prefix: string = "mine";
    #count = 0;

    override generateId(request: IncomingMessage): string | PromiseLike<string> {
      return `${this.prefix}-${request.method}-${++this.#count}`;
    }
  }

  it("is asked, as itself, for each session", async () => {
    const { client } = await served(new Naming());
    expect((await client().connect("polling")).sid).toBe("mine-GET-1");
    expect((await client().connect("websocket")).sid).toBe("mine-GET-2");
  });

  it("may take its time, with a promise of another realm, too", async () => {
    class Slow extends Naming {
      override generateId(request: IncomingMessage): PromiseLike<string> {
        return runInNewContext("Promise.resolve(id)", { id: super.generateId(request) });
      }
    }
    const { client } = await served(new Slow());
    expect((await client().connect("polling")).sid).toBe("mine-GET-1");
  });

  it("gives way to what is assigned", async () => {
    const { engine, client } = await served(new Naming());
    engine.generateId = async () => "assigned";
    expect((await client().connect("polling")).sid).toBe("assigned");
  });

  it("may be the class itself, patched", async () => {
    class Patched extends Server {}
    Patched.prototype.generateId = () => "patched";
    const { client } = await served(new Patched());
    expect((await client().connect("polling")).sid).toBe("patched");
  });

  it("sees the request that listeners see later", async () => {
    class Marking extends Server {
      override generateId(request: IncomingMessage): string | PromiseLike<string> {
        Object.assign(request, { mark: "here" });
        return super.generateId(request);
      }
    }
    const { engine, client } = await served(new Marking());
    await client().connect("polling");
    expect(Object.values(engine.clients)[0]?.request).toHaveProperty("mark", "here");
  });
});

describe("a subclass that verifies requests", () => {
  it("is asked for each request, whether it is an upgrade", async () => {
    const asked: string[] = [];
    class Watching extends Server {
      protected override verify(request: EngineRequest, upgrade: boolean, done: VerifyCallback): void {
        asked.push(`${request.method}${request._query?.["sid"] ? " of a session" : ""}${upgrade ? ", upgrade" : ""}`);
        super.verify(request, upgrade, done);
      }
    }
    const { engine, client } = await served(new Watching());
    const raw = client();
    await raw.connect("polling");
    await raw.send("4hello");
    await raw.upgrade();
    expect(engine.clientsCount).toBe(1);
    expect(asked.filter((line) => !line.startsWith("GET of a session") || line.includes("upgrade"))).toEqual([
      "GET",
      "POST of a session",
      "GET of a session, upgrade",
    ]);
    asked.length = 0;
    await client().connect("websocket");
    expect(asked).toEqual(["GET, upgrade"]);
  });

  it("refuses by a number and a message, at once or later", async () => {
    class Closed extends Server {
      protected override verify(_request: EngineRequest, upgrade: boolean, done: VerifyCallback): void {
        if (upgrade) {
          setImmediate(() => done(3, { message: "not by socket", detail: 7 }));
        } else {
          done(Server.errors.FORBIDDEN, { message: "not today" });
        }
      }
    }
    const { engine, client, port } = await served(new Closed());
    const told: unknown[] = [];
    engine.on("connection_error", ({ code, message, context }) => told.push({ code, message, context }));
    expect(await client().request()).toMatchObject({ status: 403, body: '{"code":4,"message":"not today"}' });
    expect(await refusedUpgrade(port)).toMatch(/^HTTP\/1\.1 400 .*\r\n\r\nnot by socket$/s);
    expect(told).toEqual([
      { code: 4, message: "Forbidden", context: { message: "not today" } },
      { code: 3, message: "Bad request", context: { message: "not by socket", detail: 7 } },
    ]);
    expect(engine.clientsCount).toBe(0);
  });

  it("learns what the engine would refuse, and why", async () => {
    const answers: unknown[] = [];
    class Curious extends Server {
      protected override verify(request: EngineRequest, upgrade: boolean, done: VerifyCallback): void {
        super.verify(request, upgrade, (code, context) => {
          answers.push([code, context]);
          done(code, context);
        });
      }
    }
    const { client } = await served(new Curious({ allowRequest: (_request, answer) => answer("no guests", false) }));
    expect((await client().request()).body).toBe('{"code":4,"message":"no guests"}');
    expect((await client().request({ query: { sid: "nobody" } })).body).toBe(
      '{"code":1,"message":"Session ID unknown"}',
    );
    expect(answers).toEqual([
      [4, { message: "no guests" }],
      [1, { sid: "nobody" }],
    ]);
  });

  it("can't let in what no session could come of", async () => {
    class Lax extends Server {
      protected override verify(_request: EngineRequest, _upgrade: boolean, done: VerifyCallback): void {
        done();
      }
    }
    const { engine, client } = await served(new Lax({ transports: ["polling"], allowRequest: () => {} }));
    const known = client();
    await known.connect("polling");
    expect((await client().request({ query: { sid: "nobody" } })).body).toBe(
      '{"code":1,"message":"Session ID unknown"}',
    );
    expect((await client().request({ query: { transport: "tube" } })).body).toBe(
      '{"code":0,"message":"Transport unknown"}',
    );
    expect((await client().request({ query: { EIO: "3" } })).body).toContain('"code":5');
    expect(engine.clientsCount).toBe(1);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("broken gate");
      },
    ],
    ["rejects", () => Promise.reject(new Error("broken gate"))],
  ])("keeps everybody out if it %s", async (_how, fail) => {
    class Broken extends Server {
      protected override verify(): void {
        return fail() as never;
      }
    }
    const { engine, client } = await served(new Broken());
    const errors: unknown[] = [];
    engine.on("handler_error", (error: Error, { phase, event }) => errors.push([error.message, phase, event]));
    expect((await client().request()).body).toBe('{"code":4,"message":"Forbidden"}');
    expect(errors).toEqual([["broken gate", "engine", "verify"]]);
    expect(engine.clientsCount).toBe(0);
  });

  it("is heard once, and made sense of whatever it says", async () => {
    const answers: unknown[][] = [[99], [null], [4, { message: { not: "text" } }], ["no", null]];
    class Babbling extends Server {
      protected override verify(_request: EngineRequest, _upgrade: boolean, done: VerifyCallback): void {
        done(...((answers.shift() ?? []) as Parameters<VerifyCallback>));
        done();
      }
    }
    const { engine, client, port } = await served(new Babbling());
    expect(await client().request()).toMatchObject({ status: 400, body: '{"code":99,"message":"Bad request"}' });
    expect(await client().request()).toMatchObject({ status: 400, body: '{"code":null,"message":"Bad request"}' });
    expect(await client().request()).toMatchObject({ status: 403, body: '{"code":4,"message":"Forbidden"}' });
    expect(await refusedUpgrade(port)).toMatch(/\r\n\r\nBad request$/);
    await client().connect("polling");
    expect(engine.clientsCount).toBe(1);
  });

  it("ends with the engine", async () => {
    let answer: VerifyCallback | undefined;
    class Slow extends Server {
      protected override verify(_request: EngineRequest, _upgrade: boolean, done: VerifyCallback): void {
        answer = done;
      }
    }
    const { engine, client } = await served(new Slow());
    const refused = client().request();
    await until(() => answer !== undefined);
    engine.close();
    answer?.();
    expect((await refused).status).toBe(400);
    expect(engine.clientsCount).toBe(0);
  });
});

describe("a subclass that says where sessions may move", () => {
  it("is asked by the name of the transport on which they begin", async () => {
    class Staying extends Server {
      override upgrades(transport: string): string[] {
        return [...super.upgrades(transport), `not ${transport}`].filter((name) => name !== "websocket");
      }
    }
    const { client } = await served(new Staying());
    expect((await client().connect("polling")).upgrades).toEqual([]);
    expect(new Server().upgrades("polling")).toEqual(["websocket", "webtransport"]);
    expect(new Server().upgrades("websocket")).toEqual([]);
    expect(new Server({ allowUpgrades: false }).upgrades("polling")).toEqual([]);
  });
});

describe("a subclass with methods that would not be called", () => {
  it.each(["handshake", "createTransport", "_applyMiddlewares"])("is refused: %s", (name) => {
    class Deceived extends Server {}
    Object.assign(Deceived.prototype, { [name]() {} });
    expect(() => new Deceived()).toThrow(
      new TypeError(`${name}() of a subclass would not be called: override verify(), or use middlewares`),
    );
  });
});

describe("a subclass that takes requests", () => {
  it("sees what an HTTP server hands to the engine", async () => {
    const seen: string[] = [];
    class Front extends Server {
      override handleRequest(...args: Parameters<Server["handleRequest"]>): void {
        seen.push("request");
        super.handleRequest(...args);
      }
      override handleUpgrade(...args: Parameters<Server["handleUpgrade"]>): void {
        seen.push("upgrade");
        super.handleUpgrade(...args);
      }
    }
    const { client } = await served(new Front());
    await client().request();
    await client().connect("websocket");
    expect(seen).toEqual(["request", "upgrade"]);
  });
});
