/** What a client does in Node.js: cookies, headers, agents, timers. */

import { Agent } from "node:http";
import { inClient, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";
import { openPacket } from "../script.ts";

export const clientNode: Topic = {
  title: "Node.js (client)",
  rows: [
    {
      id: "node-cookies",
      api: "option `withCredentials` in Node.js",
      how: "A cookie jar for each Manager takes what responses set and sends it back, over both transports.",
      async run(world) {
        const script = await world.script();
        world.connect(script.url, { transports: ["polling", "websocket"], withCredentials: true });
        const open = await script.request();
        world.note("handshake", open.headers.cookie);
        open.answer(200, openPacket({ upgrades: ["websocket"] }), {
          "set-cookie": [
            "a=1; Path=/; HttpOnly",
            "b=x y; Max-Age=60",
            "gone=1; Max-Age=0",
            "old=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "later=2; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
          ],
        });
        for (const { method, headers } of [await script.request(), await script.request()])
          world.note(method, headers.cookie);
        world.note("websocket", (await script.socket()).headers.cookie);
      },
      mutation: inClient("if (expires <= now) {", "if (false) {"),
    },
    {
      id: "node-no-cookies",
      api: "without `withCredentials`",
      how: "Nothing is kept.",
      async run(world) {
        const script = await world.script();
        world.connect(script.url, { transports: ["polling"] });
        (await script.request()).answer(200, openPacket(), { "set-cookie": ["a=1"] });
        for (const { method, headers } of [await script.request(), await script.request()])
          world.note(method, headers.cookie);
      },
      mutation: inClient(
        "withCredentials && this.#cookies.header()",
        'withCredentials ? this.#cookies.header() : "kept=1"',
      ),
    },
    {
      id: "node-extra-headers",
      api: "option `extraHeaders`",
      how: "They go with every request and with the WebSocket's.",
      async run(world) {
        const script = await world.script();
        world.connect(script.url, {
          transports: ["polling", "websocket"],
          extraHeaders: { "X-Custom": "1", authorization: "bearer x" },
        });
        const open = await script.request();
        world.note("handshake", open.headers["x-custom"], open.headers.authorization);
        open.answer(200, openPacket({ upgrades: ["websocket"] }));
        for (const { method, headers } of [await script.request(), await script.request()]) {
          world.note(method, headers["x-custom"], headers.authorization);
        }
        const { headers } = await script.socket();
        world.note("websocket", headers["x-custom"], headers.authorization);
      },
      mutation: inClient("headers: this.#headers(options)", "headers: {}"),
    },
    {
      id: "node-agent",
      api: "option `agent`",
      how: "Requests and the WebSocket go through the application's agent.",
      async run(world) {
        const script = await world.script();
        const used: string[] = [];
        class Counting extends Agent {
          override createConnection(
            ...args: Parameters<Agent["createConnection"]>
          ): ReturnType<Agent["createConnection"]> {
            used.push("connection");
            return super.createConnection(...args);
          }
        }
        const agent = new Counting() as Agent & { createConnection: unknown };
        world.defer(() => agent.destroy());
        const polling = world.connect(script.url, { transports: ["polling"], agent: agent as never });
        await script.request();
        world.note("polling", used.length > 0);
        polling.disconnect();
        used.length = 0;
        world.connect(script.url, { agent: agent as never });
        await script.socket();
        world.note("websocket", used.length > 0);
      },
      mutation: inClient("...agent ? { agent } : {},", ""),
    },
    {
      id: "node-auto-unref",
      api: "option `autoUnref`",
      how: "A connected client does not keep the process alive.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { autoUnref: true });
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}');
        await inbox(client, "connect").next();
        const refs = (
          process as unknown as {
            _getActiveHandles(): { remotePort?: number; hasRef?(): boolean; _handle?: { hasRef(): boolean } }[];
          }
        )
          ._getActiveHandles()
          .filter(({ remotePort }) => remotePort === script.port)
          .map(({ _handle }) => _handle?.hasRef());
        world.note("client", refs);
      },
      mutation: inClient('socket.on("upgrade", (response) => response.socket.unref());', ""),
    },
    {
      id: "node-tls-option-origin",
      api: "option `origin` of the WebSocket",
      how: "Options of `ws` are handed to it.",
      async run(world) {
        const script = await world.script();
        world.connect(script.url, { origin: "http://a.example" });
        world.note("server", (await script.socket()).headers.origin);
      },
      mutation: inClient('"origin",', ""),
    },
    {
      id: "node-per-message-deflate",
      api: "option `perMessageDeflate` of the client",
      how: "Offered by default, as `ws` does; `false` turns it off.",
      async run(world) {
        const script = await world.script();
        world.connect(script.url, {});
        world.note("default", (await script.socket()).headers["sec-websocket-extensions"]);
        world.connect(script.url, { perMessageDeflate: false as never });
        world.note("off", (await script.socket()).headers["sec-websocket-extensions"]);
      },
      mutation: inClient('"perMessageDeflate"', '"deflate"'),
    },
    {
      id: "node-protocol-version",
      api: "option `protocolVersion` of the WebSocket",
      how: "Handed to `ws`.",
      async run(world) {
        const script = await world.script();
        world.connect(script.url, {});
        world.note("default", (await script.socket()).headers["sec-websocket-version"]);
        world.connect(script.url, { protocolVersion: 8 });
        world.note("8", (await script.socket()).headers["sec-websocket-version"]);
      },
      mutation: inClient('"protocolVersion",', ""),
    },
  ],
};
