import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { sessionCookie, type CookieOptions } from "../../src/engine/cookie.ts";
import { Server } from "../../src/index.ts";
import { nextEvent, TestServer } from "../fixture.ts";

describe("the session's cookie", () => {
  it.each<[CookieOptions | true, string]>([
    [true, "io=id; Path=/; HttpOnly; SameSite=Lax"],
    [{}, "io=id; Path=/; HttpOnly; SameSite=Lax"],
    [{ name: "sid", path: "/chat" }, "sid=id; Path=/chat; HttpOnly; SameSite=Lax"],
    [{ httpOnly: false, sameSite: false }, "io=id; Path=/"],
    [{ sameSite: true }, "io=id; Path=/; HttpOnly; SameSite=Strict"],
    [{ sameSite: "none", secure: true }, "io=id; Path=/; HttpOnly; Secure; SameSite=None"],
    [
      { maxAge: 86_400.5, domain: "a.example", expires: new Date(0) },
      "io=id; Max-Age=86400; Domain=a.example; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax",
    ],
    [
      { secure: true, partitioned: true, priority: "high", encode: (sid) => `"${sid}"` },
      'io="id"; Path=/; HttpOnly; Secure; Partitioned; Priority=High; SameSite=Lax',
    ],
    [
      { priority: "LOW" as "low", sameSite: "Strict" as "strict" },
      "io=id; Path=/; HttpOnly; Priority=Low; SameSite=Strict",
    ],
    [
      { maxAge: 0, path: false, domain: ".a.example", encode: undefined },
      "io=id; Max-Age=0; Domain=.a.example; HttpOnly; SameSite=Lax",
    ],
  ])("for %o", (options, cookie) => {
    expect(sessionCookie(options, "id")).toBe(cookie);
  });

  it.each<[string, object]>([
    ["a name with a space", { name: "a b" }],
    ["a name with an end of line", { name: "a\r\nb" }],
    ["no name", { name: "" }],
    ["a domain with another attribute", { domain: "a.example; Secure" }],
    ["a path with another attribute", { path: "/; Secure" }],
    ["no number of seconds", { maxAge: "soon" }],
    ["no end", { maxAge: Infinity }],
    ["no date", { expires: "tomorrow" }],
    ["a date that there is not", { expires: new Date(Number.NaN) }],
    ["an unknown priority", { priority: "highest" }],
    ["a rule for other sites that is none", { sameSite: "loose" }],
    ["one that is no word", { sameSite: 1 }],
    ["values with a space", { encode: (sid: string) => `${sid} ` }],
    ["values by something else than a function", { encode: true }],
  ])("can't have %s: no server is made", (_what, cookie) => {
    expect(() => new Server({ cookie }).attach(createServer())).toThrow(TypeError);
  });

  it("is left out for an id of which `encode` makes none, and the application is told", async () => {
    const encode = (sid: string): string => {
      if (sid !== "id") {
        throw new Error("no cookie today");
      }
      return sid;
    };
    const server = await TestServer.start({ cookie: { encode } });
    const told = nextEvent(server.io, "handler_error");
    const { status, headers } = await server.client().get();
    expect([status, headers["set-cookie"]]).toEqual([200, undefined]);
    expect(await told).toMatchObject([{ message: "no cookie today" }, { phase: "engine", event: "initial_headers" }]);
    expect((await server.client().openWebSocket()).headers).not.toHaveProperty("set-cookie");
  });

  it("holds no characters that would end it, whatever ids the application makes", () => {
    expect(sessionCookie(true, "a;b\r\nc")).toMatch(/^io=a%3Bb%0D%0Ac;/);
  });

  it("is set by the handshake of either transport, and by nothing else", async () => {
    const server = await TestServer.start({ cookie: true });
    const client = server.client();
    const first = await client.get();
    client.handshake = JSON.parse(first.body.slice(1));
    expect(first.headers["set-cookie"]).toEqual([`io=${client.sid}; Path=/; HttpOnly; SameSite=Lax`]);
    expect((await client.post("40")).headers).not.toHaveProperty("set-cookie");
    expect((await client.get()).headers).not.toHaveProperty("set-cookie");
    expect((await client.openWebSocket()).headers).not.toHaveProperty("set-cookie");

    const other = server.client();
    const { headers } = await other.openWebSocket();
    const { sid } = JSON.parse(String(await other.next()).slice(1)) as { sid: string };
    expect(headers["set-cookie"]).toEqual([`io=${sid}; Path=/; HttpOnly; SameSite=Lax`]);
  });

  it("is not set unless it is asked for", async () => {
    const server = await TestServer.start();
    expect((await server.client().get()).headers).not.toHaveProperty("set-cookie");
  });

  it("leaves the cookies of middlewares and listeners in place", async () => {
    const server = await TestServer.start({ cookie: { name: "own" } });
    server.io.engine.use((_request, response, next) => {
      response.setHeader("X-Before", "1");
      next();
    });
    const polling = await server.client().get();
    const webSocket = await server.client().openWebSocket();
    for (const { headers } of [polling, webSocket]) {
      expect(headers["set-cookie"]?.[0]).toMatch(/^own=/);
      expect(headers["x-before"]).toBe("1");
    }
  });
});
