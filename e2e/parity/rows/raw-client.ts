/** The client's engine by itself: against a server that does what a row tells it. */

import type { Socket, SocketOptions } from "engine.io-client";
import { inbox, Inbox } from "../../harness/waiting.ts";
import { noteEvents } from "../raw-engine.ts";
import { inCore, inEngineClient, type Topic } from "../row.ts";
import { openPacket, type Exchange, type ScriptedServer, type ScriptedWebSocket } from "../script.ts";
import type { World } from "../world.ts";

/** All that a client tells. */
const EVENTS = ["handshake", "open", "packet", "heartbeat", "data", "message", "ping", "pong", "packetCreate", "flush"];
const ALL = [...EVENTS, "drain", "upgrading", "upgrade", "upgradeError", "error", "close"];

type Client = Socket & { id: string | null; upgrading: boolean; writeBuffer: { data: unknown }[] };

/** A client, which begins to connect. */
function connect(world: World, url: string | undefined, options: Partial<SocketOptions> = {}): Client {
  const client = new world.engineClient.Socket(url as string, options);
  world.defer(() => client.close());
  return client as Client;
}

/** A client that is open, and the server's end of it. */
async function openOnWebSocket(world: World, options: Partial<SocketOptions> = {}) {
  const script = await world.script();
  const client = connect(world, script.url, { transports: ["websocket"], ...options });
  const opened = inbox(client, "open");
  const webSocket = await script.session();
  await opened.next();
  return { script, client, webSocket };
}

/** The same over polling, with the GET that waits. */
async function openOnPolling(world: World, handshake: Record<string, unknown> = {}) {
  const script = await world.script();
  const client = connect(world, script.url, { transports: ["polling", "websocket"] });
  const opened = inbox(client, "open");
  (await script.request()).answer(200, openPacket(handshake));
  await opened.next();
  return { script, client, get: await script.request() };
}

/** Notes a request. */
function noteRequest(world: World, { method, address, body }: Exchange): void {
  world.note("request", method, address, body);
}

export const rawClient: Topic = {
  title: "The client's engine by itself",
  rows: [
    {
      id: "raw-client-exports",
      api: "`protocol`, `transports`, `parse()`, `Socket.protocol`",
      how: "x",
      run(world) {
        const {
          protocol,
          transports,
          parse,
          Socket: Class,
          SocketWithUpgrade,
          SocketWithoutUpgrade,
        } = world.engineClient as any;
        world.note(
          "module",
          protocol,
          Object.keys(transports),
          Class.protocol,
          typeof SocketWithUpgrade,
          typeof SocketWithoutUpgrade,
        );
        for (const [name, { prototype }] of Object.entries(transports) as any)
          world.note("transports", name, prototype.name);
        world.note("parse", parse("http://a.example:80/b?c=d#e"));
        return Promise.resolve();
      },
      mutation: inEngineClient("x", "y"),
    },
    {
      id: "raw-client-opening",
      api: "new Socket",
      how: "x",
      async run(world) {
        const script = await world.script();
        for (const transport of ["polling", "websocket"]) {
          const client = connect(world, script.url, { transports: [transport] });
          const opened = noteEvents(world, transport, client, "handshake", "packet", "heartbeat", "open");
          world.note(
            transport,
            client.readyState,
            client.id ?? undefined,
            client.transport.name,
            client.transports,
            client.hostname,
            client.secure,
          );
          if (transport === "polling") {
            const request = await script.request();
            noteRequest(world, request);
            request.answer(200, openPacket());
          } else {
            const webSocket = await script.session();
            world.note("websocket", webSocket.address);
          }
          await opened.next();
          world.note(transport, client.readyState, client.id, client.transport.name);
        }
      },
      mutation: inEngineClient("x", "y"),
    },
    {
      id: "raw-client-receiving",
      api: "packet data message",
      how: "x",
      async run(world) {
        const { client, webSocket } = await openOnWebSocket(world);
        const messages = noteEvents(world, "websocket", client, "packet", "heartbeat", "data", "message");
        webSocket.send("4text", Buffer.from([1]), "6", "4", "4last");
        await messages.take(4);
        client.binaryType = "arraybuffer";
        webSocket.send(Buffer.from([2]));
        await messages.next();
        const other = await openOnPolling(world);
        const more = noteEvents(world, "polling", other.client, "packet", "heartbeat", "data", "message");
        other.get.answer(200, "4text\x1ebAQ==\x1e6\x1e4\x1e4last");
        await more.take(4);
      },
      mutation: inEngineClient("x", "y"),
    },
    {
      id: "raw-client-sending",
      api: "send",
      how: "x",
      async run(world) {
        for (const transport of ["websocket", "polling"]) {
          const { client, ...server } = await (transport === "websocket"
            ? openOnWebSocket(world)
            : openOnPolling(world));
          noteEvents(world, transport, client, "packetCreate", "flush", "drain");
          const drains = inbox(client, "drain");
          const sent = new Inbox("a callback");
          const forms: any[] = [
            () => client.send("one", { compress: false }, sent.put),
            () => client.write("two", undefined, sent.put),
            () => client.send("three", sent.put as any),
            () => client.send(Buffer.from([4]) as any),
          ];
          for (const [index, form] of forms.entries()) {
            world.note(
              transport,
              "itself",
              form() === client,
              client.writeBuffer.map(({ data }) => data),
            );
            if ("webSocket" in server) world.note(`${transport} wire`, await server.webSocket.next());
            else {
              const post = await server.script.request();
              noteRequest(world, post);
              post.answer(200, "ok");
            }
            await drains.next();
            if (index < 3) world.note(`${transport} callbacks`, await sent.next());
          }
        }
      },
      mutation: inEngineClient("x", "y"),
    },
    {
      id: "raw-client-early",
      api: "send before open",
      how: "x",
      async run(world) {
        for (const transport of ["websocket", "polling"]) {
          const script = await world.script();
          const client = connect(world, script.url, { transports: [transport] });
          const drains = noteEvents(world, transport, client, "handshake", "open", "packetCreate", "flush", "drain");
          client.send("early");
          client.send("bird");
          world.note(
            transport,
            client.readyState,
            client.writeBuffer.map(({ data }) => data),
          );
          if (transport === "websocket") {
            const ws = await script.session();
            world.note(`${transport} wire`, await ws.next(), await ws.next());
          } else {
            (await script.request()).answer(200, openPacket());
            const both = [await script.request(), await script.request()].sort((a, b) =>
              a.method < b.method ? -1 : 1,
            );
            both.forEach((request) => noteRequest(world, request));
            both[1]!.answer(200, "ok");
          }
          await drains.next();
          world.note(transport, client.writeBuffer.length);
        }
      },
      mutation: inEngineClient("x", "y"),
    },
    {
      id: "raw-client-odd",
      api: "odd values",
      how: "x",
      async run(world) {
        const { client, webSocket } = await openOnWebSocket(world);
        for (const value of [0, 1, true, "", null, undefined, { a: 1 }, ["x"]]) {
          client.send(value as never);
          world.note("wire", value, await webSocket.next());
        }
      },
      mutation: inEngineClient("x", "y"),
    },
    {
      id: "raw-client-heart",
      api: "ping",
      how: "x",
      async run(world) {
        const script = await world.script();
        for (const transport of ["websocket", "polling"]) {
          const client = connect(world, script.url, { transports: [transport] });
          const closes = noteEvents(
            world,
            transport,
            client,
            "packet",
            "packetCreate",
            "ping",
            "pong",
            "heartbeat",
            "close",
          );
          const handshake = { pingInterval: 30, pingTimeout: 20 };
          if (transport === "websocket") {
            const ws = await script.session(handshake);
            ws.send("2");
            world.note(`${transport} wire`, await ws.next());
          } else {
            (await script.request()).answer(200, openPacket(handshake));
            (await script.request()).answer(200, "2");
            const both = [await script.request(), await script.request()].sort((a, b) =>
              a.method < b.method ? -1 : 1,
            );
            both.forEach((request) => noteRequest(world, request));
            both[1]!.answer(200, "ok");
          }
          await closes.next();
          world.note(transport, client.readyState, client.id ?? undefined);
        }
      },
      mutation: inEngineClient("x", "y"),
    },
    {
      id: "raw-client-upgrades",
      api: "upgrade",
      how: "x",
      async run(world) {
        const { client, script, get } = await openOnPolling(world, { upgrades: ["websocket"] });
        const upgrades = noteEvents(
          world,
          "client",
          client,
          "upgrading",
          "upgradeError",
          "message",
          "flush",
          "drain",
          "upgrade",
        );
        const state = () => world.note("client", client.readyState, client.transport.name, client.upgrading);
        const webSocket = await script.socket();
        world.note("websocket", webSocket.address, await webSocket.next());
        state();
        const upgrading = inbox(client, "upgrading");
        webSocket.send("3probe");
        await upgrading.next();
        state();
        client.send("meanwhile");
        world.note("client", client.writeBuffer.length);
        get.answer(200, "4last of polling\x1e6");
        await upgrades.next();
        world.note("websocket", await webSocket.next(), await webSocket.next());
        state();
        const messages = inbox(client, "message");
        webSocket.send("4first of websocket");
        await messages.next();
        world.note("requests", script.requestsWaiting);
      },
      mutation: inEngineClient("x", "y"),
    },
    {
      id: "raw-client-upgrade-fail",
      api: "upgrade",
      how: "x",
      async run(world) {
        const ends: Record<string, (ws: ScriptedWebSocket) => void> = {
          close: (ws) => ws.close(),
          terminate: (ws) => ws.terminate(),
          wrong: (ws) => ws.send("3wrong"),
          message: (ws) => ws.send("4x"),
        };
        for (const [name, end] of Object.entries(ends)) {
          const { client, script, get } = await openOnPolling(world, { upgrades: ["websocket"] });
          const errors = noteEvents(
            world,
            name,
            client,
            "upgrading",
            "upgrade",
            "error",
            "close",
            "message",
            "upgradeError",
          );
          const webSocket = await script.socket();
          await webSocket.next();
          end(webSocket);
          const [error] = await errors.next();
          world.note(name, "transport", error.transport);
          const messages = inbox(client, "message");
          get.answer(200, "4still here");
          await messages.next();
          world.note(name, client.readyState, client.transport.name);
        }
      },
      mutation: inEngineClient("x", "y"),
    },
    {
      id: "raw-client-closing",
      api: "close",
      how: "x",
      async run(world) {
        for (const words of [false, true]) {
          const lane = `websocket ${words}`;
          const one = await openOnWebSocket(world);
          const closes = noteEvents(world, lane, one.client, "flush", "drain", "error", "message", "close");
          if (words) one.client.send("last words");
          world.note(lane, one.client.close() === one.client, one.client.readyState, one.client.id ?? undefined);
          one.client.send("too late");
          if (words) world.note(`${lane} wire`, await one.webSocket.next());
          world.note(`${lane} wire`, await one.webSocket.closed());
          await closes.next();
          world.note(lane, one.client.readyState, one.client.id ?? undefined);
          one.client.close();
        }
        for (const words of [false, true]) {
          const lane = `polling ${words}`;
          const { client, script, get } = await openOnPolling(world);
          const closes = noteEvents(world, lane, client, "flush", "drain", "error", "message", "close");
          if (words) client.send("last words");
          client.close();
          world.note(lane, client.readyState);
          await get.aborted;
          world.note(lane, "the GET is given up");
          const post = await script.request();
          noteRequest(world, post);
          post.answer(200, "ok");
          if (words) {
            const second = await script.request();
            noteRequest(world, second);
            second.answer(200, "ok");
          }
          await closes.next();
        }
      },
      mutation: inEngineClient("x", "y"),
    },
  ],
};
