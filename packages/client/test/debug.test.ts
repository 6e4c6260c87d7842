import { format, stripVTControlCharacters } from "node:util";
import createDebug from "debug";
import { afterEach, describe, expect, it } from "vitest";
import { debugFor } from "../src/debug.ts";
import { io } from "../src/io.ts";
import { PollingTransport } from "../src/transports/polling.ts";
import { WebSocketTransport } from "../src/transports/websocket.ts";
import { TestServer } from "./fixture.ts";
import { FakeContext, Recorder } from "./transports/fake-network.ts";

const { log } = createDebug;

afterEach(() => {
  createDebug.disable();
  createDebug.log = log;
});

/** What is said from now on while `enabled` is, line by line, as `scope: words`. */
function listen(enabled: string): string[] {
  const lines: string[] = [];
  createDebug.log = (line: string, ...args: unknown[]) => {
    const said = stripVTControlCharacters(format(line, ...args));
    const [, scope, words] = /(hawser-client:\S+) (.*?)( \+\d+\w+)?$/s.exec(said)!;
    lines.push(`${scope}: ${words}`);
  };
  createDebug.enable(enabled);
  return lines;
}

describe("debug output", () => {
  /** What a part says that has an old and a new scope while `enabled` is. */
  function said(enabled: string): string[] {
    const lines = listen(enabled);
    debugFor("part", "socket.io-client:part")("said %s", "something");
    return lines;
  }

  it.each(["", "hawser-client:other,socket.io-client", "*,-hawser-client*", "*,-socket.io-client:part"])(
    "is silent with DEBUG=%s",
    (scopes) => {
      expect(said(scopes)).toEqual([]);
    },
  );

  it.each(["hawser-client:part", "hawser-client:*", "hawser*", "socket.io-client:part", "socket.io-client*", "*"])(
    "speaks with DEBUG=%s",
    (scopes) => {
      expect(said(scopes)).toEqual(["hawser-client:part: said something"]);
    },
  );

  it("may be turned on and off while the program runs", () => {
    const debug = debugFor("part", "socket.io-client:part");
    debug("one");
    const lines = listen("socket.io-client:part");
    debug("two");
    createDebug.disable();
    debug("three");
    expect(lines).toEqual(["hawser-client:part: two"]);
  });
});

describe("the parts of a client", () => {
  it.each([
    ["hawser-client:url", "socket.io-client:url"],
    ["hawser-client:manager", "socket.io-client:manager"],
    ["hawser-client:engine", "engine.io-client:socket"],
    ["hawser-client:socket", "socket.io-client:socket"],
  ])("speak in the scope %s, and in it alone, and %s enables that too", (scope, formerScope) => {
    for (const name of [scope, formerScope]) {
      const lines = listen(name);
      new TestServer().connected().disconnect();
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.filter((line) => !line.startsWith(`${scope}: `))).toEqual([]);
    }
  });

  it("are silent otherwise", () => {
    const lines = listen("socket.io:*,engine*,-engine.io-client*,express:*");
    new TestServer().connected().disconnect();
    expect(lines).toEqual([]);
  });
});

describe("io() says", () => {
  it("when there is a new Manager", () => {
    const lines = listen("socket.io-client");
    io("http://debug.test", { autoConnect: false });
    io("http://debug.test/admin", { autoConnect: false });
    expect(lines).toEqual(["hawser-client:io: a new Manager for 'http://debug.test:80/socket.io'"]);
  });
});

describe("a Manager says", () => {
  it("that it opens and closes, what it loses, and when it tries again", () => {
    const lines = listen("socket.io-client:manager");
    const server = new TestServer();
    const socket = server.connected({ reconnectionAttempts: 1, reconnectionDelay: 1000 });
    server.up = false;
    server.connection.session.close();
    server.clock.advance(10_000);
    socket.io.open();
    socket.disconnect();
    const told = (words: string): string => `hawser-client:manager: ${words}`;
    expect(lines).toEqual([
      told("opening 'http://server.test'"),
      told("open"),
      told("lost: transport close (no error)"),
      told("attempt 1 in 1000 ms"),
      told("opening 'http://server.test'"),
      told("not opened: transport error (no error)"),
      told("gives up"),
      told("opening 'http://server.test'"),
      told("closing"),
    ]);
  });
});

describe("a connection says", () => {
  it("on which transport it is, and why it ends", () => {
    const lines = listen("engine.io-client:socket");
    const server = new TestServer().upgradable;
    server.connected().disconnect();
    server.settle();
    expect(lines).toEqual([
      "hawser-client:engine: opening polling to http://server.test:80",
      "hawser-client:engine: open on polling",
      "hawser-client:engine: opening websocket to http://server.test:80",
      "hawser-client:engine: moved to websocket",
      "hawser-client:engine: closing",
      "hawser-client:engine: closed: forced close (no error)",
    ]);
  });

  it.each([false, true])("why it stays where it is, also to those who watch its engine: %s", (watched) => {
    const lines = listen("engine.io-client:socket");
    const server = new TestServer().upgradable;
    server.blocked.set("websocket", "refused");
    const manager = server.manager();
    manager.socket("/");
    if (watched) {
      manager.engine.on("upgradeError", () => {});
    }
    server.settle();
    expect(lines.at(-1)).toMatch(/^hawser-client:engine: not moved to websocket: .+/);
  });

  it("that the server broke the protocol, and that the network was lost", () => {
    const lines = listen("engine.io-client:socket");
    const server = new TestServer();
    server.connected({ reconnection: false });
    server.connection.send("nonsense");
    server.settle();
    expect(lines).toContain("hawser-client:engine: the server broke the protocol: ERR_PACKET_TYPE");
    new TestServer().connected({ reconnection: false });
    server.connected({ reconnection: false });
    server.page.dispatchEvent(new Event("offline"));
    expect(lines).toContain("hawser-client:engine: network connection lost");
  });
});

describe("a socket says", () => {
  it("how it is let in, what it sends and receives, and why it is disconnected", () => {
    const lines = listen("socket.io-client:socket");
    const server = new TestServer();
    const socket = server.connected();
    const { id } = socket;
    socket.emit("to", new Uint8Array([1]));
    server.connection.send('2["from",{"a":"\\u001b[2J"}]', "1");
    server.settle();
    const told = (words: string): string => `hawser-client:socket: / ${words}`;
    expect(lines).toEqual([
      told("asks to be let in"),
      told("is known again: false"),
      told(`is connected as ${id}`),
      told("sends [ 'to', Uint8Array(1) [ 1 ] ]"),
      told("received [ 'from', { a: '\\x1B[2J' } ]"),
      told("is disconnected: io server disconnect"),
    ]);
  });

  it("why it is refused", () => {
    const lines = listen("socket.io-client:socket");
    const server = new TestServer();
    server.onMessage = (connection) => connection.send('4{"message":"members only"}');
    server.connected();
    expect(lines.at(-1)).toBe("hawser-client:socket: / was refused: 'members only'");
  });

  it("how often it tries to send an event", () => {
    const lines = listen("socket.io-client:socket");
    const server = new TestServer();
    const socket = server.manager().socket("/", { retries: 1, ackTimeout: 1000 });
    server.settle();
    socket.emit("again");
    server.clock.advance(1500);
    expect(lines.filter((line) => line.includes(" try "))).toEqual([
      "hawser-client:socket: try 1 of [ 'again' ]",
      "hawser-client:socket: try 2 of [ 'again' ]",
    ]);
  });
});

describe("transports say", () => {
  it.each(["engine.io-client:polling", "engine.io-client:transport", "hawser-client:polling"])(
    "what polling carries, with DEBUG=%s",
    (scopes) => {
      const lines = listen(scopes);
      const context = new FakeContext();
      const transport = new PollingTransport(context);
      new Recorder(transport);
      context.get.answer("0{}");
      transport.send([{ type: "message", data: "a" }]);
      transport.pause(() => {});
      context.post.answer();
      context.get.answer("6");
      context.get.answer("", 500);
      const told = (words: string): string => `hawser-client:polling: ${words}`;
      expect(lines).toEqual([
        told("asks for packets"),
        told("received '0{}'"),
        told("asks for packets"),
        told("sends '4a'"),
        told("received '6'"),
        told("paused"),
        told("closed: transport error (xhr poll error)"),
      ]);
    },
  );

  it.each(["engine.io-client:websocket", "engine.io-client:transport", "hawser-client:websocket"])(
    "what a WebSocket carries, with DEBUG=%s",
    (scopes) => {
      const lines = listen(scopes);
      const context = new FakeContext();
      const transport = new WebSocketTransport(context);
      new Recorder(transport);
      context.socket?.onopen?.();
      transport.send([{ type: "message", data: "a" }]);
      context.socket?.onmessage?.({ data: "4b" });
      context.socket?.onclose?.({});
      const told = (words: string): string => `hawser-client:websocket: ${words}`;
      expect(lines).toEqual([
        told("open"),
        told("sends message 'a'"),
        told("received '4b'"),
        told("closed: transport close (websocket connection closed)"),
      ]);
    },
  );
});
