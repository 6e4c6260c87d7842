import { describe, expect, it } from "vitest";
import { compressionOf, resolveEngineOptions, type EngineOptions } from "../../src/engine/options.ts";
import { DefaultWebSocketEngine } from "../../src/engine/ws-door.ts";
import { TestServer } from "../fixture.ts";

describe("engine options", () => {
  it("have defaults where they are not given", () => {
    const defaults = {
      wsEngine: DefaultWebSocketEngine,
      pingTimeout: 20_000,
      pingInterval: 25_000,
      upgradeTimeout: 10_000,
      maxHttpBufferSize: 1_000_000,
      transports: ["polling", "websocket"],
      allowUpgrades: true,
      httpCompression: { threshold: 1024 },
      cors: false,
      allowEIO3: false,
    };
    expect(resolveEngineOptions({})).toEqual(defaults);
    const absent = Object.fromEntries(Object.keys(defaults).map((name) => [name, undefined]));
    expect(resolveEngineOptions(absent as EngineOptions)).toEqual(defaults);
  });

  it("keep what is none of them, for the application", () => {
    const given = { path: "/x", mine: { a: 1 }, pingTimeout: 5 };
    const resolved = resolveEngineOptions(given);
    expect(resolved).toMatchObject(given);
    expect(given).toEqual({ path: "/x", mine: { a: 1 }, pingTimeout: 5 });
  });

  it("tell the cookie and the compression of WebSockets whole", () => {
    const cookie = { name: "io", path: "/", httpOnly: true, sameSite: "lax" };
    expect(resolveEngineOptions({ cookie: true, perMessageDeflate: true })).toMatchObject({
      cookie,
      perMessageDeflate: { threshold: 1024 },
    });
    const given = { cookie: { name: "mine", maxAge: 3 }, perMessageDeflate: { concurrencyLimit: 2 } };
    expect(resolveEngineOptions(given)).toMatchObject({
      cookie: { ...cookie, name: "mine", maxAge: 3 },
      perMessageDeflate: { threshold: 1024, concurrencyLimit: 2 },
    });
    expect(given.cookie).toEqual({ name: "mine", maxAge: 3 });
    expect(resolveEngineOptions({ cookie: false, perMessageDeflate: false })).toMatchObject({
      cookie: false,
      perMessageDeflate: false,
    });
  });

  it("leave nothing of theirs to be shared with another engine", () => {
    resolveEngineOptions({}).transports.pop();
    expect(resolveEngineOptions({}).transports).toEqual(["polling", "websocket"]);
  });

  it.each([
    [true, { threshold: 1024 }],
    [{ level: 3 }, { level: 3, threshold: 1024 }],
    [{ threshold: 1 }, { threshold: 1 }],
    [false, false],
  ])("compress responses from a threshold on: %o", (option, compression) => {
    expect(resolveEngineOptions({ httpCompression: option }).httpCompression).toEqual(option);
    expect(compressionOf(option)).toEqual(compression);
  });
});

describe("options that are changed later count for the sessions that begin then", () => {
  it("maxHttpBufferSize: what is announced is what is taken, over polling", async () => {
    const server = await TestServer.start();
    const before = await server.connect("polling");
    server.io.engine.opts.maxHttpBufferSize = 10;
    const after = await server.connect("polling");
    expect(after.handshake?.maxPayload).toBe(10);
    expect((await after.post(`4${"x".repeat(10)}`)).status).toBe(413);
    expect((await before.post(`4${"x".repeat(10)}`)).status).toBe(200);
  });

  it("and over WebSocket, where those that are open stay", async () => {
    const server = await TestServer.start();
    const before = await server.connect("websocket");
    server.io.engine.opts.maxHttpBufferSize = 10;
    const after = await server.connect("websocket");
    await after.send(`4${"x".repeat(10)}`);
    expect((await after.webSocket?.closed)?.code).toBe(1009);
    expect(before.webSocket?.open).toBe(true);
  });

  it("cookie, httpCompression", async () => {
    const server = await TestServer.start();
    server.io.engine.opts.cookie = { name: "late" };
    server.io.engine.opts.httpCompression = { threshold: 1 };
    const { headers } = await server.client().get({ headers: { "accept-encoding": "gzip" } });
    expect(headers["set-cookie"]?.[0]).toMatch(/^late=/);
    expect(headers["content-encoding"]).toBe("gzip");
  });
});
