/** Why sockets of the server end. */

import { inCore, inServer, type Topic } from "../row.ts";
import { inbox, until } from "../../harness/waiting.ts";

const EVENTS = ["disconnecting", "disconnect"];

export const endings: Topic = {
  title: "Disconnect reasons (server)",
  rows: [
    {
      id: "ending-client-namespace",
      api: "reason `client namespace disconnect`",
      how: "DISCONNECT from the client ends the link; the connection stays.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const watched = world.watch("socket", socket, ...EVENTS);
        await raw.send("41");
        await watched.next("disconnect");
        world.note("conn", socket.conn.readyState, raw.webSocket!.open);
      },
      mutation: inCore('this.leave("client namespace disconnect");', 'this.leave("transport close");'),
    },
    {
      id: "ending-websocket-closed",
      api: "reason `transport close` (WebSocket)",
      how: "A WebSocket that the client closes ends the session, in all namespaces.",
      async run(world) {
        const served = await world.serve();
        const others = inbox(served.io.of("/other"), "connection");
        const { raw, socket } = await world.rawPair(served);
        await raw.join("/other");
        const [other] = await others.next();
        const watched = world.watch("root", socket, ...EVENTS);
        const watchedOther = world.watch("other", other, ...EVENTS);
        raw.webSocket!.close();
        await watched.next("disconnect");
        await watchedOther.next("disconnect");
        world.note("root", socket.conn.readyState, served.io.engine.clientsCount);
      },
      mutation: inServer('this[kTransport].closed("transport close");', 'this[kTransport].closed("transport error");'),
    },
    {
      id: "ending-websocket-cut",
      api: "a WebSocket that is cut without a close frame",
      how: "It is a close like any other.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const watched = world.watch("socket", socket, ...EVENTS);
        raw.webSocket!.terminate();
        await watched.next("disconnect");
      },
      mutation: inServer('this[kTransport].closed("transport close");', 'this[kTransport].closed("ping timeout");'),
    },
    {
      id: "ending-polling-close",
      api: "reason `transport close` (polling)",
      how: "A `1` in a POST ends the session; the waiting GET is answered with `6`.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const watched = world.watch("socket", socket, ...EVENTS);
        const get = raw.get();
        await until(() => socket.conn.transport.writable, "a waiting poll");
        world.noteResponse("post", await raw.post("1"));
        world.note("get", (await get).body);
        await watched.next("disconnect");
        world.noteResponse("then", await raw.get());
      },
      mutation: inServer(
        "if (this.#poll) {\n\t\t\t\tthis.send([NOOP]);",
        "if (this.#poll) {\n\t\t\t\tthis.send([CLOSE]);",
      ),
    },
    {
      id: "ending-poll-aborted",
      api: "reason `transport error`: a poll that the client gives up",
      how: "A GET whose connection breaks before it is answered is an error of the transport.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const watched = inbox(socket, "disconnect");
        const abort = new AbortController();
        const get = raw.get({ signal: abort.signal }).catch(() => world.note("get", "aborted"));
        await until(() => socket.conn.transport.writable, "a waiting poll");
        abort.abort();
        await get;
        world.note("socket", ...(await watched.next()));
      },
      mutation: inServer('this.#fail("poll connection closed prematurely");', 'this.#close("transport close");'),
    },
    {
      id: "ending-ping-timeout",
      api: "reason `ping timeout`",
      how: "A ping that is not answered in time ends the session.",
      async run(world) {
        const served = await world.serve({ pingInterval: 100, pingTimeout: 1_500 });
        const { raw, socket } = await world.rawPair(served, "websocket", { answerPings: false });
        const watched = world.watch("socket", socket, ...EVENTS);
        world.note("raw", await raw.next());
        await watched.next("disconnect");
        world.note("raw", await raw.webSocket!.closed);
      },
      mutation: inCore(
        'this.stop();\n\t\t\tthis.$port.abort("ping timeout");',
        'this.stop();\n\t\t\tthis.$port.abort("transport close");',
      ),
    },
    {
      id: "ending-heartbeat",
      api: "`pingInterval`, `pingTimeout`",
      how: "After each pong, asked for or not, the next ping is due after the interval.",
      async run(world) {
        const served = await world.serve({ pingInterval: 1_200, pingTimeout: 1_500 });
        const { raw, socket } = await world.rawPair(served, "websocket", { answerPings: false });
        const watched = world.watch("socket", socket, "disconnect");
        world.note("raw", await raw.next());
        await raw.send("3");
        void world.after(600, () => void raw.send("3"));
        void world.after(1_500, () => world.note("raw", "1,500 ms later"));
        world.note("raw", await raw.next());
        await watched.next("disconnect");
      },
      mutation: inCore('if (this.$state !== "stopped") {', 'if (this.$state === "awaiting") {'),
    },
    {
      id: "ending-late-pong",
      api: "packets while a pong is due",
      how: "The first of them gives the client `pingTimeout` anew, whatever its size: the pong may stand behind it. Further ones don't.",
      async run(world) {
        const served = await world.serve({ pingInterval: 50, pingTimeout: 1_000 });
        for (const frame of ['42["chatter"]', "6"]) {
          const { raw, socket } = await world.rawPair(served, "websocket", { answerPings: false });
          const watched = world.watch(frame, socket, "disconnect");
          await raw.next();
          void world.after(500, () => void raw.send(frame));
          void world.after(1_250, () => {
            world.note(frame, "1,250 ms after the ping");
            void raw.send(frame);
          });
          const late = world.after(2_000, () => world.note(frame, "2,000 ms after the ping"));
          await watched.next("disconnect");
          await late;
        }
      },
      mutation: inCore("this.$heartbeat.extend?.();", ""),
    },
    {
      id: "ending-parse-error",
      api: "reason `parse error`",
      how: "What is no engine packet ends the session, without a word to the client.",
      async run(world) {
        const served = await world.serve();
        for (const [name, frame] of Object.entries({ empty: "", letter: "x", nine: "9", wrong: "b" })) {
          if (name === "wrong") continue;
          const { raw, socket } = await world.rawPair(served);
          const watched = inbox(socket, "disconnect");
          await raw.send(frame);
          world.note(name, (await watched.next())[0]);
          world.note(name, await raw.webSocket!.closed, raw.received.waiting);
        }
      },
      mutation: inServer('this.closed("parse error", packet);', 'this.closed("transport error", packet);'),
    },
    {
      id: "ending-forced-close-undecodable",
      api: "undecodable Socket.IO packets",
      how: "Every socket of the connection emits `error`, then the session closes with `forced close`.",
      async run(world) {
        const served = await world.serve();
        const garbage = [
          "4",
          "47",
          "4a",
          '42{"a":1}',
          "42[]",
          "42[null]",
          '42["disconnect"]',
          "42[",
          "41[]",
          '40["x"]',
          '40"x"',
          '43{"a":1}',
          "451",
          '451-["x"]x',
          "45-",
          '450-["x"]',
          '4511-["x"]',
          '45-1-["x"]',
        ];
        for (const frame of garbage) {
          const { raw, socket } = await world.rawPair(served);
          const errors = inbox(socket, "error");
          const watched = inbox(socket, "disconnect");
          await raw.send(frame);
          const [reason] = await watched.next();
          world.note(`sent ${frame}`, errors.size, reason, await raw.webSocket!.closed);
        }
      },
      mutation: inServer("if (undecodable) {", "if (false) {"),
    },
    {
      id: "ending-forced-close-order",
      api: "packets that are not allowed in the present state",
      how: "The connection is closed without an `error`.",
      async run(world) {
        const served = await world.serve();
        served.io.of("/other");
        for (const frame of [
          '42/other,["x"]',
          "43/other,0[]",
          "41/other,",
          "40",
          '44{"message":"x"}',
          '42/nowhere,["x"]',
        ]) {
          const { raw, socket } = await world.rawPair(served);
          const errors = inbox(socket, "error");
          const watched = inbox(socket, "disconnect");
          await raw.send(frame);
          const [reason] = await watched.next();
          world.note(`sent ${frame}`, errors.size, reason, await raw.webSocket!.closed);
        }
      },
      mutation: inServer(
        'return violation("ERR_PACKET_ORDER");\n\t\t}\n\t\tconst { nsp, auth }',
        "return undefined;\n\t\t}\n\t\tconst { nsp, auth }",
      ),
    },
    {
      id: "ending-before-joining",
      api: "packets before any namespace is joined",
      how: "Nothing but CONNECT is allowed then; the connection is closed.",
      async run(world) {
        const { url } = await world.serve();
        for (const frame of ['42["x"]', "41", "430[]", '44{"message":"x"}', "4x"]) {
          const raw = world.raw(url);
          await raw.connect();
          await raw.send(frame);
          world.note(`sent ${frame}`, await raw.webSocket!.closed, raw.received.waiting);
        }
      },
      mutation: inServer(
        'return violation("ERR_PACKET_ORDER");\n\t\t}\n\t\tconst { nsp, auth }',
        "return undefined;\n\t\t}\n\t\tconst { nsp, auth }",
      ),
    },
    {
      id: "ending-heartbeat-direction",
      api: "a ping from the client",
      how: "In protocol 4 the server pings: `2` from a client ends the session as an error of the transport; `3` does no harm.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const watched = inbox(socket, "disconnect");
        const fence = inbox(socket, "fence");
        await raw.send("3", "0", "5", "6", "1", '42["fence"]');
        await fence.next();
        world.note("socket", socket.connected);
        await raw.send("2");
        const [reason, error] = await watched.next();
        world.note("socket", reason, error.message, await raw.webSocket!.closed);
      },
      mutation: inCore(
        'if (type === "ping") {\n\t\t\tthis.$port.abort("transport error", violation("ERR_HEARTBEAT_DIRECTION"));',
        'if (type === "ping") {',
      ),
    },
    {
      id: "ending-oversized-frame",
      api: "option `maxHttpBufferSize` over a WebSocket",
      how: "`ws` closes with 1009; sockets are told `transport error`.",
      async run(world) {
        const served = await world.serve({ maxHttpBufferSize: 100 });
        const { raw, socket } = await world.rawPair(served);
        const watched = inbox(socket, "disconnect");
        const received = inbox(socket, "x");
        await raw.send(`42["x","${"a".repeat(90)}"]`);
        world.note("socket", (await received.next())[0].length);
        await raw.send(`42["x","${"a".repeat(100)}"]`);
        world.note("socket", ...(await watched.next()));
        world.note("raw", (await raw.webSocket!.closed).code);
      },
      mutation: inServer("maxPayload: maxHttpBufferSize,", "maxPayload: 1e6,"),
    },
    {
      id: "ending-conn-close",
      api: "reason `forced close`: `socket.conn.close()`",
      how: "The session closes in order; its sockets are told `forced close`.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const watched = world.watch("socket", socket, ...EVENTS);
        socket.conn.close();
        await watched.next("disconnect");
        world.note("raw", await raw.webSocket!.closed);
        const polled = await world.handPolled(served);
        const closed = world.watch("polled", polled.socket, ...EVENTS);
        polled.socket.conn.close();
        world.note("polled", polled.socket.conn.readyState);
        world.note("get", (await polled.raw.get()).body);
        await closed.next("disconnect");
      },
      mutation: inServer("this.send([NOOP, CLOSE]);", "this.send([CLOSE]);"),
    },
  ],
};
