/** The client's engine by itself: one connection, what it sends and is told, how it moves and how it ends. */

import { inbox, Inbox, until } from "../../harness/waiting.ts";
import { ANYTHING, noteEvents } from "../raw-engine.ts";
import { connectEngine, nextPost, nextTwo, noteRequest, openOnPolling, openOnWebSocket } from "../raw-engine-client.ts";
import { inCore, inEngineClient, type Topic } from "../row.ts";
import { openPacket, type ScriptedWebSocket } from "../script.ts";

/** Ways for a server to end a WebSocket. */
const WEBSOCKET_ENDS: Record<string, (webSocket: ScriptedWebSocket) => void> = {
  "closes it": (webSocket) => webSocket.close(),
  "cuts it": (webSocket) => webSocket.terminate(),
};

export const rawClient: Topic = {
  title: "The client's engine by itself",
  rows: [
    {
      id: "raw-client-exports",
      api: "`protocol`, `Socket.protocol`, `transports`, `parse()`",
      how: "The transports go by their names; `parse()` takes a URI apart.",
      run(world) {
        const { protocol, transports, parse, Socket } = world.engineClient;
        world.note("module", protocol, Socket.protocol);
        for (const [name, { prototype }] of Object.entries(transports)) world.note("transports", name, prototype.name);
        for (const uri of ["http://user:word@a.example:80/b/c.html?d=e#f", "wss://[::1]:1/", "a.example/x", ""]) {
          world.note("parse", uri, Object.entries(parse(uri)).sort());
        }
        return Promise.resolve();
      },
      mutation: inEngineClient("const protocol = ENGINE_PROTOCOL;", "const protocol = 3;"),
    },
    {
      id: "raw-client-open",
      api: "`new Socket(uri, options)`, events `packet`, `handshake`, `open`",
      how: "It connects when it is made, to `/engine.io/`, and is open when the handshake has been told of.",
      async run(world) {
        const script = await world.script();
        for (const transport of ["polling", "websocket"]) {
          const client = connectEngine(world, script.url, { transports: [transport] });
          const opens = noteEvents(world, transport, client, "packet", "heartbeat", "handshake", "open");
          world.note(transport, client.readyState, client.id, client.transport.name);
          if (transport === "polling") {
            const request = await script.request();
            noteRequest(world, request);
            request.answer(200, openPacket());
          } else {
            world.note("websocket", (await script.session()).address);
          }
          await opens.next();
          world.note(transport, client.readyState, client.id, client.transport.name);
        }
      },
      mutation: inEngineClient('const DEFAULT_PATH = "/engine.io";', 'const DEFAULT_PATH = "/eio";'),
    },
    {
      id: "raw-client-early",
      api: "`send()` before it is open, `writeBuffer`",
      how: "What is sent waits, and leaves when it has been told that the connection is open.",
      async run(world) {
        for (const transport of ["websocket", "polling"]) {
          const script = await world.script();
          const client = connectEngine(world, script.url, { transports: [transport] });
          const drains = noteEvents(world, transport, client, "packetCreate", "open", "flush", "drain");
          client.send("early");
          client.send("bird");
          world.note(transport, client.readyState, ...client.writeBuffer.map(({ data }) => data));
          if (transport === "websocket") {
            const webSocket = await script.session();
            world.note("websocket, wire", await webSocket.next(), await webSocket.next());
          } else {
            (await script.request()).answer(200, openPacket());
            const [, post] = await nextTwo(script);
            noteRequest(world, post);
            post.answer(200, "ok");
          }
          await drains.next();
          world.note(transport, client.writeBuffer.length);
        }
      },
      mutation: inEngineClient("this.session.release();", ""),
    },
    {
      id: "raw-client-receive",
      api: "events `packet`, `data`, `message`, `heartbeat`; `binaryType`",
      how: "Told in the order of the wire; an empty message has no data.",
      async run(world) {
        const events = ["packet", "heartbeat", "data", "message"];
        const { client, webSocket } = await openOnWebSocket(world);
        const messages = noteEvents(world, "websocket", client, ...events);
        webSocket.send("4text", Buffer.from([1]), "6", "4", "4last");
        await messages.take(4);
        client.binaryType = "arraybuffer";
        webSocket.send(Buffer.from([2]));
        await messages.next();
        const other = await openOnPolling(world);
        const more = noteEvents(world, "polling", other.client, ...events);
        other.get.answer(200, "4text\x1ebAQ==\x1e6\x1e4\x1e4last");
        await more.take(4);
      },
      mutation: inEngineClient("const data = packet.data;", 'const data = packet.data ?? "";'),
    },
    {
      id: "raw-client-send",
      api: "`send(data, options, callback)`, `write()`, events `packetCreate`, `flush`, `drain`",
      how: "The options may be left out; the callback is called when the message has been handed to the transport.",
      async run(world) {
        for (const open of [openOnWebSocket, openOnPolling]) {
          const { client, ...server } = await open(world);
          const lane = client.transport.name;
          noteEvents(world, lane, client, "packetCreate", "flush");
          const drains = noteEvents(world, `${lane}, drain`, client, "drain");
          const callbacks = new Inbox("a callback");
          const sends = [
            () => client.send("one", { compress: false }, callbacks.put),
            () => client.write("two", undefined, callbacks.put),
            () => client.send("three", callbacks.put as never),
            () => client.send(Buffer.from([4])),
          ];
          for (const send of sends) {
            world.note(`${lane}, returned`, (send() as unknown) === client);
            if ("webSocket" in server) {
              world.note("websocket, wire", await server.webSocket.next());
            } else {
              const post = await server.script.request();
              noteRequest(world, post);
              post.answer(200, "ok");
            }
            await drains.next();
          }
          for (const told of await callbacks.take(3)) world.note(`${lane}, callbacks`, told);
        }
      },
      mutation: inEngineClient('typeof options === "function" ? [undefined, options]', "false ? [undefined, options]"),
    },
    {
      id: "raw-client-send-anything",
      api: "`send()` with what is neither text nor binary data",
      how: "Its text is sent, and nothing of what counts as false; a function alone is the callback of an empty message.",
      async run(world) {
        const left = () => world.note("callback");
        const { client, webSocket } = await openOnWebSocket(world);
        for (const data of [...ANYTHING, left]) {
          client.send(data as string);
          world.note("websocket", await webSocket.next());
        }
        const { client: other, script } = await openOnPolling(world);
        for (const data of [...ANYTHING, left]) {
          other.send(data as string);
          const post = await script.request();
          noteRequest(world, post);
          post.answer(200, "ok");
          await until(() => other.transport.writable === true, "the end of the POST");
        }
      },
      mutation: inCore('return value ? "".concat(value) : undefined;', "return value;"),
    },
    {
      id: "raw-client-callbacks",
      api: "callbacks of several messages, over polling, with `maxPayload`",
      how: "Each is called when its message has left, in order.",
      async run(world) {
        const { client, script } = await openOnPolling(world, { maxPayload: 20 });
        const callbacks = new Inbox("a callback");
        const send = (data: string): void =>
          void client.send(data, {}, () => {
            world.note("callbacks", data);
            callbacks.put();
          });
        send("first");
        const post = await script.request();
        noteRequest(world, post);
        for (const data of ["second", "third", "fourth"]) send(data);
        post.answer(200, "ok");
        for (let posts = 2; posts > 0; posts--) {
          const next = await script.request();
          noteRequest(world, next);
          next.answer(200, "ok");
        }
        await callbacks.take(4);
      },
      mutation: inCore("({ callback }) => callback)", "({ callback }) => callback).reverse()"),
    },
    {
      id: "raw-client-pump",
      api: "`send()` whenever a `drain` or a callback tells that the last message has left",
      how: "Each leaves after the other, however many there are.",
      async run(world) {
        const count = 2_000;
        for (const by of ["drain", "callback"]) {
          const { client, webSocket } = await openOnWebSocket(world);
          let sent = 0;
          const sendNext = (): void => {
            if (sent < count) client.send(String(sent++), {}, by === "callback" ? sendNext : undefined);
          };
          client.on("drain", by === "drain" ? sendNext : () => {});
          sendNext();
          await until(() => webSocket.waiting === count, "all messages");
          let inOrder = 0;
          while (inOrder < count && (await webSocket.next()) === `4${inOrder}`) inOrder++;
          world.note(by, inOrder);
        }
      },
      mutation: inCore("this.observer?.synchronous && !this.$tellingOfDrain", "this.observer?.synchronous"),
    },
    {
      id: "raw-client-write-buffer",
      api: "`drain` and `writeBuffer` while a POST is on its way",
      how: "What was handed to the transport waits no longer.",
      async run(world) {
        const { client, script } = await openOnPolling(world);
        noteEvents(world, "client", client, "flush", "drain");
        client.send("hello");
        const post = await script.request();
        world.note("client", "waiting", client.writeBuffer.length);
        const answered = inbox(client, "flush");
        client.send("next");
        post.answer(200, "ok");
        await answered.next();
        noteRequest(world, await script.request());
      },
      mutation: inCore("this.transport.writable || !this.transport.bufferedAmount;", "this.transport.writable;"),
      differs: {
        id: "client-drain",
        official: [
          "client: flush",
          "client: waiting 1",
          "client: flush",
          'request: POST "/engine.io/?EIO=4&sid=a-scripted-session&t=<time>&transport=polling" "4next"',
        ],
        hawser: [
          "client: flush",
          "client: drain",
          "client: waiting 0",
          "client: flush",
          "client: drain",
          'request: POST "/engine.io/?EIO=4&sid=a-scripted-session&t=<time>&transport=polling" "4next"',
        ],
      },
    },
    {
      id: "raw-client-heartbeat",
      api: "events `ping`, `pong`; a server that falls silent",
      how: "A ping is answered; without one for `pingInterval + pingTimeout` the connection is over.",
      async run(world) {
        const events = ["packet", "packetCreate", "ping", "pong", "close"];
        const handshake = { pingInterval: 600, pingTimeout: 400 };
        const { client, webSocket } = await openOnWebSocket(world, {}, handshake);
        const ends = noteEvents(world, "websocket", client, ...events);
        webSocket.send("2");
        world.note("websocket, wire", await webSocket.next());
        const other = await openOnPolling(world, handshake);
        const otherEnds = noteEvents(world, "polling", other.client, ...events);
        other.get.answer(200, "2");
        const [, post] = await nextTwo(other.script);
        noteRequest(world, post);
        post.answer(200, "ok");
        await ends.next();
        await otherEnds.next();
        world.note("client", client.readyState, client.id);
      },
      mutation: inEngineClient('this.emitReserved("pong");', ""),
    },
    {
      id: "raw-client-upgrade",
      api: "events `upgrading`, `upgrade`; `upgrading`",
      how: "When the probe is answered, what is sent waits until polling has come to rest, and leaves on the WebSocket.",
      async run(world) {
        const { client, script, get } = await openOnPolling(world, { upgrades: ["websocket"] });
        const upgrades = noteEvents(world, "client", client, "upgrading", "message", "flush", "upgrade");
        const noteState = (): void =>
          world.note("client", client.readyState, client.transport.name, Boolean(client.upgrading));
        const webSocket = await script.socket();
        world.note("websocket", webSocket.address, await webSocket.next());
        noteState();
        const upgrading = inbox(client, "upgrading");
        webSocket.send("3probe");
        await upgrading.next();
        noteState();
        client.send("meanwhile");
        get.answer(200, "4last of polling\x1e6");
        await upgrades.next();
        world.note("websocket", await webSocket.next(), await webSocket.next());
        noteState();
        const messages = inbox(client, "message");
        webSocket.send("4first of the WebSocket");
        await messages.next();
        world.note("requests", script.requestsWaiting);
      },
      mutation: inEngineClient("this.upgrading = true;", ""),
    },
    {
      id: "raw-client-upgrade-error",
      api: "event `upgradeError`",
      how: "A WebSocket that fails, or does not answer the probe, is given up; the connection goes on over polling.",
      async run(world) {
        const failures: Record<string, (webSocket: ScriptedWebSocket) => void> = {
          ...WEBSOCKET_ENDS,
          "answers wrongly": (webSocket) => webSocket.send("3wrong"),
        };
        for (const [name, fail] of Object.entries(failures)) {
          const { client, script, get } = await openOnPolling(world, { upgrades: ["websocket"] });
          noteEvents(world, name, client, "upgrading", "upgrade", "error", "close");
          const errors = inbox(client, "upgradeError");
          const webSocket = await script.socket();
          await webSocket.next();
          fail(webSocket);
          const [error] = await errors.next();
          world.note(name, error.message.split(":")[0], error.transport);
          const messages = noteEvents(world, name, client, "message");
          get.answer(200, "4still here");
          await messages.next();
          world.note(name, client.readyState, client.transport.name);
        }
      },
      mutation: inCore('ERR_UPGRADE: "probe error"', 'ERR_UPGRADE: "error"'),
    },
    {
      id: "raw-client-close",
      api: "`close()`",
      how: "What was sent leaves first; the client is told within the call, or when there is nothing left to send.",
      async run(world) {
        for (const words of ["", "last words"]) {
          const lane = `websocket, ${words || "nothing"}`;
          const { client, webSocket } = await openOnWebSocket(world);
          const ends = noteEvents(world, lane, client, "message", "error", "close");
          if (words) client.send(words);
          world.note(`${lane}, returned`, (client.close() as unknown) === client);
          client.send("too late");
          world.note(lane, client.readyState);
          if (words) world.note(`${lane}, wire`, await webSocket.next());
          world.note(`${lane}, wire`, await webSocket.closed());
          await ends.next();
          client.close();
          world.note(lane, client.readyState, client.id);
        }
        for (const words of ["", "last words"]) {
          const lane = `polling, ${words || "nothing"}`;
          const { client, script } = await openOnPolling(world);
          const ends = noteEvents(world, lane, client, "message", "error", "close");
          if (words) client.send(words);
          client.close();
          world.note(lane, client.readyState);
          if (words) {
            const post = await script.request();
            noteRequest(world, post);
            post.answer(200, "ok");
          }
          await ends.next();
          const farewell = await script.request();
          noteRequest(world, farewell);
          farewell.answer(200, "ok");
          world.note(lane, client.readyState, client.id);
        }
      },
      mutation: inEngineClient('this.$handler.onSessionClose(this, "forced close");', ""),
    },
    {
      id: "raw-client-close-post-fails",
      api: "`close()` while a POST is on its way that fails",
      how: "The failure is told, for what was sent may not have arrived.",
      async run(world) {
        const { client, script } = await openOnPolling(world);
        const ends = noteEvents(world, "client", client, "error", "close");
        client.send("last words");
        const post = await script.request();
        client.close();
        world.note("client", client.readyState);
        post.answer(500);
        await ends.next();
        world.note("client", client.readyState);
      },
      mutation: inEngineClient(
        "if (this.$idle) {\n\t\t\tsuper.close(cause);",
        "if (true) {\n\t\t\tsuper.close(cause);",
      ),
    },
    {
      id: "raw-client-close-upgrading",
      api: "`close()` while another transport is being tried",
      how: "It is over at once, and `upgradeError` tells of the attempt, after `close`.",
      async run(world) {
        const { client, script } = await openOnPolling(world, { upgrades: ["websocket"] });
        noteEvents(world, "client", client, "upgrading", "upgrade", "error", "close");
        const errors = inbox(client, "upgradeError");
        const webSocket = await script.socket();
        world.note("websocket, wire", await webSocket.next());
        client.close();
        const [error] = await errors.next();
        world.note("client", error.message.split(":")[0], error.transport, client.readyState);
      },
      mutation: inEngineClient("this.$candidates.push(candidate);", ""),
    },
    {
      id: "raw-client-close-opening",
      api: "`close()` before it is open",
      how: "It is over at once, unless something was sent: that leaves first.",
      async run(world) {
        for (const transport of ["websocket", "polling"]) {
          for (const words of ["", "last words"]) {
            const lane = `${transport}, ${words || "nothing"}`;
            const script = await world.script();
            const client = connectEngine(world, script.url, { transports: [transport] });
            const ends = noteEvents(world, lane, client, "open", "error", "close");
            if (words) client.send(words);
            client.close();
            world.note(lane, client.readyState);
            if (words && transport === "websocket") {
              const webSocket = await script.session();
              world.note(`${lane}, wire`, await webSocket.next(), await webSocket.closed());
            } else if (words) {
              (await script.request()).answer(200, openPacket());
              // Whether it polls meanwhile is its own business.
              for (let posts = 2; posts > 0; posts--) {
                const post = await nextPost(script);
                noteRequest(world, post);
                post.answer(200, "ok");
              }
            }
            await ends.next();
            world.note(lane, client.readyState);
          }
        }
      },
      mutation: inEngineClient("this.$closeAwaited = true;", "super.close(cause);"),
    },
    {
      id: "raw-client-ends",
      api: "events `error` and `close` when the server ends the connection",
      how: "The reason, and what is known of it.",
      async run(world) {
        for (const [name, end] of Object.entries(WEBSOCKET_ENDS)) {
          const { client, webSocket } = await openOnWebSocket(world);
          const ends = noteEvents(world, `websocket, ${name}`, client, "error", "close");
          end(webSocket);
          await ends.next();
          world.note(`websocket, ${name}`, client.readyState, client.id);
        }
        const answers: Record<string, [number, string]> = {
          "1": [200, "1"],
          "a message and 1": [200, "4last\x1e1"],
          "400": [400, '{"code":1,"message":"Session ID unknown"}'],
          "500": [500, "out of order"],
        };
        for (const [name, [status, body]] of Object.entries(answers)) {
          const { client, get } = await openOnPolling(world);
          const ends = noteEvents(world, `polling, ${name}`, client, "message", "error", "close");
          get.answer(status, body);
          await ends.next();
          world.note(`polling, ${name}`, client.readyState, client.id);
        }
      },
      mutation: inEngineClient('"transport closed by the server"', '"closed by the server"'),
    },
    {
      id: "raw-client-refused",
      api: "event `error` when the server refuses, by each code",
      how: "The error has the status, and so has its context.",
      async run(world) {
        const messages = [
          "Transport unknown",
          "Session ID unknown",
          "Bad handshake method",
          "Bad request",
          "Forbidden",
        ];
        for (const [code, message] of [...messages, "Unsupported protocol version"].entries()) {
          const script = await world.script();
          const client = connectEngine(world, script.url, { transports: ["polling"] });
          const ends = noteEvents(world, `code ${code}`, client, "error", "close");
          const errors = inbox(client, "error");
          (await script.request()).answer(code === 4 ? 403 : 400, JSON.stringify({ code, message }));
          const [{ context }] = await errors.next();
          world.note(`code ${code}`, context.status);
          await ends.next();
        }
      },
      mutation: inEngineClient('"xhr poll error"', '"poll error"'),
    },
  ],
};
