/** WebTransport in the client, where a fake stands for the platform's class. */

import { FakeWebTransport, RawWebTransport, type Frame } from "@hawser/testing";
import { Inbox, inbox } from "../../harness/waiting.ts";
import { inClient, inCore, type Topic } from "../row.ts";
import { openPacket, type Exchange, type ScriptedServer } from "../script.ts";
import type { World } from "../world.ts";

/** A session that the client has begun to open. */
interface Opened {
  readonly url: string;
  readonly options: unknown;
  readonly client: FakeWebTransport;
  readonly server: FakeWebTransport;
  /** When that was, by the clock of `performance`. */
  readonly at: number;
}

/** Milliseconds after which a WebSocket is tried, too. */
const HEAD_START = 200;

/** Puts a class `WebTransport` among the globals for as long as the row lasts. */
function installWebTransport(world: World): Inbox {
  const opened = new Inbox("a WebTransport session");
  const globals = globalThis as { WebTransport?: unknown };
  const before = Object.getOwnPropertyDescriptor(globals, "WebTransport");
  globals.WebTransport = function (url: string, options: unknown) {
    const { client, server } = FakeWebTransport.join({ ready: false, breaking: false });
    for (const promise of [server.ready, server.closed, client.ready]) promise.catch(() => {});
    opened.put({ url, options, client, server, at: performance.now() } satisfies Opened);
    return client;
  };
  world.defer(() => {
    delete globals.WebTransport;
    if (before) Object.defineProperty(globals, "WebTransport", before);
  });
  return opened;
}

/** Takes the next session that the client opens, and its stream. */
async function accept(opened: Inbox): Promise<Opened & { stream: RawWebTransport }> {
  const session = (await opened.next())[0] as Opened;
  session.client.open();
  return { ...session, stream: await RawWebTransport.accept(session.server) };
}

/** A client on polling that is offered upgrades; its GET and its POST wait. */
async function offer(
  world: World,
  script: ScriptedServer,
  upgrades: string[],
): Promise<{ client: ReturnType<World["connect"]>; get: Exchange; post: Exchange }> {
  const client = world.connect(script.url, { transports: ["polling", "websocket", "webtransport"] });
  (await script.request()).answer(200, openPacket({ upgrades }));
  const both = [await script.request(), await script.request()];
  return {
    client,
    get: both.find(({ method }) => method === "GET")!,
    post: both.find(({ method }) => method === "POST")!,
  };
}

const DEFAULTS = { transports: ["webtransport"], reconnection: false };

export const clientWebtransport: Topic = {
  title: "WebTransport (client)",
  rows: [
    {
      id: "client-webtransport-open",
      api: '`transports: ["webtransport"]`',
      how: "A session to `https:` without a query, one stream, and `0`.",
      async run(world) {
        const opened = installWebTransport(world);
        const options = { congestionControl: "low-latency" };
        const client = world.connect("http://127.0.0.1:4000/?token=1", {
          ...DEFAULTS,
          query: { a: "b" },
          transportOptions: { webtransport: options },
        });
        const watched = world.watch("client", client, "connect", "x");
        const { url, options: given, stream } = await accept(opened);
        world.note("constructor", url, given);
        world.note("stream", await stream.next());
        void stream.send(openPacket());
        world.note("stream", await stream.next());
        void stream.send('40{"sid":"one"}', '451-["x",{"_placeholder":true,"num":0}]', Buffer.from([1, 2]));
        await watched.next("connect");
        await watched.next("x");
        client.emit("y", Buffer.from([3]));
        world.note("stream", await stream.next(/^45/), await stream.next((frame) => typeof frame !== "string"));
      },
      mutation: inClient(
        'serverAddress(this.$uri, this.options(transport), "https")',
        'serverAddress(this.$uri, this.options(transport), "http")',
      ),
    },
    {
      id: "client-webtransport-addresses",
      api: "the address of a WebTransport session",
      how: "`https:` whatever the URL says; the port only where it is not the scheme's own.",
      async run(world) {
        const opened = installWebTransport(world);
        for (const [uri, options] of [
          ["http://host.test", {}],
          ["https://host.test:443/nsp", {}],
          ["ws://host.test:8080", { path: "/other/" }],
          ["https://[::1]:3000", { path: "/other", addTrailingSlash: false }],
        ] as const) {
          world.connect(uri, { ...DEFAULTS, ...options });
          const [{ url, client }] = (await opened.next()) as [Opened];
          world.note(uri, url);
          client.close();
        }
      },
      mutation: inClient("port === defaultPort(secure) ? hostname :", ""),
    },
    {
      id: "client-webtransport-upgrade",
      api: "the client's upgrade to WebTransport",
      how: 'The stream begins with `0{"sid":…}` and `2probe`; then as to a WebSocket.',
      async run(world) {
        const opened = installWebTransport(world);
        const script = await world.script();
        const { client, get, post } = await offer(world, script, ["webtransport"]);
        const { stream } = await accept(opened);
        world.note("stream", await stream.next(), await stream.next());
        post.answer(200, "ok");
        void stream.send("3probe");
        get.answer(200, '40{"sid":"one"}\x1e6');
        world.note("stream", await stream.next());
        const engine = client.io.engine as unknown as { transport: { name: string } };
        world.note("client", engine.transport.name, script.requestsWaiting);
        client.emit("x", 1);
        world.note("stream", await stream.next());
      },
      mutation: inClient("data: sid && JSON.stringify({ sid })", 'data: ""'),
    },
    {
      id: "client-webtransport-head-start",
      api: "a WebSocket and WebTransport offered together",
      how: "The WebSocket is tried 200 ms later, and what is answered first is moved to.",
      async run(world) {
        const opened = installWebTransport(world);
        const script = await world.script();
        const { client, get, post } = await offer(world, script, ["websocket", "webtransport"]);
        const { server, at } = (await opened.next())[0] as Opened;
        const webSocket = await script.socket();
        // A machine that stands still may make it later.
        const delay = performance.now() - at;
        world.note("websocket", delay >= HEAD_START - 1 && delay < 5_000 ? "200 ms later" : delay);
        world.note("websocket", await webSocket.next());
        post.answer(200, "ok");
        webSocket.send("3probe");
        await server.closed.catch(() => {});
        get.answer(200, '40{"sid":"one"}\x1e6');
        world.note("websocket", await webSocket.next());
        world.note("client", (client.io.engine as unknown as { transport: { name: string } }).transport.name);
      },
      mutation: inClient("const HEAD_START = 200;", "const HEAD_START = 5;"),
    },
    {
      id: "client-webtransport-wins",
      api: "WebTransport that is answered in time",
      how: "No WebSocket is opened.",
      async run(world) {
        const opened = installWebTransport(world);
        let script: ScriptedServer;
        let client: ReturnType<World["connect"]>;
        let moved: Frame;
        let tookLong: boolean;
        do {
          script = await world.script();
          const offered = await offer(world, script, ["websocket", "webtransport"]);
          ({ client } = offered);
          const { stream, at } = await accept(opened);
          await stream.next("2probe");
          offered.post.answer(200, "ok");
          void stream.send("3probe");
          offered.get.answer(200, '40{"sid":"one"}\x1e6');
          moved = await stream.next("5");
          // An answer that was not in time says nothing.
          tookLong = performance.now() - at >= HEAD_START;
          if (tookLong) client.disconnect();
        } while (tookLong);
        world.note("stream", moved);
        await new Promise((resolve) => setTimeout(resolve, 1.5 * HEAD_START));
        world.note("client", (client.io.engine as unknown as { transport: { name: string } }).transport.name);
        world.note("server", script.socketsWaiting);
      },
      mutation: inClient("this.$probes?.stop();\n\t}\n\tonUpgradeError", "}\n\tonUpgradeError"),
    },
    {
      id: "client-webtransport-fails",
      api: "a WebTransport session that fails",
      how: "`connect_error` with the message `webtransport error` and the platform's error as its description.",
      async run(world) {
        const opened = installWebTransport(world);
        const client = world.connect("http://127.0.0.1:4000", DEFAULTS);
        const failed = inbox(client, "connect_error");
        const session = await accept(opened);
        await session.stream.next("0");
        const cause = new Error("the connection is lost");
        session.client.fail(cause);
        const [error] = (await failed.next()) as [Error & { type: string; description: unknown }];
        world.note("client", error, error.description === cause, client.active);
      },
      mutation: inClient('"webtransport error"', '"WebTransport error"'),
    },
    {
      id: "client-webtransport-absent",
      api: '`transports: ["webtransport"]` where the platform has none',
      how: "`connect_error` says so, at once.",
      async run(world) {
        const client = world.connect("http://127.0.0.1:4000", { ...DEFAULTS, timeout: 50 });
        const [error] = (await inbox(client, "connect_error").next()) as [Error];
        world.note("client", error.name, error.message);
      },
      mutation: inClient('clock.defer(() => this.$end("transport error", error));', ""),
      differs: {
        id: "absent-webtransport",
        official: ['client: Error "timeout"'],
        hawser: ['client: ReferenceError "WebTransport is not defined"'],
      },
    },
    {
      id: "client-webtransport-closed",
      api: "a WebTransport session that the server closes",
      how: "`disconnect` with `transport close` and no details.",
      async run(world) {
        const opened = installWebTransport(world);
        const client = world.connect("http://127.0.0.1:4000", DEFAULTS);
        const watched = world.watch("client", client, "connect", "disconnect");
        const { server, stream } = await accept(opened);
        void stream.send(openPacket(), '40{"sid":"one"}');
        await watched.next("connect");
        server.close();
        await watched.next("disconnect");
      },
      mutation: inCore(
        'closed.then(() => this.$end("transport close")',
        'closed.then(() => this.$end("transport error")',
      ),
    },
    {
      id: "client-webtransport-disconnect",
      api: "`socket.disconnect()` over WebTransport",
      how: "DISCONNECT is sent, and the session is closed.",
      async run(world) {
        const opened = installWebTransport(world);
        const client = world.connect("http://127.0.0.1:4000", DEFAULTS);
        const connects = inbox(client, "connect");
        const { server, stream } = await accept(opened);
        void stream.send(openPacket(), '40{"sid":"one"}');
        await connects.next();
        client.disconnect();
        world.note("stream", await stream.next("41"));
        world.note("server", await server.closed);
      },
      mutation: inClient("$onFinished() {\n\t\tthis.$closeSession();", "$onFinished() {"),
    },
  ],
};
