/** hawser's server behind nginx, with nginx as docs/behind-a-proxy.md has it, and with what it warns of. */

import { RawHttp2 } from "@hawser/testing";
import { describe, expect, test } from "vitest";
import { get } from "../harness/get.ts";
import { until, inbox } from "../harness/waiting.ts";
import { documented } from "./documented.ts";
import { NGINX } from "./programs.ts";
import { CLIENTS, converse, engineOf, transportOf, World } from "./world.ts";

/** Neither passes upgrades on nor keeps connections to the server: what nginx does if it is told nothing. */
const BARE = `
server {
  listen 80;
  location / { proxy_pass http://127.0.0.1:3000; }
}
`;

/** What may be changed without a difference. */
const VARIANTS = {
  "with buffers": {},
  "without buffers": { "proxy_read_timeout 60s;": "proxy_buffering off; proxy_request_buffering off;" },
  "with connections that are kept open": {
    "http://127.0.0.1:3000": "http://kept",
    "server {": "upstream kept { server 127.0.0.1:3000; keepalive 8; }\nserver {",
    '""      close;': '""      "";',
  },
};

describe.skipIf(NGINX.path === undefined).each(CLIENTS)("hawser behind nginx, with %s,", (_name, io) => {
  test.each(Object.entries(VARIANTS))("carries polling, the upgrade and WebSocket, %s", async (_variant, changes) => {
    await using world = new World();
    const { port } = await world.serve();
    const { url } = await world.proxy(NGINX, documented("nginx", changes), { servers: [port] });
    for (const transports of [["polling"], ["polling", "websocket"], ["websocket"]]) {
      const client = world.connect(io, url, { transports });
      await inbox(client, "connect").next();
      await converse(client);
      await until(() => transportOf(client) === transports.at(-1), `the client to be on ${transports.at(-1)}`);
      await converse(client);
    }
  });

  test("tells where the client is in a header", async () => {
    await using world = new World();
    const { io: server, port } = await world.serve();
    const { url } = await world.proxy(NGINX, documented("nginx"), { servers: [port] });
    const connections = inbox(server, "connection");
    world.connect(io, url, { extraHeaders: { "X-Forwarded-For": "192.0.2.1" } });
    const [socket] = await connections.next();
    // What the client claims is replaced.
    expect(socket.handshake.headers).toMatchObject({ "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http" });
    expect(socket.handshake.address).toBe("127.0.0.1");
    expect(socket.handshake.headers.host).toBe(new URL(url).host);
  });

  test("works below a prefix that nginx takes off", async () => {
    await using world = new World();
    const { port } = await world.serve();
    const { url } = await world.proxy(NGINX, documented("nginx with a prefix"), { servers: [port] });
    const client = world.connect(io, url, { path: "/chat/socket.io" });
    await inbox(client, "connect").next();
    await until(() => transportOf(client) === "websocket", "the upgrade");
    await converse(client);
    const script = await get(`${url}/chat/socket.io/socket.io.min.js`);
    expect([script.status, script.headers["content-type"]]).toEqual([200, "application/javascript; charset=utf-8"]);
  });

  test("works behind TLS, which the server learns of by a header", async () => {
    await using world = new World();
    const { io: server, port } = await world.serve();
    const proxy = await world.proxy(NGINX, documented("nginx with tls"), { servers: [port] });
    const connections = inbox(server, "connection");
    const client = world.connect(io, `https://127.0.0.1:${proxy.port}`, { rejectUnauthorized: false });
    const [socket] = await connections.next();
    expect(socket.handshake.secure).toBe(false);
    expect(socket.handshake.headers["x-forwarded-proto"]).toBe("https");
    await until(() => transportOf(client) === "websocket", "the upgrade");
    await converse(client);
  });

  test("stays on polling where upgrades are not passed on", async () => {
    await using world = new World();
    const { io: server, port } = await world.serve();
    const { url } = await world.proxy(NGINX, BARE, { servers: [port] });
    const refusals = inbox(server.engine, "connection_error");
    const client = world.connect(io, url);
    const failures = inbox(engineOf(client), "upgradeError");
    const losses = inbox(client, "disconnect");
    await inbox(client, "connect").next();
    expect((await failures.next())[0].transport).toBe("websocket");
    // The request came without its Upgrade header.
    expect((await refusals.next())[0]).toMatchObject({ code: 3, context: { name: "TRANSPORT_MISMATCH" } });
    await converse(client);
    expect([transportOf(client), losses.size]).toEqual(["polling", 0]);
  });

  test("can't be reached by WebSocket alone where upgrades are not passed on; with tryAllTransports polling follows", async () => {
    await using world = new World();
    const { port } = await world.serve();
    const { url } = await world.proxy(NGINX, BARE, { servers: [port] });
    const stubborn = world.connect(io, url, { transports: ["websocket"], reconnection: false });
    expect((await inbox(stubborn, "connect_error").next())[0].message).toBe("websocket error");
    const client = world.connect(io, url, { transports: ["websocket", "polling"], tryAllTransports: true });
    await inbox(client, "connect").next();
    await converse(client);
    expect(transportOf(client)).toBe("polling");
  });

  test("loses its connection over polling to a message that is too large for nginx, and comes back without it", async () => {
    await using world = new World();
    const { port } = await world.serve();
    const strict = documented("nginx", { "listen 80;": "listen 80; client_max_body_size 10k;" });
    const { url } = await world.proxy(NGINX, strict, { servers: [port] });
    const client = world.connect(io, url, { transports: ["polling"] });
    const [connects, losses] = [inbox(client, "connect"), inbox(client, "disconnect")];
    await connects.next();
    client.emit("call back", "x".repeat(50_000));
    const [reason, details] = await losses.next();
    expect([reason, details.message, details.description]).toEqual(["transport error", "xhr post error", 413]);
    await connects.next();
    expect(await client.timeout(12_000).emitWithAck("echo", "still here")).toBe("still here");
  });

  test("sends messages up to maxHttpBufferSize where nginx lets them through", async () => {
    await using world = new World();
    const { port } = await world.serve({ maxHttpBufferSize: 3_000_000 });
    const generous = documented("nginx", { "listen 80;": "listen 80; client_max_body_size 3m;" });
    const { url } = await world.proxy(NGINX, generous, { servers: [port] });
    const client = world.connect(io, url, { transports: ["polling"] });
    const large = "x".repeat(2_900_000);
    expect(await client.timeout(12_000).emitWithAck("echo", large)).toBe(large);
  });

  test("is not answered from a cache", async () => {
    await using world = new World();
    const { port } = await world.serve();
    const caching = `
        proxy_cache_path cache keys_zone=all:1m;
        ${documented("nginx", { "proxy_read_timeout 60s;": "proxy_cache all; proxy_cache_key $uri$arg_transport$arg_sid;" })}`;
    const { url } = await world.proxy(NGINX, caching, { servers: [port] });
    const options = { transports: ["polling"] };
    const [one, other] = [world.connect(io, url, options), world.connect(io, url, options)];
    await Promise.all([converse(one), converse(other)]);
    expect(one.id).not.toBe(other.id);
  });

  test("keeps its session over polling when nginx reads its configuration again", async () => {
    await using world = new World();
    const { port } = await world.serve({ pingInterval: 300, pingTimeout: 2_000 });
    const proxy = await world.proxy(NGINX, documented("nginx"), { servers: [port] });
    const client = world.connect(io, proxy.url, { transports: ["polling"] });
    const losses = inbox(client, "disconnect");
    await converse(client);
    for (let round = 0; round < 3; round++) {
      await proxy.reload();
      await converse(client);
    }
    expect(losses.size).toBe(0);
  });
});

describe.skipIf(NGINX.path === undefined)("HTTP/2 before nginx", () => {
  test("carries polling", async () => {
    await using world = new World();
    const { io: server, port } = await world.serve();
    const proxy = await world.proxy(NGINX, documented("nginx with tls"), { servers: [port] });
    const connections = inbox(server, "connection");
    const http2 = world.use(await RawHttp2.open(`https://127.0.0.1:${proxy.port}`, { rejectUnauthorized: false }));
    const path = "/socket.io/?EIO=4&transport=polling";
    const open = await http2.request(path);
    expect(open.status).toBe(200);
    const { sid } = JSON.parse(open.body.slice(1)) as { sid: string };
    const session = `${path}&sid=${sid}`;
    const connected = http2.request(session);
    expect(await http2.request(session, { method: "POST", body: "40" })).toMatchObject({ status: 200, body: "ok" });
    expect((await connected).body).toMatch(/^40\{"sid"/);
    const [socket] = await connections.next();
    expect(socket.request.httpVersion).toBe("1.1");
    const answer = http2.request(session);
    await http2.request(session, { method: "POST", body: '421["echo","ü"]' });
    expect((await answer).body).toBe('431["ü"]');
  });
});
