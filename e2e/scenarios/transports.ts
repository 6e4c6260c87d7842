/** How a client chooses its transports, and what it sends along with their requests. */

import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { expect } from "vitest";
import type { Server, ServerOptions } from "socket.io";
import type { LocalContext, TransportMode } from "../harness/context.ts";
import { bytes, flushed, join, localScenario, settled, type LocalScenario, type Pair } from "../harness/scenario.ts";
import { trafficOf } from "../harness/traffic.ts";
import { inbox, type Listenable } from "../harness/waiting.ts";

/** For what chooses its own transports. */
const ONCE: readonly TransportMode[] = ["upgrade"];
const POLLING_FIRST: readonly TransportMode[] = ["polling", "upgrade"];

/** What is seen of a request. */
interface Seen {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

/** Collects the requests that reach the engine. */
function requestsOf(io: Server): Seen[] {
  const seen: Seen[] = [];
  io.engine.use(({ url, headers }: IncomingMessage, _response: unknown, next: () => void) => {
    seen.push({ url: new URL(url!, "http://host"), headers: { ...headers } });
    next();
  });
  return seen;
}

/** Lets text and binary pass in both directions. */
async function expectConversation({ client, socket }: Pair): Promise<void> {
  const [atServer, atClient] = [inbox(socket, "file"), inbox(client, "file")];
  client.emit("file", "up", Buffer.from([1, 2, 3]));
  socket.emit("file", "down", Buffer.from([4, 5, 6]));
  const [up, first] = await atServer.next();
  const [down, second] = await atClient.next();
  expect([up, bytes(first), down, bytes(second)]).toEqual(["up", [1, 2, 3], "down", [4, 5, 6]]);
  await flushed({ client, socket });
}

/** What a client's connection uses at present, and what the server says it uses. */
const transportsOf = ({ client, socket }: Pair<ReturnType<LocalContext["connect"]>>): string[] => [
  client.io.engine.transport.name,
  socket.conn.transport.name,
];

/** What keeps a connection from moving to a WebSocket: who wishes it, and by which options. */
const STAYING: readonly [string, Partial<ServerOptions>, Record<string, unknown>][] = [
  ["the server's wish", { allowUpgrades: false }, {}],
  ["all that the server has", { transports: ["polling"] }, {}],
  ["the client's wish", {}, { upgrade: false }],
];

export const transportScenarios: readonly LocalScenario[] = [
  localScenario("transports may be given as classes", async (context) => {
    const { NodeXHR, Fetch, NodeWebSocket } = context.client;
    const choices = {
      polling: [[NodeXHR], [Fetch]],
      websocket: [[NodeWebSocket]],
      upgrade: [
        [NodeXHR, NodeWebSocket],
        [Fetch, NodeWebSocket],
      ],
    };
    const server = await context.createServer();
    for (const transports of choices[context.transportMode]) {
      const connected = await join(context, server, "/", { transports });
      await settled(context, connected.socket);
      await expectConversation(connected);
      expect(transportsOf(connected)).toEqual(
        Array(2).fill(context.transportMode === "polling" ? "polling" : "websocket"),
      );
    }
  }),

  localScenario(
    "with rememberUpgrade the connection after one that reached a WebSocket begins there",
    async (context) => {
      const server = await context.createServer();
      const options = { rememberUpgrade: true };
      const first = await join(context, server, "/", options);
      await settled(context, first.socket);
      await flushed(first);
      const second = await join(context, server, "/", options);
      expect(second.socket.conn.request.url).toContain("transport=websocket");
      await expectConversation(second);
      const ordinary = await join(context, server);
      expect(ordinary.socket.conn.request.url).toContain("transport=polling");
    },
    ["upgrade"],
  ),

  ...(
    [
      ["polling", "websocket"],
      ["websocket", "polling"],
    ] as const
  ).map(([refused, offered]) =>
    localScenario(
      `with tryAllTransports ${offered} is tried where ${refused} is refused`,
      async (context) => {
        const { io } = await context.createServer({ transports: [offered] });
        const connections = inbox(io, "connection");
        const client = context.connect("/", { transports: [refused, offered], tryAllTransports: true });
        const [errors, connected] = [inbox(client, "connect_error"), inbox(client, "connect")];
        const [socket] = await connections.next();
        await connected.next();
        expect(transportsOf({ client, socket })).toEqual([offered, offered]);
        expect(errors.size).toBe(0);
        await expectConversation({ client, socket });
      },
      ONCE,
    ),
  ),

  localScenario(
    "without it a transport that is refused is an error, and the client keeps trying",
    async (context) => {
      await context.createServer({ transports: ["websocket"] });
      const client = context.connect("/", { transports: ["polling", "websocket"] });
      const errors = await inbox(client, "connect_error").take(2);
      for (const [error] of errors) expect(error.message).toBe("xhr poll error");
      expect([client.connected, client.active]).toEqual([false, true]);
    },
    ONCE,
  ),

  ...STAYING.map(([who, serverOptions, clientOptions]) =>
    localScenario(
      `a connection stays on polling if that is ${who}`,
      async (context) => {
        const server = await context.createServer(serverOptions);
        const requests = requestsOf(server.io);
        const connected = await join(context, server, "/", clientOptions);
        await expectConversation(connected);
        await flushed(connected);
        expect(transportsOf(connected)).toEqual(["polling", "polling"]);
        expect(requests.map(({ url }) => url.searchParams.get("transport"))).not.toContain("websocket");
      },
      ONCE,
    ),
  ),

  localScenario(
    "both ends tell of an upgrade",
    async (context) => {
      const server = await context.createServer();
      const upgrades = new Promise((resolve) => {
        server.io.engine.on("connection", (conn: Listenable) => conn.on("upgrade", resolve));
      });
      const connected = await join(context, server);
      const upgraded = inbox(connected.client.io.engine as unknown as Listenable, "upgrade");
      expect(await upgrades).toMatchObject({ name: "websocket" });
      if (connected.client.io.engine.transport.name !== "websocket") {
        expect((await upgraded.next())[0]).toMatchObject({ name: "websocket" });
      }
      expect(transportsOf(connected)).toEqual(["websocket", "websocket"]);
    },
    ONCE,
  ),

  localScenario("extraHeaders go with every request of every transport", async (context) => {
    const server = await context.createServer();
    const requests = requestsOf(server.io);
    const connected = await join(context, server, "/", {
      extraHeaders: { "X-Ship": "hawser", authorization: "Bearer 7" },
    });
    await settled(context, connected.socket);
    await expectConversation(connected);
    expect(requests.length).toBeGreaterThan(context.transportMode === "websocket" ? 0 : 3);
    for (const { headers } of requests) {
      expect([headers["x-ship"], headers.authorization]).toEqual(["hawser", "Bearer 7"]);
    }
    expect(connected.socket.handshake.headers["x-ship"]).toBe("hawser");
  }),

  localScenario("transportOptions are for one transport alone", async (context) => {
    const server = await context.createServer();
    const requests = requestsOf(server.io);
    const connected = await join(context, server, "/", {
      extraHeaders: { "x-by": "all" },
      transportOptions: {
        polling: { extraHeaders: { "x-by": "polling" } },
        websocket: { extraHeaders: { "x-by": "websocket" } },
      },
    });
    await settled(context, connected.socket);
    await flushed(connected);
    for (const { url, headers } of requests) expect(headers["x-by"]).toBe(url.searchParams.get("transport"));
  }),

  localScenario("a query goes with every request, and is what the handshake tells", async (context) => {
    const server = await context.createServer();
    const requests = requestsOf(server.io);
    const query = { ship: "hawser & sons", deck: "2" };
    const connected = await join(context, server, "/", { query, timestampRequests: true, timestampParam: "stamp" });
    await settled(context, connected.socket);
    await flushed(connected);
    const stamps = requests.map(({ url }) => {
      expect(Object.fromEntries(url.searchParams)).toMatchObject({ ...query, EIO: "4" });
      return url.searchParams.get("stamp");
    });
    expect(stamps).not.toContain(null);
    expect(new Set(stamps).size).toBe(stamps.length);
    expect(connected.socket.handshake.query).toMatchObject(query);
  }),

  localScenario("with forceBase64 binary travels as text, both ways", async (context) => {
    const server = await context.createServer();
    const { read, written } = trafficOf(server.io);
    const connected = await join(context, server, "/", { forceBase64: true });
    await settled(context, connected.socket);
    await expectConversation(connected);
    const { client, socket } = connected;
    const [atServer, atClient] = [inbox(socket, "large"), inbox(client, "large")];
    read();
    written();
    client.emit("large", Buffer.alloc(30_000, 7));
    expect(bytes((await atServer.next())[0])).toHaveLength(30_000);
    expect(read()).toBeGreaterThanOrEqual(40_000);
    socket.emit("large", Buffer.alloc(30_000, 7));
    expect(bytes((await atClient.next())[0])).toHaveLength(30_000);
    expect(written()).toBeGreaterThanOrEqual(40_000);
  }),

  ...(
    [
      ["/harbour/chat", true, "/harbour/chat/"],
      ["/chat", false, "/chat"],
    ] as const
  ).map(([path, addTrailingSlash, pathname]) =>
    localScenario(`both ends may agree on the path ${pathname}`, async (context) => {
      const options = { path, addTrailingSlash };
      const server = await context.createServer(options);
      const requests = requestsOf(server.io);
      const connected = await join(context, server, "/", options);
      await settled(context, connected.socket);
      await flushed(connected);
      expect(new Set(requests.map(({ url }) => url.pathname))).toEqual(new Set([pathname]));
    }),
  ),

  localScenario(
    "with credentials a client in Node.js keeps the server's cookies, and sends them back",
    async (context) => {
      const server = await context.createServer();
      const requests = requestsOf(server.io);
      server.io.engine.on("initial_headers", (headers: Record<string, unknown>) => {
        headers["set-cookie"] = ["lang=tlh; Path=/; HttpOnly", "stale=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=2"];
      });
      const connected = await join(context, server, "/", { withCredentials: true });
      await settled(context, connected.socket);
      await flushed(connected);
      const [handshake, ...others] = requests.map(({ headers }) => headers.cookie?.split("; ").toSorted());
      expect(handshake).toBeUndefined();
      expect(others.length).toBeGreaterThan(2);
      for (const cookies of others) expect(cookies).toEqual(["b=2", "lang=tlh"]);
      const upgrades = requests.filter(({ url }) => url.searchParams.get("transport") === "websocket");
      expect(upgrades).toHaveLength(context.transportMode === "upgrade" ? 1 : 0);

      const without = await join(context, server);
      await flushed(without);
      const { id } = without.client.io.engine;
      const theirs = requests.filter(({ url }) => url.searchParams.get("sid") === id);
      expect(theirs.map(({ headers }) => headers.cookie)).toEqual(theirs.map(() => undefined));
    },
    POLLING_FIRST,
  ),

  localScenario(
    "the server's own cookie holds the session's id",
    async (context) => {
      const server = await context.createServer({ cookie: { name: "berth", path: "/", maxAge: 3_600 } });
      const requests = requestsOf(server.io);
      const connected = await join(context, server, "/", { withCredentials: true });
      await flushed(connected);
      const { id } = connected.socket.conn as unknown as { id: string };
      const [handshake, ...others] = requests.map(({ headers }) => headers.cookie);
      expect(handshake).toBeUndefined();
      expect(new Set(others)).toEqual(new Set([`berth=${id}`]));
      expect(connected.client.io.engine.id).toBe(id);
    },
    POLLING_FIRST,
  ),
];
