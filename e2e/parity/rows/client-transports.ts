/** The client's transports. */

import { inClient, inCore, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";
import { openPacket, type Exchange, type ScriptedServer } from "../script.ts";

/** The next request with this method; those with others are left without an answer. */
async function next(script: ScriptedServer, method: "GET" | "POST"): Promise<Exchange> {
  let exchange = await script.request();
  while (exchange.method !== method) exchange = await script.request();
  return exchange;
}

export const clientTransports: Topic = {
  title: "Transports (client)",
  rows: [
    {
      id: "transport-polling-requests",
      api: "the requests of polling",
      how: "One GET at a time, and a POST with what there is to send.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { transports: ["polling"] });
        const describe = ({ method, address, headers, body }: Exchange): void => {
          world.note(method, address, body, headers.accept, headers["content-type"], headers["content-length"]);
        };
        const open = await script.request();
        describe(open);
        open.answer(200, openPacket());
        const both = [await script.request(), await script.request()].sort((one, other) =>
          one.method < other.method ? -1 : 1,
        );
        both.forEach(describe);
        both[1]!.answer(200, "ok");
        both[0]!.answer(200, '40{"sid":"one"}\x1e42["x",1]');
        describe(await script.request());
        world.note("client", client.connected);
      },
      mutation: inClient('Accept: "*/*"', 'Accept: "text/plain"'),
    },
    {
      id: "transport-polling-binary",
      api: "binary over polling at the client",
      how: "Sent and received as base64 records.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { transports: ["polling"] });
        const watched = world.watch("client", client, "file");
        (await script.request()).answer(200, openPacket());
        (await next(script, "GET")).answer(
          200,
          '40{"sid":"one"}\x1e451-["file",{"_placeholder":true,"num":0}]\x1ebAQID',
        );
        await watched.next("file");
        world.note("client", client.connected);
      },
      mutation: inCore("payload.indexOf(RECORD_SEPARATOR, start)", 'payload.indexOf("\\n", start)'),
    },
    {
      id: "transport-upgrade",
      api: "the client's upgrade",
      how: "`2probe` on the WebSocket, then polling comes to rest, `5`, and what waited leaves there.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { transports: ["polling", "websocket"] });
        (await script.request()).answer(200, openPacket({ upgrades: ["websocket"] }));
        const engine = client.io.engine as unknown as {
          transport: { name: string };
          on(event: string, listener: () => void): void;
        };
        const both = [await script.request(), await script.request()];
        const webSocket = await script.socket();
        world.note("websocket", webSocket.address, await webSocket.next());
        const get = both.find(({ method }) => method === "GET")!;
        const post = both.find(({ method }) => method === "POST")!;
        post.answer(200, "ok");
        webSocket.send("3probe");
        get.answer(200, '40{"sid":"one"}\x1e6');
        world.note("websocket", await webSocket.next());
        world.note("client", engine.transport.name, script.requestsWaiting);
        client.emit("x", 1);
        world.note("websocket", await webSocket.next());
      },
      mutation: inCore("candidate.send([PROBE_PING]);", "candidate.send([PING]);"),
    },
    {
      id: "transport-upgrade-fails",
      api: "an upgrade that fails",
      how: "The engine emits `upgradeError` and goes on polling.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { transports: ["polling", "websocket"] });
        const opened = inbox(client.io, "open");
        (await script.request()).answer(200, openPacket({ upgrades: ["websocket"] }));
        await opened.next();
        const engine = client.io.engine as unknown as {
          transport: { name: string };
          on(event: string, listener: (error: Error) => void): void;
        };
        const errors = inbox(engine, "upgradeError");
        const webSocket = await script.socket();
        await webSocket.next();
        webSocket.send("3wrong");
        const [error] = await errors.next();
        world.note(
          "engine",
          error instanceof Error,
          (error as { transport?: unknown }).transport,
          engine.transport.name,
        );
        (await next(script, "GET")).answer(200, '40{"sid":"one"}');
        await inbox(client, "connect")
          .next()
          .catch(() => {});
        world.note("client", (await next(script, "GET")).method, client.connected);
      },
      mutation: inClient('this.emitReserved("upgradeError"', 'this.emitReserved("upgradeFailed"'),
    },
    {
      id: "transport-no-upgrade",
      api: "option `upgrade: false`",
      how: "The client stays on its first transport.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { transports: ["polling", "websocket"], upgrade: false });
        (await script.request()).answer(200, openPacket({ upgrades: ["websocket"] }));
        (await next(script, "GET")).answer(200, '40{"sid":"one"}');
        await inbox(client, "connect").next();
        world.note("client", (client.io.engine as unknown as { transport: { name: string } }).transport.name);
        const late = await Promise.race([
          script.socket().then(
            () => "a WebSocket",
            () => "none",
          ),
          next(script, "GET").then(() => "a GET"),
        ]);
        world.note("server", late);
      },
      mutation: inClient("this.$options.upgrade !== false", "true"),
    },
    {
      id: "transport-not-offered",
      api: "upgrades that the server does not offer, or the client does not have",
      how: "Only what both name is probed.",
      async run(world) {
        const script = await world.script();
        for (const upgrades of [[], ["webtransport"], ["telepathy"]]) {
          const client = world.connect(script.url, { transports: ["polling", "websocket"] });
          (await script.request()).answer(200, openPacket({ upgrades }));
          (await next(script, "GET")).answer(200, '40{"sid":"one"}');
          await inbox(client, "connect").next();
          const { method } = await next(script, "GET");
          // An upgrade would have begun by now.
          await new Promise((resolve) => setTimeout(resolve, 30));
          world.note(upgrades.join() || "none", method, script.socketsWaiting);
          client.disconnect();
        }
      },
      mutation: inClient("upgrades.filter((name) => this.$transports.has(name))", '["websocket"]'),
    },
    {
      id: "transport-names",
      api: "option `transports`",
      how: "The first one begins the session; without any there is nothing to connect with.",
      async run(world) {
        const script = await world.script();
        for (const transports of [["polling"], ["polling", "websocket"], ["websocket", "polling"]]) {
          const client = world.connect(script.url, { transports });
          const first = await (transports[0] === "websocket" ? script.socket() : script.request());
          world.note(transports.join(), first.address);
          client.disconnect();
        }
        const none = world.connect(script.url, { transports: [], reconnection: false });
        const [error] = await inbox(none, "connect_error").next();
        world.note("none", error.message ?? error);
      },
      mutation: inClient('"No transports available"', '"No transport"'),
    },
    {
      id: "transport-classes",
      api: "transports as classes",
      how: "The package exports its transports; the option takes them as it takes names.",
      async run(world) {
        const script = await world.script();
        const { WebSocket, XHR, Fetch, NodeXHR, NodeWebSocket } = world.client as unknown as Record<string, never>;
        world.note(
          "classes",
          [WebSocket, XHR, Fetch, NodeXHR, NodeWebSocket].map((value) => typeof value),
        );
        world.connect(script.url, { transports: [NodeWebSocket!] });
        world.note("websocket", (await script.socket()).address);
        for (const polling of [NodeXHR, Fetch]) {
          const client = world.connect(script.url, { transports: [polling!] });
          const { method, address } = await script.request();
          world.note("polling", method, address);
          client.disconnect();
        }
      },
      mutation: inClient('typeof wanted === "string" ? known.get(wanted) : wanted', "known.get(wanted)"),
    },
    {
      id: "transport-try-all",
      api: "option `tryAllTransports`",
      how: "If the first transport can't open the session, the next one is tried.",
      async run(world) {
        const script = await world.script();
        for (const tryAllTransports of [true, false]) {
          const client = world.connect(script.url, {
            transports: ["polling", "websocket"],
            tryAllTransports,
            reconnection: false,
          });
          const watched = inbox(client, "connect_error");
          (await script.request()).answer(503);
          if (tryAllTransports) {
            const session = await script.session();
            world.note("server", session.address, await session.next());
            client.disconnect();
          } else {
            world.note("client", ...(await watched.next()));
          }
        }
      },
      mutation: inClient("if (tryAllTransports)", "if (false)"),
    },
    {
      id: "transport-remember-upgrade",
      api: "option `rememberUpgrade`",
      how: "After a connection that reached a WebSocket the next one begins there.",
      async run(world) {
        const served = await world.serve();
        const options = { transports: ["polling", "websocket"], rememberUpgrade: true };
        const first = world.connect(served.url, options);
        await inbox(first, "connect").next();
        const engine = first.io.engine as unknown as {
          transport: { name: string };
          on(event: string, listener: () => void): void;
        };
        if (engine.transport.name !== "websocket") await inbox(engine, "upgrade").next();
        first.disconnect();
        const handshakes = inbox(served.io, "connection");
        const second = world.connect(served.url, options);
        await inbox(second, "connect").next();
        const [socket] = await handshakes.next();
        world.note("server", socket.conn.transport.name, socket.handshake.query.transport);
      },
      mutation: inClient("this.$options.rememberUpgrade && EngineConnection.$reachedWebSocket", "false"),
    },
    {
      id: "transport-force-base64",
      api: "option `forceBase64`",
      how: "Binary travels as base64 text over a WebSocket too, and the server is asked to do the same.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { forceBase64: true });
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}');
        client.emit("file", Buffer.from([1, 2, 3]));
        world.note("server", session.address, await session.next(), await session.next());
        const polling = world.connect(script.url, { forceBase64: true, transports: ["polling"] });
        world.note("polling", (await script.request()).address);
        polling.disconnect();
      },
      mutation: inClient("this.$binary = !options.forceBase64;", "this.$binary = true;"),
    },
    {
      id: "transport-protocols",
      api: "option `protocols`",
      how: "They are the WebSocket's subprotocols.",
      async run(world) {
        const script = await world.script();
        world.connect(script.url, { protocols: ["one", "two"] });
        world.note("server", (await script.socket()).headers["sec-websocket-protocol"]);
        world.connect(script.url, {});
        world.note("server", (await script.socket()).headers["sec-websocket-protocol"]);
      },
      mutation: inClient("new WebSocket(url, protocols,", "new WebSocket(url, [],"),
    },
    {
      id: "transport-options",
      api: "option `transportOptions`",
      how: "Options for one transport go over the common ones.",
      async run(world) {
        const script = await world.script();
        const options = {
          extraHeaders: { "x-all": "1" },
          transportOptions: {
            polling: { extraHeaders: { "x-polling": "1" } },
            websocket: { extraHeaders: { "x-websocket": "1" } },
          },
        };
        const polling = world.connect(script.url, { ...options, transports: ["polling"] });
        const { headers } = await script.request();
        world.note("polling", headers["x-all"], headers["x-polling"], headers["x-websocket"]);
        polling.disconnect();
        world.connect(script.url, options);
        const webSocket = await script.socket();
        world.note(
          "websocket",
          webSocket.headers["x-all"],
          webSocket.headers["x-polling"],
          webSocket.headers["x-websocket"],
        );
      },
      mutation: inClient("...options.transportOptions?.[transport]", ""),
    },
    {
      id: "transport-close-polling",
      api: "`disconnect()` over polling",
      how: "DISCONNECT and then `1` are posted.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { transports: ["polling"] });
        (await script.request()).answer(200, openPacket());
        const connected = inbox(client, "connect");
        for (const { method, answer } of [await script.request(), await script.request()]) {
          if (method === "POST") answer(200, "ok");
          else answer(200, '40{"sid":"one"}');
        }
        await connected.next();
        client.disconnect();
        const bodies: string[] = [];
        while (!bodies.join().includes("1,1") && bodies.at(-1) !== "1") {
          const post = await next(script, "POST");
          bodies.push(...post.body.split("\x1e"));
          post.answer(200, "ok");
        }
        world.note("server", bodies);
      },
      mutation: inClient("} else if (packets[0] === CLOSE) {", "} else if (true) {"),
    },
  ],
};
