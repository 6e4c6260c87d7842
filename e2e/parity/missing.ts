/** What no row covers, and why. */

export interface Missing {
  readonly api: string;
  readonly why: string;
}

export const missing: readonly Missing[] = [
  { api: "`io.attachApp(uWebSocketsApp)`", why: "out of scope: hawser has no engine for µWebSockets.js" },
  {
    api: "`engine.upgrades()`, `engine.ws`, the class `Transport` and transports as emitters, of the server's engine by itself",
    why: "out of scope: Socket.IO's inside; what is told of transports is told by their connections",
  },
  { api: "`X-XSS-Protection` for Internet Explorer", why: "out of scope: that browser is gone" },
  {
    api: '`require("socket.io")(…)` and the CommonJS builds',
    why: "covered by `e2e/test/commonjs.test.ts`, for both; a mutation changes an ES module only",
  },
  {
    api: "bundles in browsers, `XHR`, `Fetch`, `offline`, `closeOnBeforeunload`, the client's engine there",
    why: "covered by the tests in a browser",
  },
  {
    api: "WebTransport over a network",
    why: "covered by `test:runtimes`, in Chromium and Deno: Node.js has no HTTP/3 server",
  },
  { api: "types", why: "covered by the type tests" },
  {
    api: "`ClusterAdapter`, `ClusterAdapterWithHeartbeat`, `serverSideEmitWithAck`",
    why: "covered by tests of clusters whose nodes are of both",
  },
  {
    api: "adapters for Redis, PostgreSQL and `node:cluster`, emitters, sticky sessions",
    why: "covered by `test:ecosystem`, on real services, alone and in clusters of both",
  },
  {
    api: "`socket.io-msgpack-parser`",
    why: "covered by the tests of `hawser-msgpack-parser`, and by `test:ecosystem` on both ends",
  },
  {
    api: "Express, Koa, Fastify, Hono",
    why: "covered by `e2e/test/frameworks.test.ts`, on hawser alone",
  },
  {
    api: "Nest, Feathers, `fastify-socket.io`, OpenTelemetry, the admin UI, msw, Artillery",
    why: "covered by `test:ecosystem`, which installs them with hawser in the place of Socket.IO",
  },
  { api: "debug output", why: "its scopes are hawser's own; Socket.IO's names turn it on too" },
];
