import { EventEmitter } from "node:events";
import { format, stripVTControlCharacters } from "node:util";
import { codecOf } from "@hawser/core";
import { Decoder, Encoder } from "@hawser/parser";
import createDebug from "debug";
import { afterEach, describe, expect, it } from "vitest";
import { debugFor } from "../src/debug.ts";
import { Server } from "../src/index.ts";
import { telling } from "../src/telling-codec.ts";
import { TestServer, nextEvent, until } from "./fixture.ts";

const { log } = createDebug;

afterEach(() => {
  createDebug.disable();
  createDebug.log = log;
});

/** What is said from now on while `enabled` is, line by line, as `scope: words`. */
function listen(enabled: string): string[] {
  const lines: string[] = [];
  createDebug.log = (line: string, ...args: unknown[]) => {
    const [, scope, words] = /(hawser:\S+) (.*?)( \+\d+\w+)?$/s.exec(stripVTControlCharacters(format(line, ...args)))!;
    lines.push(`${scope}: ${words}`);
  };
  createDebug.enable(enabled);
  return lines;
}

describe("debug output", () => {
  /** What a part says that has an old and a new scope while `enabled` is. */
  function said(enabled: string): string[] {
    const lines = listen(enabled);
    debugFor("part", "socket.io:part")("said %s", "something");
    return lines;
  }

  it.each(["", "hawser:other,socket.io", "*,-hawser:part", "*,-socket.io:*"])("is silent with DEBUG=%s", (scopes) => {
    expect(said(scopes)).toEqual([]);
  });

  it.each(["hawser:part", "hawser:*", "hawser*", "socket.io:part", "socket.io*", "*", "*,-engine*"])(
    "speaks with DEBUG=%s",
    (scopes) => {
      expect(said(scopes)).toEqual(["hawser:part: said something"]);
    },
  );

  it("may be turned on and off while the program runs", () => {
    const debug = debugFor("part", "socket.io:part");
    expect(debug.enabled).toBe(false);
    const lines = listen("socket.io:part");
    expect(debug.enabled).toBe(true);
    debug("one");
    createDebug.disable();
    expect(debug.enabled).toBe(false);
    debug("two");
    expect(lines).toEqual(["hawser:part: one"]);
  });

  it("escapes what a terminal would obey", async () => {
    const lines = listen("hawser:*");
    const server = await TestServer.start();
    server.io.use((_socket, next) => next(new Error("\u001b[2J")));
    const client = await server.connect();
    await client.send('40/\u001b[2J,{"\\u001b":1}', '40{"token":"\\u001b[2J"}');
    await client.next(/^44\{/);
    await server.client().get({ query: { transport: "\u001b[2J" } });
    expect(lines.length).toBeGreaterThan(10);
    // oxlint-disable-next-line no-control-regex -- just that
    expect(lines.filter((line) => /[\u0000-\u001f\u007f-\u009f]/.test(line))).toEqual([]);
  });
});

/** The scopes, and those that the same parts have in Socket.IO. */
const SCOPES = [
  ["hawser:server", "socket.io:server"],
  ["hawser:client", "socket.io:client"],
  ["hawser:namespace", "socket.io:namespace"],
  ["hawser:parent-namespace", "socket.io:parent-namespace"],
  ["hawser:socket", "socket.io:socket"],
  ["hawser:broadcast-operator", "socket.io:broadcast-operator"],
  ["hawser:adapter", "socket.io-adapter"],
  ["hawser:parser", "socket.io-parser"],
  ["hawser:engine", "engine"],
  ["hawser:engine:socket", "engine:socket"],
  ["hawser:engine:polling", "engine:polling"],
  ["hawser:engine:ws", "engine:ws"],
] as const;

/** Something for every part to speak of. */
async function liveThroughMuch(): Promise<void> {
  const server = await TestServer.start();
  server.io.of(/^\/child/);
  const { client, socket } = await server.join("polling");
  await client.upgrade();
  await client.join("/child");
  const asked = server.io.timeout(1000).emitWithAck("question");
  await client.next(/^42\d+\["question"\]/);
  await client.send('430["answer"]');
  await asked;
  socket.disconnect(true);
  await until(() => server.io.engine.clientsCount === 0);
  await server.io.close();
}

describe("the parts of a server", () => {
  it.each(SCOPES)("speak in the scope %s, and in it alone, and %s enables that too", async (scope, formerScope) => {
    for (const name of [scope, formerScope]) {
      const lines = listen(name);
      await liveThroughMuch();
      expect(lines.map((line) => line.split(": ")[0])).toContain(scope);
      expect(lines.filter((line) => !line.startsWith(`${scope}: `))).toEqual([]);
    }
  });

  it("speak together with hawser:*, or with the patterns of old", async () => {
    for (const scopes of ["hawser:*", "socket.io*,engine*"]) {
      const lines = listen(scopes);
      await liveThroughMuch();
      expect([...new Set(lines.map((line) => line.split(": ")[0]))].sort()).toEqual(
        SCOPES.map(([scope]) => scope).sort(),
      );
    }
  });

  it("are silent otherwise", async () => {
    const lines = listen("socket.io-client*,express:*,engine.io-client*");
    await liveThroughMuch();
    expect(lines).toEqual([]);
  });
});

describe("the engine says", () => {
  it("who begins a session", async () => {
    const server = await TestServer.start();
    const lines = listen("engine");
    const { sid } = await server.connect("polling");
    expect(lines).toEqual([`hawser:engine: handshake of session ${sid} by polling, from 127.0.0.1`]);
  });

  it("which request is refused, and why", async () => {
    const server = await TestServer.start({ allowRequest: (_request, decide) => decide("not today", false) });
    const lines = listen("engine");
    await server.client().get();
    await server.client().get({ query: { transport: "pigeon" } });
    expect(lines).toEqual([
      "hawser:engine: refused GET '/socket.io/?EIO=4&transport=polling': 'not today', { message: 'not today' }",
      "hawser:engine: refused GET '/socket.io/?EIO=4&transport=pigeon': 'Transport unknown', { transport: 'pigeon' }",
    ]);
  });

  it("how a session begins, moves and ends", async () => {
    const server = await TestServer.start();
    const lines = listen("engine:socket");
    const { client } = await server.join("polling");
    await client.upgrade();
    await until(() => lines.some((line) => line.includes("has moved")));
    await client.send("41", "1");
    await client.close();
    await until(() => server.io.engine.clientsCount === 0);
    const told = (words: string): string => `hawser:engine:socket: session ${client.sid} ${words}`;
    expect(lines).toEqual(
      expect.arrayContaining([
        told("begins on polling"),
        told("received message '0'"),
        told("tries websocket"),
        told("has moved to websocket"),
        told("is over: transport close"),
      ]),
    );
  });

  it("why a session does not move", async () => {
    const server = await TestServer.start();
    const lines = listen("engine:socket");
    const client = await server.connect("polling");
    const webSocket = await client.openWebSocket({ query: { sid: client.sid } });
    webSocket.close();
    await until(() => lines.some((line) => /has not moved to websocket: \w+/.test(line)));
  });

  it("what its transports carry", async () => {
    const server = await TestServer.start();
    const lines = listen("engine:transport");
    const client = await server.connect("polling");
    await client.post("40");
    await client.upgrade();
    await client.send('451-[{"_placeholder":true,"num":0}]', Buffer.from([1, 2]));
    await until(() => lines.some((line) => line.includes("<Buffer")));
    expect(lines).toEqual(
      expect.arrayContaining([
        "hawser:engine:polling: a GET waits",
        "hawser:engine:polling: received '40'",
        "hawser:engine:ws: received '2probe'",
        "hawser:engine:ws: sends pong 'probe'",
        `hawser:engine:ws: received '451-[{"_placeholder":true,"num":0}]'`,
        "hawser:engine:ws: received <Buffer 01 02>",
      ]),
    );
  });
});

describe("the server says", () => {
  it("where it listens, and that it closes", async () => {
    const lines = listen("socket.io:server");
    const io = new Server(0, { path: "/path" });
    await nextEvent(io.httpServer, "listening");
    await io.close();
    expect(lines).toEqual([
      "hawser:server: attaching to /path/",
      "hawser:server: listening on port 0",
      "hawser:server: closing",
    ]);
  });

  it("which connections of another engine it serves", () => {
    const lines = listen("socket.io:server");
    const offered = { id: "theirs", readyState: "open", transport: { writable: true }, write() {}, close() {} };
    const connection = Object.assign(new EventEmitter(), offered);
    new Server().onconnection(connection);
    connection.emit("close", "transport close");
    expect(lines).toEqual(["hawser:server: serving the connection 'theirs' of another engine"]);
  });

  it("who joins a namespace, who is refused, and which there is not", async () => {
    const server = await TestServer.start();
    server.io.of("/closed").use((_socket, next) => next(new Error("members only")));
    const lines = listen("socket.io:namespace");
    const { client, socket } = await server.join();
    await client.send("40/closed,", "40/nowhere,");
    await client.next(/^44\/nowhere/);
    expect(lines).toEqual([
      `hawser:namespace: ${socket.id} has joined '/'`,
      expect.stringMatching(/^hawser:namespace: '\/closed' refuses [\w-]{20}: 'members only'$/),
      "hawser:namespace: there is no namespace '/nowhere'",
    ]);
  });

  it("which namespaces come and go with their clients", async () => {
    const server = await TestServer.start({ cleanupEmptyChildNamespaces: true });
    const parent = server.io.of(/^\/room/);
    const lines = listen("socket.io:parent-namespace");
    const client = await server.connect();
    await client.join("/room-1");
    await client.send("41/room-1,");
    await until(() => lines.length === 2);
    expect(lines).toEqual([
      `hawser:parent-namespace: ${parent.name} has a child '/room-1'`,
      `hawser:parent-namespace: the child '/room-1' of ${parent.name} has gone`,
    ]);
  });

  it("what a connection asks for, what it does wrong, and that it does nothing", async () => {
    const server = await TestServer.start();
    const lines = listen("socket.io:client");
    const wrong = await server.connect();
    await wrong.send("40", "4nonsense");
    await until(() => lines.length === 3);
    server.io.connectTimeout(20);
    const idle = await server.connect();
    await until(() => lines.length === 5);
    const told = (sid: string | undefined, words: string): string => `hawser:client: session ${sid} ${words}`;
    expect(lines).toEqual([
      told(wrong.sid, "asks for the namespace '/'"),
      told(wrong.sid, "broke the protocol: ERR_PACKET_TYPE"),
      told(wrong.sid, "is over: forced close"),
      told(idle.sid, "has joined no namespace in time"),
      told(idle.sid, "is over: forced close"),
    ]);
  });

  it("what a socket receives and is sent, which events are kept back, and why it leaves", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    socket.use(([event], next) => next(event === "bad" ? new Error("not allowed") : undefined));
    const lines = listen("socket.io:socket");
    await client.send('42["good",{"a":[1]}]', '42["bad"]');
    await until(() => lines.length === 3);
    socket.emit("alone", 1);
    server.io.emit("all", new Uint8Array([1]));
    await client.send("41");
    await nextEvent(socket, "disconnect");
    const told = (words: string): string => `hawser:socket: ${socket.id} ${words}`;
    expect(lines).toEqual([
      told("received [ 'good', { a: [ 1 ] } ]"),
      told("received [ 'bad' ]"),
      `hawser:socket: ${socket.id}: a middleware keeps 'bad' back: 'not allowed'`,
      told("is sent [ 'alone', 1 ]"),
      told("is sent [ 'all', Uint8Array(1) [ 1 ] ]"),
      told("has left '/': client namespace disconnect"),
    ]);
  });

  it("who is in which room, and to whom broadcasts go", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    const lines = listen("socket.io-adapter");
    void socket.join(["a", "b"]);
    void socket.leave("a");
    server.io.to("b").except("c").emit("news", 1);
    expect(lines).toEqual([
      `hawser:adapter: ${socket.id} joins [ 'a', 'b' ]`,
      `hawser:adapter: ${socket.id} leaves 'a'`,
      "hawser:adapter: '/' broadcasts [ 'news', 1 ] to [ 'b' ] except [ 'c' ]",
    ]);
  });

  it("how many have answered a broadcast", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    await server.join();
    const lines = listen("socket.io:broadcast-operator");
    await expect(server.io.timeout(1).emitWithAck("unanswered")).rejects.toThrow("timed out");
    const answers = server.io.to(socket.id).timeout(1000).emitWithAck("question");
    const question = await client.next(/^42\d+\["question"\]/);
    await client.send(`43${/\d+/.exec(String(question).slice(2))?.[0]}["answer"]`);
    expect(await answers).toEqual(["answer"]);
    expect(lines).toEqual([
      "hawser:broadcast-operator: 0 of 2 answers to a broadcast: too late",
      "hawser:broadcast-operator: 1 of 1 answers to a broadcast: all",
    ]);
  });

  it("who comes back after a lost connection, and who is not known any more", async () => {
    const server = await TestServer.start({ connectionStateRecovery: {} });
    const client = await server.connect();
    const { sid, pid } = await client.join();
    const lines = listen("socket.io:namespace,socket.io-adapter");
    await client.close();
    await until(() => server.io.sockets.sockets.size === 0);
    server.io.emit("missed");
    await (await server.connect()).join("/", { pid });
    await (await server.connect()).join("/", { pid: "unheard-of" });
    expect(lines).toEqual(
      expect.arrayContaining([
        `hawser:adapter: ${sid} may come back to Set(1) { '${sid}' }`,
        `hawser:namespace: ${sid} is back in '/', and has missed 1 events`,
        "hawser:namespace: a client is back in '/', and nothing is known of it any more",
      ]),
    );
  });

  it("how packets become frames and back, if that is enabled when the server is made", async () => {
    const lines = listen("socket.io-parser");
    const server = await TestServer.start();
    const { client } = await server.join();
    const before = lines.length;
    await client.send('42["a"]', '451-["b",{"_placeholder":true,"num":0}]', Buffer.from([1]));
    await until(() => lines.length === before + 3);
    server.io.emit("c");
    await client.send("4nonsense");
    await until(() => server.io.engine.clientsCount === 0);
    expect(lines.slice(before)).toEqual([
      `hawser:parser: decoded '2["a"]' as { type: 2, nsp: '/', id: undefined, data: [ 'a' ] }`,
      `hawser:parser: '51-["b",{"_placeholder":true,"num":0}]' is a part of a packet`,
      "hawser:parser: decoded <Buffer 01> as { type: 2, nsp: '/', id: undefined, data: [ 'b', <Buffer 01> ] }",
      `hawser:parser: encoded { type: 2, data: [ 'c' ], nsp: '/' } as [ '2["c"]' ]`,
      "hawser:parser: can't decode 'nonsense': ERR_PACKET_TYPE",
    ]);
  });

  it("how frames become the packets of a parser of one's own, in a later turn too", () => {
    const lines = listen("socket.io-parser");
    let decodeLater = (): void => {};
    class LaterDecoder extends Decoder {
      override add(frame: unknown): void {
        if (frame === "later") {
          decodeLater = () => super.add('2["b"]');
        } else {
          super.add(frame);
        }
      }
    }
    const received: unknown[] = [];
    const decoder = telling(codecOf({ Encoder, Decoder: LaterDecoder })).createDecoder({
      onDecoded: (result) => received.push(result),
    });
    decoder.add('2["a"]');
    decoder.add("later");
    decodeLater();
    expect(lines).toEqual([
      `hawser:parser: decoded '2["a"]' as { type: 2, nsp: '/', id: undefined, data: [ 'a' ] }`,
      "hawser:parser: 'later' is a part of a packet",
      "hawser:parser: decoded 'later' as { type: 2, nsp: '/', id: undefined, data: [ 'b' ] }",
    ]);
    expect(received).toHaveLength(2);
  });
});
