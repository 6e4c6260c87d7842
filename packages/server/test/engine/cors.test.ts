import { describe, expect, it } from "vitest";
import type { CorsOptions } from "../../src/index.ts";
import { TestServer } from "../fixture.ts";

const origin = "http://page.example";

/** The cors headers of an answer, without their common prefix. */
function corsHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  const relevant = Object.entries(headers).filter(([name]) => name.startsWith("access-control-") || name === "vary");
  return Object.fromEntries(relevant.map(([name, value]) => [name.replace("access-control-", ""), value]));
}

async function handshakeHeaders(cors: CorsOptions, headers: Record<string, string> = { origin }): Promise<object> {
  const server = await TestServer.start({ cors });
  const response = await server.client().request({ headers });
  expect(response.status).toBe(200);
  return corsHeaders(response.headers);
}

describe("the answer may be read by", () => {
  it.each<[string, CorsOptions, object]>([
    ["any page by default", {}, { "allow-origin": "*" }],
    ["any page", { origin: "*" }, { "allow-origin": "*" }],
    ["any page by name", { origin: true }, { "allow-origin": origin, vary: "Origin" }],
    ["one origin, whoever asks", { origin: "http://a" }, { "allow-origin": "http://a", vary: "Origin" }],
    ["those of a list", { origin: ["http://a", origin] }, { "allow-origin": origin, vary: "Origin" }],
    ["those that match", { origin: /\.example$/ }, { "allow-origin": origin, vary: "Origin" }],
    [
      "those of a list that match",
      { origin: ["http://a", /^http:\/\/page/] },
      { "allow-origin": origin, vary: "Origin" },
    ],
    ["nobody else", { origin: ["http://a", /^b/] }, { vary: "Origin" }],
    ["any page, by a list", { origin: ["http://a", true] }, { "allow-origin": origin, vary: "Origin" }],
    ["nobody, by a list", { origin: [false] }, { vary: "Origin" }],
    ["nobody", { origin: false }, {}],
    ["nobody, where an origin was to be and is not", { origin: undefined, credentials: true }, {}],
    ["whom a function names", { origin: (from, done) => done(null, from) }, { "allow-origin": origin, vary: "Origin" }],
    ["nobody whom it does not", { origin: (_from, done) => setTimeout(done, 1, null, false) }, {}],
    [
      "pages with cookies",
      { origin, credentials: true, exposedHeaders: ["x-a", "x-b"] },
      { "allow-origin": origin, "allow-credentials": "true", "expose-headers": "x-a,x-b", vary: "Origin" },
    ],
  ])("%s", async (_who, cors, expected) => {
    expect(await handshakeHeaders(cors)).toEqual(expected);
  });

  it("a pattern with a state of its own, each time", async () => {
    const pattern = /page/g;
    for (let request = 0; request < 3; request++) {
      expect(await handshakeHeaders({ origin: pattern })).toMatchObject({ "allow-origin": origin });
    }
  });

  it("whom the options say that a function chose by the request", async () => {
    const server = await TestServer.start({
      cors: (request, callback) => callback(null, { origin: request.headers["x-tenant"] as string }),
    });
    const { headers } = await server.client().request({ headers: { origin, "x-tenant": "http://t" } });
    expect(headers["access-control-allow-origin"]).toBe("http://t");
  });

  it("the page too if it is a refusal, a POST's or an upgrade's", async () => {
    const server = await TestServer.start({ cors: { origin } });
    const client = server.client({ headers: { origin } });
    const refused = await client.request({ query: { transport: "tube" } });
    client.handshake = JSON.parse((await client.get()).body.slice(1));
    const posted = await client.post("40");
    const upgraded = await client.openWebSocket();
    const forbidden: unknown = await client
      .openWebSocket({ query: { sid: "nobody" } })
      .catch((error: unknown) => error);
    for (const { headers } of [refused, posted, upgraded, forbidden as typeof refused]) {
      expect(headers["access-control-allow-origin"]).toBe(origin);
    }
  });
});

describe("a preflight request", () => {
  const asked = { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-a, x-b" };

  it.each<[string, CorsOptions, object]>([
    [
      "by default",
      {},
      {
        "allow-origin": "*",
        "allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
        "allow-headers": "x-a, x-b",
        vary: "Access-Control-Request-Headers",
      },
    ],
    [
      "as the options say",
      { origin, methods: ["GET", "POST"], allowedHeaders: ["x-c"], maxAge: 60 },
      { "allow-origin": origin, "allow-methods": "GET,POST", "allow-headers": "x-c", "max-age": "60", vary: "Origin" },
    ],
    [
      "with both reasons to vary",
      { origin: [origin] },
      {
        "allow-origin": origin,
        "allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
        "allow-headers": "x-a, x-b",
        vary: "Origin, Access-Control-Request-Headers",
      },
    ],
  ])("is answered with 204 and no body, %s", async (_how, cors, expected) => {
    const server = await TestServer.start({ cors });
    const { status, headers, body } = await server.client().request({ method: "OPTIONS", headers: asked });
    expect([status, headers["content-length"], body]).toEqual([204, "0", ""]);
    expect(corsHeaders(headers)).toEqual(expected);
  });

  it("that asks for no headers would be answered differently if it did, and says so", async () => {
    const server = await TestServer.start({ cors: {} });
    const { headers } = await server.client().request({ method: "OPTIONS", headers: { origin } });
    expect(headers.vary).toBe("Access-Control-Request-Headers");
    expect(headers["access-control-allow-headers"]).toBeUndefined();
  });

  it("may be answered with another status, or passed on", async () => {
    const other = await TestServer.start({ cors: { optionsSuccessStatus: 200 } });
    expect((await other.client().request({ method: "OPTIONS", headers: asked })).status).toBe(200);
    const passing = await TestServer.start({ cors: { preflightContinue: true } });
    const { status, body } = await passing.client().request({ method: "OPTIONS", headers: asked });
    expect([status, body]).toEqual([400, '{"code":2,"message":"Bad handshake method"}']);
  });
});

it("without the option there are no headers at all", async () => {
  const server = await TestServer.start();
  expect(corsHeaders((await server.client().request({ headers: { origin } })).headers)).toEqual({});
});

it.each<[string, NonNullable<CorsOptions["origin"]>]>([
  ["fails", (_from, done) => done(new Error("no"))],
  [
    "throws",
    () => {
      throw new Error("no");
    },
  ],
])("a function that %s refuses the request", async (_how, decide) => {
  const server = await TestServer.start({ cors: { origin: decide } });
  const { status, body } = await server.client().request({ headers: { origin } });
  expect([status, body]).toEqual([400, '{"code":3,"message":"Bad request"}']);
});
