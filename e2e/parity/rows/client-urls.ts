/** `io()`: addresses, and which calls share a connection. */

import { inClient, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";
import type { ScriptedServer } from "../script.ts";
import type { ClientOptions, World } from "../world.ts";

/** The first request of a client. */
async function firstRequest(
  world: World,
  script: ScriptedServer,
  lane: string,
  url: string,
  options: ClientOptions = {},
): Promise<void> {
  const client = world.connect(url, { transports: ["polling"], reconnection: false, ...options });
  const { method, address } = await script.request();
  world.note(lane, JSON.stringify(options), method, address, (client as unknown as { nsp: string }).nsp);
  client.disconnect();
}

export const clientUrls: Topic = {
  title: "io(): addresses and multiplexing",
  rows: [
    {
      id: "url-namespace",
      api: "the path of the URL",
      how: "The URL's path is the namespace, and its query goes with the requests.",
      async run(world) {
        const script = await world.script();
        for (const path of ["", "/", "/admin", "/admin/deep", "/admin?x=1&y=a%20b", "?x=1", "/#fragment", "/admin/"]) {
          await firstRequest(world, script, `URL + ${path}`, script.url + path);
        }
      },
      mutation: inClient('const nsp = path || "/";', 'const nsp = "/";'),
    },
    {
      id: "url-options",
      api: "options `path`, `query`, `addTrailingSlash`, `timestampRequests`, `timestampParam`",
      how: "Each request's address is made of the endpoint, the options and the session id.",
      async run(world) {
        const script = await world.script();
        for (const options of [
          { path: "/chat" },
          { path: "/chat/" },
          { path: "/chat", addTrailingSlash: false },
          { query: { a: "1", b: "x y&z", EIO: "9" } },
          { timestampRequests: false },
          { timestampParam: "when", timestampRequests: true },
          { query: { list: 5 } },
        ]) {
          const client = world.connect(`${script.url}/nsp`, {
            transports: ["polling"],
            reconnection: false,
            ...options,
          });
          const { address } = await script.request();
          world.note(JSON.stringify(options), address.replace(/when=[^&]+/, "when=<time>"));
          client.disconnect();
        }
      },
      mutation: inClient('addTrailingSlash === false ? "" : "/"', '"/"'),
    },
    {
      id: "url-two-queries",
      api: "a query in the URL and the option `query`",
      how: "Both go with the requests; the URL's values win.",
      async run(world) {
        const script = await world.script();
        await firstRequest(world, script, "both", `${script.url}/?u=1&both=url`, { query: { o: "2", both: "option" } });
      },
      mutation: inClient("...uri.query,", ""),
      differs: {
        id: "two-queries",
        official: [
          'both: {"query":{"o":"2","both":"option"}} "GET" "/socket.io/?EIO=4&both=url&t=<time>&transport=polling&u=1" "/"',
        ],
        hawser: [
          'both: {"query":{"o":"2","both":"option"}} "GET" "/socket.io/?EIO=4&both=url&o=2&t=<time>&transport=polling&u=1" "/"',
        ],
      },
    },
    {
      id: "url-websocket",
      api: "the address of a WebSocket",
      how: "No timestamp unless it is asked for.",
      async run(world) {
        const script = await world.script();
        for (const options of [{}, { timestampRequests: true }, { query: { a: "1" } }, { forceBase64: true }]) {
          const client = world.connect(script.url, options);
          world.note(JSON.stringify(options), (await script.socket()).address);
          client.disconnect();
        }
      },
      mutation: inClient('timestampRequests = scheme === "http"', "timestampRequests = true"),
    },
    {
      id: "url-scheme",
      api: "URLs with and without a scheme",
      how: "`ws:` is `http:`; credentials and hosts without a scheme are understood.",
      async run(world) {
        const script = await world.script();
        const host = `127.0.0.1:${script.port}`;
        await firstRequest(world, script, "ws", `ws://${host}/a`);
        await firstRequest(world, script, "credentials", `http://user:pass@${host}/b`);
      },
      mutation: inClient("[^/?#@]*@", "[^/?#@]+@@"),
    },
    {
      id: "url-parsing",
      api: "URLs that are never dialled",
      how: "The namespace is the path, whatever stands before it.",
      run(world) {
        for (const url of [
          "https://host.example",
          "http://host.example:80/x",
          "http://[::1]/z",
          "http://[::1]:3000/",
          "wss://host.example/a/b?x=1",
        ]) {
          const socket = world.client.io(url, { autoConnect: false, forceNew: true });
          world.note(url, (socket as unknown as { nsp: string }).nsp);
        }
        for (const length of [7_900, 8_100]) {
          try {
            world.client.io(`http://${"a".repeat(length)}`, { autoConnect: false });
            world.note("long", length, "does not throw");
          } catch (error) {
            world.note("long", length, error instanceof Error ? error.message : error);
          }
        }
        return Promise.resolve();
      },
      mutation: inClient('"URI too long"', '"too long"'),
    },
    {
      id: "multiplex-shared",
      api: "several namespaces of one server",
      how: "Calls of `io()` with one server and path share a Manager, and so a connection.",
      async run(world) {
        const script = await world.script();
        const shared = { forceNew: false };
        const one = world.connect(`${script.url}/one`, shared);
        const other = world.connect(`${script.url}/other`, shared);
        world.note("client", one.io === other.io, one === other);
        const session = await script.session();
        world.note("server", [await session.next(), await session.next()].sort());
        session.send('40/one,{"sid":"one"}', '40/other,{"sid":"other"}');
        await inbox(other, "connect").next();
        session.send('42/other,["x",1]', '42/one,["x",2]', '42/third,["x"]');
        world.watch("other", other, "x");
        await world.watch("one", one, "x").next("x");
        one.disconnect();
        world.note("server", await session.next());
        world.note("other", other.connected);
      },
      mutation: inClient("managers.set(id, manager);", ""),
    },
    {
      id: "multiplex-rules",
      api: "`forceNew`, `multiplex`, a namespace that is there already",
      how: "A Manager is shared unless an option forbids it or it has that namespace.",
      async run(world) {
        const script = await world.script();
        const connect = (path: string, options: ClientOptions = {}) =>
          world.connect(script.url + path, { forceNew: false, autoConnect: false, ...options });
        const first = connect("/");
        const compare = (what: string, other: ReturnType<typeof connect>): void =>
          world.note("client", what, other.io === first.io);
        compare("same namespace", connect("/"));
        compare("other namespace", connect("/x"));
        compare("query", connect("/y?a=1"));
        compare("forceNew", connect("/z", { forceNew: true }));
        compare("force new connection", connect("/z", { "force new connection": true }));
        compare("multiplex", connect("/z", { multiplex: false }));
        compare("other path", connect("/z", { path: "/elsewhere" }));
        compare(
          "localhost",
          world.connect(`http://localhost:${script.port}/z`, { forceNew: false, autoConnect: false }),
        );
        first.disconnect();
        compare("after disconnect", connect("/"));
      },
      mutation: inClient("options.multiplex === false", "false"),
    },
    {
      id: "io-exports",
      api: "what the client package exports",
      how: "The factory under its names, the classes, the transports and the protocol's revision.",
      run(world) {
        const { io, connect, Manager, Socket, protocol } = world.client;
        world.note("client", io === connect, (world.client as unknown as { default: unknown }).default === io);
        world.note("client", typeof Manager, typeof Socket, protocol);
        world.note("client", Object.keys(world.client).sort());
        return Promise.resolve();
      },
      mutation: inClient("io as connect", "Socket as connect"),
    },
  ],
};
