/** The client's engine by itself: where it connects to, with what, and by which transports. */

import { inbox, until } from "../../harness/waiting.ts";
import { noteEvents } from "../raw-engine.ts";
import { connectEngine, openOnPolling, openOnWebSocket, type EngineClientOptions } from "../raw-engine-client.ts";
import { inEngineClient, type Topic } from "../row.ts";
import { openPacket } from "../script.ts";

/** Where a process remembers that a WebSocket was reached. */
interface Memory {
  priorWebsocketSuccess: boolean;
}

export const rawClientOptions: Topic = {
  title: "The client's engine by itself: options and transports",
  rows: [
    {
      id: "raw-client-uri",
      api: "the URI, or options `host`, `hostname`, `port`, `secure`, `path`, `addTrailingSlash`",
      how: "The URI says where the server is, but not the path; options may say it all, and may come first.",
      async run(world) {
        const script = await world.script();
        const { port } = script;
        const ways: [url: string | undefined, options?: EngineClientOptions][] = [
          [script.url],
          [`${script.url}/elsewhere?from=uri`, { path: "/raw" }],
          [`ws://127.0.0.1:${port}`, { path: "/raw/", addTrailingSlash: false }],
          [undefined, { hostname: "127.0.0.1", port, path: "/raw" }],
          [undefined, { host: "127.0.0.1", port: String(port), secure: false }],
        ];
        for (const [url, options = {}] of ways) {
          const settings = { ...options, transports: ["websocket"] };
          const client = connectEngine(world, (url ?? settings) as string, url === undefined ? {} : settings);
          const { hostname, secure } = client;
          world.note("client", hostname, String(client.port) === String(port), secure);
          world.note("websocket", (await script.socket()).address);
        }
      },
      mutation: inEngineClient('addTrailingSlash === false ? "" : "/"', '"/"'),
    },
    {
      id: "raw-client-query",
      api: "options `query`, `timestampRequests`, `timestampParam`, `forceBase64`",
      how: "The query goes with every request; over polling there is a parameter that defeats caches.",
      async run(world) {
        const variants: EngineClientOptions[] = [
          { query: { a: "b c", d: "ü" } },
          { timestampRequests: false },
          { timestampParam: "when", query: { t: "own" } },
          { forceBase64: true },
        ];
        for (const options of variants) {
          const lane = JSON.stringify(options);
          const script = await world.script();
          connectEngine(world, script.url, { ...options, transports: ["polling"] });
          const { address } = await script.request();
          world.note(lane, "polling", address.replace(/when=[\w-]+/, "when=<time>"));
          connectEngine(world, script.url, { ...options, transports: ["websocket"] });
          world.note(lane, "websocket", (await script.socket()).address);
        }
      },
      mutation: inEngineClient("options.forceBase64 && !(sid", "false && !(sid"),
    },
    {
      id: "raw-client-headers",
      api: "options `extraHeaders`, `transportOptions`, `protocols`, `withCredentials`",
      how: "Headers go with every request; a transport's own options count first; cookies come back with credentials.",
      async run(world) {
        const script = await world.script();
        const options = {
          extraHeaders: { "x-key": "all" },
          transportOptions: { polling: { extraHeaders: { "x-key": "polling" } } },
          protocols: ["a", "b"],
          withCredentials: true,
        };
        const client = connectEngine(world, script.url, { ...options, transports: ["polling", "websocket"] });
        const opens = inbox(client, "open");
        const handshake = await script.request();
        world.note("handshake", handshake.headers["x-key"], handshake.headers.cookie);
        handshake.answer(200, openPacket({ upgrades: ["websocket"] }), { "set-cookie": "io=1; Path=/; HttpOnly" });
        await opens.next();
        const get = await script.request();
        world.note("get", get.headers["x-key"], get.headers.cookie);
        const { headers } = await script.socket();
        world.note("websocket", headers["x-key"], headers.cookie, headers["sec-websocket-protocol"]);
      },
      mutation: inEngineClient("...options.transportOptions?.[transport]", ""),
    },
    {
      id: "raw-client-transports",
      api: "options `transports`, `transportImplementations`",
      how: "Names or classes, of which the first is where it begins; not both options.",
      async run(world) {
        const { Socket, NodeXHR, NodeWebSocket, transports } = world.engineClient;
        const variants: Record<string, EngineClientOptions> = {
          names: { transports: ["websocket", "polling"] },
          classes: { transports: [NodeWebSocket, NodeXHR] },
          implementations: { transportImplementations: [NodeXHR] },
          "the list": { transports: [transports.polling] },
          default: {},
        };
        const script = await world.script();
        for (const [name, options] of Object.entries(variants)) {
          const client = connectEngine(world, script.url, options);
          world.note(name, client.transport.name, client.transports);
        }
        const both = { transports: ["polling"], transportImplementations: [NodeXHR] };
        world.noteThrow("both", "constructing", () => {
          try {
            new Socket(script.url, both);
          } catch {
            throw new Error("not both");
          }
        });
      },
      mutation: inEngineClient("if (transports && transportImplementations)", "if (false)"),
    },
    {
      id: "raw-client-upgrade-option",
      api: "option `upgrade: false`, class `SocketWithoutUpgrade`",
      how: "It stays where it is, whatever the server offers.",
      async run(world) {
        const script = await world.script();
        const client = connectEngine(world, script.url, { upgrade: false });
        const messages = noteEvents(world, "client", client, "upgrading", "message");
        (await script.request()).answer(200, openPacket({ upgrades: ["websocket"] }));
        (await script.request()).answer(200, "4hello");
        await messages.next();
        world.note("client", client.transport.name, script.socketsWaiting);
      },
      mutation: inEngineClient("this.$options.upgrade !== false", "true"),
    },
    {
      id: "raw-client-remember-upgrade",
      api: "option `rememberUpgrade`, `Socket.priorWebsocketSuccess`",
      how: "A connection that reached a WebSocket lets the next one begin there, until one fails.",
      async run(world) {
        const memory = world.engineClient.Socket as unknown as Memory;
        memory.priorWebsocketSuccess = false;
        const begin = (url: string): string =>
          connectEngine(world, url, { rememberUpgrade: true, transports: ["polling", "websocket"] }).transport.name;
        const { client, script, get } = await openOnPolling(world, { upgrades: ["websocket"] });
        const upgrades = inbox(client, "upgrade");
        world.note("first", begin(script.url), memory.priorWebsocketSuccess);
        const webSocket = await script.socket();
        webSocket.send("3probe");
        get.answer(200, "6");
        await upgrades.next();
        world.note("second", begin(script.url), memory.priorWebsocketSuccess);
        const failing = await world.script();
        const other = connectEngine(world, failing.url, { transports: ["polling"] });
        const ends = inbox(other, "close");
        (await failing.request()).answer(500);
        await ends.next();
        world.note("third", begin(script.url), memory.priorWebsocketSuccess);
      },
      mutation: inEngineClient('if (reason === "transport error") {', "if (false) {"),
    },
    {
      id: "raw-client-try-all",
      api: "option `tryAllTransports`",
      how: "A transport that fails before it is open is followed by the next one; only the last failure is told.",
      async run(world) {
        const script = await world.script();
        const options = { tryAllTransports: true, transports: ["polling", "websocket"] };
        const client = connectEngine(world, script.url, options);
        const opens = noteEvents(world, "opens", client, "error", "close", "open");
        (await script.request()).answer(400, '{"code":0,"message":"Transport unknown"}');
        await script.session();
        await opens.next();
        world.note("opens", client.transport.name);
        const refusing = await world.script();
        const other = connectEngine(world, refusing.url, {
          ...options,
          transports: ["polling", "webtransport"].slice(0, 1),
        });
        const ends = noteEvents(world, "fails", other, "open", "error", "close");
        (await refusing.request()).answer(400);
        await ends.next();
      },
      mutation: inEngineClient("if (tryAllTransports) {", "if (false) {"),
    },
    {
      id: "raw-client-no-transports",
      api: "`transports: []`, or unknown names",
      how: "Unknown names are passed over; without any transport it fails.",
      async run(world) {
        const script = await world.script();
        for (const transports of [[], ["unknown"], ["unknown", "websocket"]]) {
          const lane = JSON.stringify(transports);
          try {
            const client = connectEngine(world, script.url, { transports });
            world.note(lane, client.transport?.name);
            if (transports.includes("websocket")) continue;
            const errors = inbox(client, "error");
            client.on("close", (reason) => world.note(lane, "close", reason));
            const [error] = await errors.next();
            world.note(lane, "error", typeof error, String(error));
          } catch (error) {
            world.note(lane, "throws", (error as Error).name);
          }
        }
      },
      mutation: inEngineClient("chosen.size > 0 ?", "true ?"),
      differs: {
        id: "engine-no-transports",
        official: [
          '["unknown","websocket"]: throws "TypeError"',
          '["unknown"]: throws "TypeError"',
          "[]: undefined",
          '[]: error "string" "No transports available"',
        ],
        hawser: [
          '["unknown","websocket"]: websocket',
          '["unknown"]: none',
          '["unknown"]: close "transport error"',
          '["unknown"]: error "object" "Error: No transports available"',
          "[]: none",
          '[]: close "transport error"',
          '[]: error "object" "Error: No transports available"',
        ],
      },
    },
    {
      id: "raw-client-websocket-refused",
      api: "a WebSocket that is refused, or that nobody answers",
      how: "`websocket error`, then `close`.",
      async run(world) {
        const script = await world.script();
        await script.close();
        for (const transport of ["websocket", "polling"]) {
          const client = connectEngine(world, script.url, { transports: [transport] });
          const ends = noteEvents(world, transport, client, "open", "close");
          const [error] = await inbox(client, "error").next();
          world.note(transport, error.message, error.type);
          await ends.next();
          world.note(transport, client.readyState);
        }
      },
      mutation: inEngineClient('"websocket error"', '"socket error"'),
    },
    {
      id: "raw-client-own-transport",
      api: "a class that extends `Transport`, in `transports`",
      how: "It is made with the options, and carries packets by the methods and events of its base.",
      async run(world) {
        const written: unknown[] = [];
        const made: any[] = [];
        class Own extends world.engineClient.Transport {
          get name(): string {
            return "polling";
          }

          doOpen(): void {
            made.push(this);
            setImmediate(() => {
              this.onOpen();
              this.onData(openPacket());
            });
          }

          doClose(): void {
            world.note("own", "closes");
          }

          write(packets: { type: string; data?: unknown }[]): void {
            this.writable = false;
            written.push(...packets.map(({ type, data }) => [type, data]));
            setImmediate(() => {
              this.writable = true;
              this.emitReserved("drain");
            });
          }
        }
        const client = connectEngine(world, "http://a.example", { transports: [Own as never] });
        const messages = noteEvents(world, "client", client, "open", "close", "message");
        client.send("early");
        await until(() => written.length === 1, "a message");
        made[0].onData("4hello");
        await messages.next();
        client.send("there");
        await until(() => written.length === 2, "another message");
        world.note("own", ...written);
        await until(() => made[0].writable, "a writable transport");
        client.close();
        world.note("client", client.readyState);
      },
      mutation: inEngineClient("this.handler.onTransportWritable(this);\n\t\t\t\tbreak;", "break;"),
    },
    {
      id: "raw-client-emitter",
      api: "`on`, `once`, `off`, `listeners`, `hasListeners`",
      how: "The client is an emitter as `component-emitter` has them.",
      async run(world) {
        const { client, webSocket } = await openOnWebSocket(world);
        const first = (data: unknown): void => world.note("first", data);
        client.on("message", first).once("message", (data) => world.note("once", data));
        world.note("client", client.listeners("message").length, client.hasListeners("open"));
        const messages = inbox(client, "message");
        webSocket.send("4one", "4two");
        await messages.take(2);
        client.off("message", first);
        webSocket.send("4three");
        await messages.next();
        world.note("client", client.listeners("message").length);
      },
      mutation: inEngineClient('this.emitReserved("message", data);', ""),
    },
  ],
};
