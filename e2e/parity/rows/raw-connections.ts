/** The engine by itself: one connection, what it sends and is told, how it moves and how it ends. */

import type { RawClient } from "@hawser/testing";
import { inbox, Inbox, until } from "../../harness/waiting.ts";
import {
  ANYTHING,
  connectBy,
  noteEvents,
  pollingSession,
  serveEngine,
  waitingGet,
  WAYS,
  webSocketSession,
  type EngineSocket,
  type RawSession,
} from "../raw-engine.ts";
import { inCore, inEngine, type Topic } from "../row.ts";
import type { World } from "../world.ts";

/** How sessions begin, by the names of their transports. */
const BEGINNINGS = { polling: pollingSession, websocket: webSocketSession };

const MESSAGES = [
  "ü🚢",
  "line\nbreak",
  "",
  Buffer.from([1, 2]),
  new Uint8Array([7, 8, 9]).subarray(1),
  Buffer.alloc(0),
];

/** Notes where a connection is. */
function noteState(world: World, lane: string, { readyState, transport, upgrading, upgraded }: EngineSocket): void {
  world.note(lane, readyState, transport.name, { upgrading, upgraded });
}

/** Ways to end a session on a WebSocket. */
const WEBSOCKET_ENDS: Record<string, (raw: RawClient) => unknown> = {
  "a close frame": (raw) => raw.webSocket!.close(),
  "a broken connection": (raw) => raw.webSocket!.terminate(),
  "a ping": (raw) => raw.send("2"),
  "a pong, and a close frame": (raw) => raw.send("3").then(() => raw.webSocket!.close()),
};

/** Ways to end a session over polling. Each gives the status of its request. */
const POLLING_ENDS: Record<string, (session: RawSession) => Promise<number>> = {
  "a close packet": async ({ raw }) => (await raw.post("4last\x1e1\x1e4lost")).status,
  "a ping": async ({ raw }) => (await raw.post("2")).status,
  "bytes as they are": async ({ raw }) =>
    (await raw.post("4", { headers: { "content-type": "application/octet-stream" } })).status,
  "a second GET": async (session) => {
    const { answer } = await waitingGet(session);
    const { status } = await session.raw.request();
    await answer;
    return status;
  },
  "a GET that is given up": async ({ raw, socket }) => {
    const patience = new AbortController();
    const answer = raw.request({ signal: patience.signal }).catch(() => ({ status: 0 }));
    await until(() => socket.transport.writable, "a waiting GET");
    patience.abort();
    return (await answer).status;
  },
};

export const rawConnections: Topic = {
  title: "The engine by itself: connections",
  rows: [
    {
      id: "raw-messages",
      api: "messages, by all transports and in both revisions",
      how: "Text arrives as text and binary data as bytes, in order, both ways; without content there is no data.",
      async run(world) {
        const served = await serveEngine(world, { allowEIO3: true });
        for (const way of WAYS) {
          const { client, socket } = await connectBy(world, served, way);
          const [atServer, atClient] = [inbox(socket, "message"), inbox(client, "message")];
          for (const data of MESSAGES) {
            client.send(data);
            socket.send(data as Buffer);
          }
          for (const [received] of await atServer.take(MESSAGES.length)) world.note(`${way.name}, server`, received);
          for (const [received] of await atClient.take(MESSAGES.length)) world.note(`${way.name}, client`, received);
        }
      },
      mutation: inEngine("encodePacket: encodePacket3,", "encodePacket: (packet) => encodePacket3(packet, false),"),
    },
    {
      id: "raw-members",
      api: "`id`, `server`, `protocol`, `readyState`, `transport`, `request`, `remoteAddress`; `engine.clients`, `clientsCount`",
      how: "Getters over the session and the request that began it; the engine lists a connection until it is closed.",
      async run(world) {
        const served = await serveEngine(world, { allowEIO3: true });
        for (const way of WAYS) {
          const { client, socket } = await connectBy(world, served, way);
          const { server, request, remoteAddress, protocol } = socket;
          world.note(way.name, socket instanceof world.engine.Socket, server === served.engine, protocol);
          world.note(way.name, socket.id === client.id, remoteAddress, request.method, request.url!.includes("sid="));
          noteState(world, way.name, socket);
          const { engine } = served;
          world.note(way.name, "listed", engine.clients[socket.id] === socket, engine.clientsCount);
          const closed = inbox(socket, "close");
          socket.close(true);
          await closed.next();
          world.note(way.name, "listed", socket.id in engine.clients, engine.clientsCount, socket.readyState);
        }
      },
      mutation: inEngine("return this.#session.protocol;", "return 4;"),
    },
    {
      id: "raw-send",
      api: "`send(data, options, callback)`, `write()`, events `packetCreate`, `flush`, `drain`",
      how: "The options may be left out; the callback is given the transport when the message does not wait any more.",
      async run(world) {
        const served = await serveEngine(world);
        for (const [name, begin] of Object.entries(BEGINNINGS)) {
          const session = await begin(world, served);
          const { raw, socket } = session;
          const callbacks = new Inbox("a callback");
          const drains = noteEvents(world, name, socket, "packetCreate", "flush", "drain");
          const sends: ((sent: () => void) => unknown)[] = [
            (sent) => socket.send("one", { compress: false }, sent),
            (sent) => socket.write("two", undefined, sent),
            (sent) => socket.send("three", sent as never),
            () => socket.write(Buffer.from([4])),
          ];
          for (const send of sends) {
            const answer = name === "polling" ? (await waitingGet(session)).answer : undefined;
            world.note(name, "itself", send(callbacks.put) === socket);
            await drains.next();
            world.note(`${name}, wire`, answer ? (await answer).body : await raw.next());
            await until(() => name === "polling" || socket.transport.writable, "a writable transport");
          }
          for (const [transport] of await callbacks.take(3)) world.note(`${name}, callbacks`, transport.name);
        }
      },
      mutation: inEngine("callback(this.transport)", "callback()"),
    },
    {
      id: "raw-send-anything",
      api: "`send()` with what is neither text nor binary data",
      how: "Its text is sent, and nothing of what counts as false.",
      async run(world) {
        const served = await serveEngine(world, { allowEIO3: true });
        for (const way of WAYS) {
          const { client, socket } = await connectBy(world, served, way);
          const received = inbox(client, "message");
          for (const data of ANYTHING) socket.send(data as string);
          for (const [data] of await received.take(ANYTHING.length)) world.note(way.name, data);
        }
      },
      mutation: inCore('return value ? "".concat(value) : undefined;', "return undefined;"),
    },
    {
      id: "raw-waiting-messages",
      api: "messages that wait for a GET; `writeBuffer`",
      how: "They leave in one payload, and their callbacks follow.",
      async run(world) {
        const served = await serveEngine(world);
        const { raw, socket } = await pollingSession(world, served);
        const callbacks = new Inbox("a callback");
        noteEvents(world, "events", socket, "packetCreate", "flush", "drain");
        for (const data of ["one", "two"]) {
          socket.send(data, undefined, () => {
            world.note("callbacks", data);
            callbacks.put();
          });
        }
        world.note("waiting", ...socket.writeBuffer.map(({ data }) => data));
        world.note("get", (await raw.request()).body);
        await callbacks.take(2);
        world.note("waiting", socket.writeBuffer.length);
      },
      mutation: inEngine("return this.#session.queued;", "return [];"),
    },
    {
      id: "raw-pump",
      api: "`send()` whenever a `drain` or a callback tells that the last message has left",
      how: "Each leaves after the other, however many there are.",
      async run(world) {
        const served = await serveEngine(world);
        const count = 2_000;
        for (const by of ["drain", "callback"]) {
          const { raw, socket } = await webSocketSession(world, served);
          let sent = 0;
          const sendNext = (): void => {
            if (sent < count) socket.send(String(sent++), {}, by === "callback" ? sendNext : undefined);
          };
          socket.on("drain", by === "drain" ? sendNext : () => {});
          sendNext();
          await raw.next(`4${count - 1}`);
          const arrived = raw.received.all.slice(1);
          world.note(
            by,
            arrived.length,
            arrived.every((frame, index) => frame === `4${index}`),
          );
        }
      },
      mutation: inCore("this.observer?.synchronous && !this.$tellingOfDrain", "this.observer?.synchronous"),
    },
    {
      id: "raw-receive",
      api: "events `packet`, `data`, `message`",
      how: "Told in this order within the read that brought the packet; other packets mean nothing.",
      async run(world) {
        const served = await serveEngine(world);
        for (const [name, begin] of Object.entries(BEGINNINGS)) {
          const { raw, socket } = await begin(world, served);
          const messages = noteEvents(world, name, socket, "packet", "data", "message");
          await raw.send("4one", Buffer.from([1]), "6", "5", "0{}", "4", "4last");
          await messages.take(4);
        }
      },
      mutation: inEngine(
        'this.tell("data", packet.data);\n\t\t\tthis.tell("message", packet.data);',
        'this.tell("message", packet.data);\n\t\t\tthis.tell("data", packet.data);',
      ),
    },
    {
      id: "raw-heartbeat",
      api: "options `pingInterval`, `pingTimeout`, event `heartbeat`",
      how: "The server pings in revision 4 and the client in revision 3; who does not answer, or ask, in time is let go of.",
      async run(world) {
        const patient = await serveEngine(world, { pingInterval: 600 });
        const served = await serveEngine(world, { pingInterval: 600, pingTimeout: 600, allowEIO3: true });
        const events = ["packet", "packetCreate", "heartbeat", "close"];
        const answering = await webSocketSession(world, patient);
        const beats = inbox(answering.socket, "heartbeat");
        const left = noteEvents(world, "revision 4, answers once", answering.socket, ...events);
        await beats.next();
        answering.raw.webSocket!.terminate();
        await left.next();
        const silent = await webSocketSession(world, served, { answerPings: false });
        const forgotten = noteEvents(world, "revision 4, is silent", silent.socket, ...events);
        const older = await webSocketSession(world, served, { answerPings: false, query: { EIO: "3" } });
        const ended = noteEvents(world, "revision 3, asks twice", older.socket, ...events);
        await older.raw.send("2", "2probe");
        world.note("revision 3, wire", await older.raw.next(), await older.raw.next());
        await ended.next();
        await forgotten.next();
      },
      mutation: inEngine('pinger: "client",', 'pinger: "server",'),
    },
    {
      id: "raw-upgrade",
      api: "events `upgrading`, `upgrade`; `upgrading`, `upgraded`",
      how: "A WebSocket is tried when it comes, told of when its probe is answered, and adopted when the client says so.",
      async run(world) {
        const served = await serveEngine(world, { allowEIO3: true });
        for (const EIO of ["4", "3"]) {
          const lane = `revision ${EIO}`;
          const { raw, socket } = await pollingSession(world, served, { query: { EIO } });
          noteEvents(world, lane, socket, "upgrading", "upgrade", "message");
          noteState(world, lane, socket);
          const webSocket = await raw.openWebSocket();
          await until(() => socket.upgrading, "the attempt");
          noteState(world, lane, socket);
          webSocket.send("2probe");
          world.note(lane, await raw.next());
          noteState(world, lane, socket);
          socket.send("meanwhile");
          world.note(lane, (await raw.request()).body);
          const upgraded = inbox(socket, "upgrade");
          webSocket.send("5");
          await upgraded.next();
          noteState(world, lane, socket);
          const messages = inbox(socket, "message");
          webSocket.send("4over");
          await messages.next();
          socket.send("there");
          world.note(lane, await raw.next());
        }
      },
      mutation: inCore("this.$port.onUpgradeProbed?.(candidate);", ""),
    },
    {
      id: "raw-upgrade-fails",
      api: "option `upgradeTimeout`, and other upgrades that fail",
      how: "The WebSocket alone is given up; the session goes on over polling.",
      async run(world) {
        const served = await serveEngine(world, { upgradeTimeout: 20 });
        const failures: Record<string, (raw: RawClient) => Promise<unknown>> = {
          "is silent": async (raw) => (await raw.openWebSocket()).closed,
          "probes, and is silent": async (raw) => {
            const webSocket = await raw.openWebSocket();
            webSocket.send("2probe");
            return webSocket.closed;
          },
          "says something else": async (raw) => {
            const webSocket = await raw.openWebSocket();
            webSocket.send("4hello");
            return webSocket.closed;
          },
        };
        for (const [name, fail] of Object.entries(failures)) {
          const { raw, socket } = await pollingSession(world, served);
          noteEvents(world, name, socket, "upgrade", "message", "close");
          world.note(name, await fail(raw));
          noteState(world, name, socket);
          const messages = inbox(socket, "message");
          await raw.post("4still here");
          await messages.next();
        }
      },
      mutation: inCore("this.transport.resume?.();", 'this.abort("transport close");'),
    },
    {
      id: "raw-close-polling",
      api: "`close()` over polling, event `close`",
      how: "What was sent leaves first, with the GETs that come; then the client is told.",
      async run(world) {
        const served = await serveEngine(world, { allowEIO3: true });
        for (const EIO of ["4", "3"]) {
          for (const words of [undefined, "last words"]) {
            for (const waits of [true, false]) {
              const lane = `revision ${EIO}, ${words ?? "nothing"} to say, ${waits ? "a GET" : "no GET"}`;
              const session = await pollingSession(world, served, { query: { EIO } });
              const { raw, socket } = session;
              const ended = noteEvents(world, lane, socket, "flush", "drain", "close");
              const answer = waits ? (await waitingGet(session)).answer : undefined;
              if (words) socket.send(words);
              socket.close();
              world.note(lane, socket.readyState);
              socket.send("too late");
              const bodies = [...(answer ? [(await answer).body] : [])];
              while (socket.readyState === "closing") bodies.push((await raw.request()).body);
              world.note(`${lane}, wire`, ...bodies);
              await ended.next();
              world.note(lane, socket.readyState, (await raw.request()).status);
            }
          }
        }
      },
      mutation: inEngine("this.send([NOOP, CLOSE]);", "this.send([CLOSE]);"),
    },
    {
      id: "raw-close-discard",
      api: "`close(true)`",
      how: "The session is over within the call; what was sent and could leave at once does, what waits is lost.",
      async run(world) {
        const served = await serveEngine(world);
        for (const [name, begin] of Object.entries({ ...BEGINNINGS, "polling, a GET": pollingSession })) {
          const session = await begin(world, served);
          const { raw, socket } = session;
          const answer = name === "polling, a GET" ? (await waitingGet(session)).answer : undefined;
          noteEvents(world, name, socket, "close");
          socket.send("last words");
          socket.close(true);
          world.note(name, socket.readyState, served.engine.clientsCount);
          if (name === "websocket") world.note(name, await raw.next(), await raw.webSocket!.closed);
          else world.note(name, (await answer)?.body, (await raw.request()).status);
        }
      },
      mutation: inCore("if (this.$flushAwaited) {", "if (false) {"),
    },
    {
      id: "raw-close-websocket",
      api: "`close()` over a WebSocket, event `close`",
      how: "It is closed when the client has answered, and what the client had sent before is delivered.",
      async run(world) {
        const served = await serveEngine(world);
        const { raw, socket } = await webSocketSession(world, served);
        const ended = noteEvents(world, "socket", socket, "message", "close");
        socket.send("last words");
        socket.close();
        world.note("socket", socket.readyState);
        await raw.send("4on its way");
        world.note("wire", await raw.next(), await raw.webSocket!.closed);
        await ended.next();
        world.note("socket", socket.readyState, served.engine.clientsCount);
      },
      mutation: inCore(
        'if (this.$state === "closing") {\n\t\t\tthis.$end("forced close"',
        'if (false) {\n\t\t\tthis.$end("forced close"',
      ),
      differs: {
        id: "engine-socket-close",
        official: [
          'socket: close "forced close" undefined',
          "socket: closed",
          "socket: closed 0",
          'wire: 4last words {code: 1005, reason: ""}',
        ],
        hawser: [
          "socket: closing",
          'socket: message "on its way"',
          'socket: close "forced close" undefined',
          "socket: closed 0",
          'wire: 4last words {code: 1005, reason: ""}',
        ],
      },
    },
    {
      id: "raw-ends",
      api: "event `close` when the client ends",
      how: "The reason, and the error if there was one; the engine forgets the connection.",
      async run(world) {
        const served = await serveEngine(world);
        for (const [name, end] of Object.entries(WEBSOCKET_ENDS)) {
          const { raw, socket } = await webSocketSession(world, served);
          const ended = noteEvents(world, `websocket, ${name}`, socket, "packet", "close");
          await end(raw);
          await ended.next();
          world.note(`websocket, ${name}`, socket.readyState, served.engine.clientsCount);
        }
        for (const [name, end] of Object.entries(POLLING_ENDS)) {
          const session = await pollingSession(world, served);
          const ended = noteEvents(world, `polling, ${name}`, session.socket, "packet", "close");
          world.note(`polling, ${name}, status`, await end(session));
          await ended.next();
          world.note(`polling, ${name}`, session.socket.readyState, served.engine.clientsCount);
        }
      },
      mutation: inEngine('this.#fail("overlap from client");', 'this.#fail("overlap");'),
    },
    {
      id: "raw-garbage",
      api: "what can't be read",
      how: "It ends the session with `parse error`, and the listeners are told the violation.",
      async run(world) {
        const served = await serveEngine(world);
        for (const [name, begin] of Object.entries(BEGINNINGS)) {
          const { raw, socket } = await begin(world, served);
          const ended = noteEvents(world, name, socket, "message", "close");
          if (name === "polling") await raw.post("4before\x1egarbage");
          else await raw.send("4before", "garbage");
          await ended.next();
        }
      },
      mutation: inEngine('this.closed("parse error", packet);', 'this.closed("parse error");'),
      differs: {
        id: "disconnect-description",
        official: [
          'polling: message "before"',
          'polling: close "parse error" undefined',
          'websocket: message "before"',
          'websocket: close "parse error" undefined',
        ],
        hawser: [
          'polling: message "before"',
          'polling: close "parse error" Error("undecodable engine packet")',
          'websocket: message "before"',
          'websocket: close "parse error" Error("undecodable engine packet")',
        ],
      },
    },
  ],
};
