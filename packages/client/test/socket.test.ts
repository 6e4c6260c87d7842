import { beforeEach, describe, expect, it } from "vitest";
import type { Socket } from "../src/socket.ts";
import { LATENCY, Log, SHORTLY, TestServer, welcome } from "./fixture.ts";

let server: TestServer;
let log: Log;

beforeEach(() => {
  server = new TestServer();
  log = new Log();
});

/** What the server has received since the CONNECT. */
function sent(): unknown[] {
  return server.connection.received.filter((frame) => !String(frame).startsWith("0"));
}

/** A socket that is not connected, nor tries to be. */
function idle(): Socket {
  return server.manager({ autoConnect: false }).socket("/");
}

describe("connecting", () => {
  it("has an id and is connected when the connect listeners run", () => {
    const socket = server.manager().socket("/admin");
    const states: unknown[] = [];
    socket.on("connect", () => states.push([socket.id, socket.connected, socket.disconnected, socket.active]));
    expect([socket.id, socket.connected, socket.disconnected, socket.active]).toEqual([undefined, false, true, true]);
    server.settle();
    expect(states).toEqual([["session-1/admin", true, false, true]]);
  });

  it("sends its auth, an object or what a function says each time", () => {
    const socket = server.manager({ autoConnect: false }).socket("/", { auth: { token: "a" } });
    socket.connect();
    server.settle();
    expect(server.connection.received).toEqual(['0{"token":"a"}']);
    let calls = 0;
    socket.auth = (callback: (auth: object) => void) => callback({ call: ++calls });
    for (const expected of [1, 2]) {
      server.connection.session.abort();
      server.clock.advance(1000 + SHORTLY + SHORTLY);
      expect(server.connection.received).toEqual([`0{"call":${expected}}`]);
    }
  });

  it("waits for an auth that takes its time, and for the latest one if the connection was lost meanwhile", () => {
    const answers: ((auth: object) => void)[] = [];
    const socket = server.manager().socket("/", { auth: (answer: (auth: object) => void) => answers.push(answer) });
    server.settle();
    expect(server.connection.received).toEqual([]);
    server.connection.session.abort();
    server.settle();
    answers[0]?.({ n: 0 });
    server.clock.advance(1000 + SHORTLY);
    answers[1]?.({ n: 1 });
    answers[1]?.({ n: 2 });
    server.settle();
    expect(server.connections.map(({ received }) => received)).toEqual([[], ['0{"n":1}']]);
    expect(socket.connected).toBe(true);
  });

  it("reports what the auth function throws", () => {
    server.manager().socket("/", {
      auth: () => {
        throw new Error("no token");
      },
    });
    expect(() => server.settle()).toThrow("no token");
  });

  it("is asked for once, however often connect() is called", () => {
    const socket = server.manager().socket("/");
    socket.connect().open();
    server.clock.advance(2 * LATENCY);
    socket.connect();
    server.settle();
    socket.connect();
    server.settle();
    expect(server.connection.received).toEqual(["0"]);
  });

  it("is refused by the server: the socket is inactive, and the connection closed if nobody else uses it", () => {
    server.onMessage = (connection) => connection.send('4{"message":"not authorized","data":{"code":7}}');
    const socket = server.manager().socket("/");
    const errors: unknown[] = [];
    socket.on("connect_error", (error) =>
      errors.push([error.message, (error as Error & { data: unknown }).data, socket.active]),
    );
    server.clock.advance(60_000);
    expect(errors).toEqual([["not authorized", { code: 7 }, false]]);
    expect([server.connections.length, server.connection.session.state]).toEqual([1, "closed"]);
  });

  it("may be tried again after a refusal", () => {
    server.onMessage = (connection) => connection.send('4{"message":"no"}');
    const socket = server.manager().socket("/");
    server.settle();
    server.onMessage = welcome;
    socket.auth = { token: "better" };
    socket.connect();
    server.settle();
    expect(socket.connected).toBe(true);
  });

  it("fails if the server speaks an older protocol", () => {
    server.onMessage = (connection) => connection.send("0");
    log.socket(server.manager().socket("/"));
    server.settle();
    expect(log.take()[0]).toMatch(/connect_error \(It seems you are trying to reach a Socket.IO server in v2.x/);
  });

  it("fails if the connection is lost before the server has answered, and is tried again", () => {
    server.onMessage = () => {};
    const socket = server.manager().socket("/");
    log.socket(socket);
    server.settle();
    server.connection.session.abort();
    server.settle();
    expect(log.take()).toEqual(["/ connect_error (transport close)"]);
    server.onMessage = welcome;
    server.clock.advance(1000 + SHORTLY);
    expect(log.take()).toEqual(["/ connect"]);
  });
});

describe("disconnecting", () => {
  it("tells the server, and is told of at once", () => {
    const socket = server.connected();
    log.socket(socket);
    expect(socket.disconnect()).toBe(socket);
    expect(log.take()).toEqual(["/ disconnect io client disconnect undefined"]);
    expect([socket.connected, socket.active, socket.id]).toEqual([false, false, undefined]);
    server.settle();
    expect(sent()).toEqual(["1"]);
  });

  it("happens once", () => {
    const socket = server.connected();
    log.socket(socket);
    socket.disconnect().close();
    expect(log.take()).toHaveLength(1);
  });

  it("by the server makes the socket inactive, which it is by the time it hears of it", () => {
    const socket = server.connected();
    const active: unknown[] = [];
    socket.on("disconnect", (reason) => active.push([reason, socket.active]));
    server.connection.send("1");
    server.clock.advance(60_000);
    expect(active).toEqual([["io server disconnect", false]]);
    expect([server.connections.length, server.connection.session.state]).toEqual([1, "closed"]);
  });

  it("by the server may be answered by connecting again, over a new connection", () => {
    const socket = server.connected();
    socket.once("disconnect", () => socket.connect());
    server.connection.send("1");
    server.settle();
    expect([socket.connected, server.connections.length]).toEqual([true, 2]);
  });

  it("before the server has answered cancels the attempt", () => {
    const manager = server.manager();
    manager.socket("/other");
    server.settle();
    server.onMessage = () => {};
    const socket = manager.socket("/");
    log.socket(socket);
    server.settle();
    socket.disconnect();
    server.connection.send('0{"sid":"late"}');
    server.settle();
    expect([log.take(), socket.connected]).toEqual([[], false]);
  });
});

describe("emitting", () => {
  it("sends the name and the arguments, and gives the socket back", () => {
    const socket = server.connected();
    expect(socket.emit("hello", 1, { a: [null] }, undefined)).toBe(socket);
    socket.send("text", 2);
    server.settle();
    expect(sent()).toEqual(['2["hello",1,{"a":[null]},null]', '2["message","text",2]']);
  });

  it("sends binary values as they are", () => {
    const socket = server.connected();
    socket.emit("binary", { image: Buffer.from([1, 2]) });
    server.settle();
    expect(sent()).toEqual(['51-["binary",{"image":{"_placeholder":true,"num":0}}]', Buffer.from([1, 2])]);
  });

  it.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])(
    "refuses the name %s, which is the library's",
    (name) => {
      expect(() => idle().emit(name)).toThrow(`"${name}" is a reserved event name`);
    },
  );

  it("sends in order, and before connect is told, what was emitted before", () => {
    const socket = server.manager().socket("/");
    socket.emit("a", 1);
    socket.on("connect", () => socket.emit("c", 3));
    socket.emit("b", 2);
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    server.settle();
    expect(sent()).toEqual(['2["a",1]', '2["b",2]', '2["c",3]']);
    expect(socket.sendBuffer).toEqual([]);
  });

  it("does not send what the application has taken out of the buffer", () => {
    const socket = server.manager().socket("/");
    socket.emit("a");
    socket.sendBuffer = [];
    socket.emit("b");
    socket.emit("c");
    socket.sendBuffer.pop();
    server.settle();
    expect(sent()).toEqual(['2["b"]']);
  });

  it("keeps what was emitted while the connection was lost", () => {
    const socket = server.connected();
    server.connection.session.abort();
    server.settle();
    socket.emit("later");
    server.clock.advance(1000 + SHORTLY);
    expect(sent()).toEqual(['2["later"]']);
  });

  it("keeps what was emitted after the end of the connection had arrived, though nobody had been told yet", () => {
    const socket = server.connected();
    socket.on("last", () => socket.emit("reply"));
    server.connection.send('2["last"]');
    server.connection.session.close();
    server.settle();
    expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["reply"]]);
    server.clock.advance(1000 + SHORTLY);
    expect(sent()).toEqual(['2["reply"]']);
  });

  it("loses volatile events that can't leave at once", () => {
    const socket = server.manager().socket("/");
    socket.volatile.emit("lost");
    server.settle();
    socket.volatile.emit("sent");
    server.settle();
    expect(sent()).toEqual(['2["sent"]']);
  });

  it("applies flags to one event, even if that throws", () => {
    const socket = idle();
    expect(() => socket.volatile.emit("connect")).toThrow("reserved event name");
    socket.emit("kept");
    expect(socket.sendBuffer).toHaveLength(1);
    socket.compress(false).emit("uncompressed");
    socket.emit("compressed");
    expect(socket.sendBuffer.map(({ options }) => options.compress)).toEqual([undefined, false, undefined]);
  });
});

describe("acknowledgements", () => {
  it("bring the answer to the callback", () => {
    const socket = server.connected();
    const answers: unknown[] = [];
    socket.emit("ask", 1, (...args: unknown[]) => answers.push(args));
    server.settle();
    server.connection.send('30["yes",{"b":2}]', '30["again"]');
    server.settle();
    expect([sent(), answers]).toEqual([['20["ask",1]'], [["yes", { b: 2 }]]]);
  });

  it("are given by the listener's last argument, once", () => {
    const socket = server.connected();
    socket.on("ask", (n: number, answer: (...args: unknown[]) => void) => {
      answer(n + 1, Buffer.from([3]));
      answer("again");
    });
    server.connection.send('27["ask",1]');
    server.settle();
    expect(sent()).toEqual(['61-7[2,{"_placeholder":true,"num":0}]', Buffer.from([3])]);
  });

  it("resolve emitWithAck()", async () => {
    const socket = server.connected();
    const answer = socket.emitWithAck("ask");
    server.settle();
    server.connection.send('30["yes"]');
    server.settle();
    await expect(answer).resolves.toBe("yes");
  });

  it("take an error first after timeout(), which tells that none came in time", () => {
    const socket = server.connected();
    const answers: unknown[] = [];
    const collect = (error: Error | null, answer?: unknown): unknown => answers.push(error?.message ?? answer);
    socket.timeout(100).emit("slow", collect);
    socket.timeout(100).emit("quick", collect);
    server.clock.advance(50);
    server.connection.send('31["yes"]');
    server.clock.advance(100);
    server.connection.send('30["late"]');
    server.settle();
    expect(answers).toEqual(["yes", "operation has timed out"]);
  });

  it("take an error first with ackTimeout, for every event", () => {
    const socket = server.manager().socket("/", { ackTimeout: 100 });
    server.settle();
    const answers: unknown[] = [];
    socket.emit("ask", (error: Error) => answers.push(error.message));
    server.clock.advance(100);
    expect(answers).toEqual(["operation has timed out"]);
  });

  it("reject emitWithAck() when the time is over", async () => {
    const answer = server.connected().timeout(10).emitWithAck("ask");
    server.settle();
    await expect(answer).rejects.toThrow("operation has timed out");
  });

  it("fail when the socket is disconnected, where the callback takes errors", async () => {
    const socket = server.connected();
    const answers: unknown[] = [];
    socket.emit("plain", () => answers.push("never"));
    socket.timeout(60_000).emit("limited", (error: Error) => answers.push(error.message));
    const answer = socket.emitWithAck("ask");
    socket.disconnect();
    await expect(answer).rejects.toThrow("socket has been disconnected");
    expect(answers).toEqual(["socket has been disconnected"]);
    expect(server.clock.armedDelays).not.toContain(60_000);
  });

  it("still come for events that had not been sent when the connection was lost", () => {
    const socket = server.connected();
    server.connection.session.abort();
    server.settle();
    const answers: unknown[] = [];
    socket.timeout(60_000).emit("ask", (error: Error | null, answer: unknown) => answers.push(error ?? answer));
    server.clock.advance(1000 + SHORTLY);
    server.connection.send('30["yes"]');
    server.settle();
    expect(answers).toEqual(["yes"]);
  });

  it("whose time is over are not asked for any more", () => {
    const socket = idle();
    socket.timeout(10).emit("ask", () => {});
    server.clock.advance(10);
    expect(socket.sendBuffer).toEqual([]);
  });
});

describe("receiving", () => {
  it("calls the listeners of the event, with `this` the socket", () => {
    const socket = server.connected();
    const calls: unknown[] = [];
    socket.on("news", function (this: unknown, ...args: unknown[]) {
      calls.push([this === socket, ...args]);
    });
    server.connection.send('2["news",1,"two"]', '2["other"]');
    server.settle();
    expect(calls).toEqual([[true, 1, "two"]]);
  });

  it("gives binary values as Buffers in Node.js", () => {
    const socket = server.connected();
    const received: unknown[] = [];
    socket.on("binary", (data) => received.push(data));
    server.connection.send('51-["binary",{"_placeholder":true,"num":0}]', Buffer.from([1, 2]));
    server.settle();
    expect(received).toEqual([Buffer.from([1, 2])]);
  });

  it("ignores what comes for a namespace that has been left", () => {
    const socket = server.connected();
    socket.io.socket("/other");
    log.watch("/", socket as never, ["news"]);
    socket.disconnect();
    server.connection.send('2["news"]');
    server.settle();
    expect(log.take()).toEqual([]);
  });

  it("reports what a listener throws on its own, and goes on", () => {
    const socket = server.connected();
    socket.on("bad", () => {
      throw new Error("listener");
    });
    socket.on("disconnect", () => log.lines.push("disconnect"));
    log.watch("/", socket as never, ["good"]);
    server.connection.send('2["bad"]', '2["good"]');
    expect(() => server.settle()).toThrow("listener");
    server.settle();
    expect([log.take(), socket.connected]).toEqual([["/ good"], true]);
  });

  it("reports what an acknowledgement callback or a connect listener throws just the same", () => {
    const socket = server.manager().socket("/");
    socket.on("connect", () => {
      throw new Error("connect listener");
    });
    socket.emit("ask", () => {
      throw new Error("callback");
    });
    expect(() => server.settle()).toThrow("connect listener");
    server.settle();
    server.connection.send("30[]");
    expect(() => server.settle()).toThrow("callback");
    expect(socket.connected).toBe(true);
  });
});

describe("catch-all listeners", () => {
  it("see every event that arrives, before the event's own listeners, in the order asked for", () => {
    const socket = server.connected();
    const calls: unknown[] = [];
    socket.on("news", (...args) => calls.push(["on", ...args]));
    socket.onAny((...args) => calls.push(["any", ...args]));
    socket.prependAny((...args) => calls.push(["first", ...args]));
    server.connection.send('2["news",1]', '2["other"]');
    server.settle();
    expect(calls).toEqual([
      ["first", "news", 1],
      ["any", "news", 1],
      ["on", 1],
      ["first", "other"],
      ["any", "other"],
    ]);
  });

  it("see every event that is sent, when it is", () => {
    const socket = server.manager().socket("/");
    const calls: unknown[] = [];
    socket.onAnyOutgoing((...args) => calls.push(["any", ...args]));
    socket.prependAnyOutgoing((...args) => calls.push(["first", ...args]));
    socket.emit("hello", 1, () => {});
    expect(calls).toEqual([]);
    server.settle();
    expect(calls).toEqual([
      ["first", "hello", 1],
      ["any", "hello", 1],
    ]);
  });

  it("may be removed, one or all, also by themselves", () => {
    const socket = server.connected();
    const calls: string[] = [];
    const once = (): void => {
      calls.push("once");
      socket.offAny(once);
    };
    socket.onAny(once).onAny(() => calls.push("always"));
    server.connection.send('2["a"]', '2["b"]');
    server.settle();
    expect(calls).toEqual(["once", "always", "always"]);
    expect(socket.listenersAny()).toHaveLength(1);
    socket.offAny().offAny(once);
    expect(socket.listenersAny()).toEqual([]);
    socket.onAnyOutgoing(once).offAnyOutgoing(once).onAnyOutgoing(once).offAnyOutgoing();
    expect(socket.listenersAnyOutgoing()).toEqual([]);
  });
});

describe("recovering", () => {
  /** A server that offers recovery and, when asked for it, replays one event. */
  function offerRecovery(): void {
    server.onMessage = (connection, data) => {
      if (String(data).includes("pid")) {
        connection.send('2["news",2,"offset-2"]', '0{"sid":"same","pid":"private"}');
      } else if (data === "0") {
        connection.send('0{"sid":"same","pid":"private"}', '2["news",1,"offset-1"]');
      }
    };
  }

  it("tells the server who it was and what it has seen, and gets what it missed before connect is told", () => {
    offerRecovery();
    const socket = server.manager().socket("/", { auth: { token: 1 } });
    socket.auth = undefined;
    const events: unknown[] = [];
    socket.on("news", (n) => events.push([n, socket.recovered]));
    socket.on("connect", () => events.push(["connect", socket.recovered]));
    server.settle();
    socket.auth = { token: 1 };
    server.connection.session.abort();
    server.clock.advance(1000 + SHORTLY + SHORTLY);
    expect(server.connection.received[0]).toBe('0{"pid":"private","offset":"offset-1","token":1}');
    expect(events).toEqual([
      ["connect", false],
      [1, false],
      [2, true],
      ["connect", true],
    ]);
  });

  it("tells the server who it was although it has received nothing yet", () => {
    const socket = server.manager().socket("/");
    server.onMessage = (connection) => connection.send('0{"sid":"same","pid":"private"}');
    server.settle();
    server.connection.session.abort();
    server.clock.advance(1000 + SHORTLY + SHORTLY);
    expect([server.connection.received[0], socket.recovered]).toEqual(['0{"pid":"private"}', true]);
  });

  it("takes an offset from events alone that no acknowledgement belongs to", () => {
    offerRecovery();
    server.connected();
    server.connection.send('27["question","of a string"]', '2["news",3]');
    server.settle();
    server.connection.session.abort();
    server.clock.advance(1000 + SHORTLY + SHORTLY);
    expect(server.connection.received[0]).toBe('0{"pid":"private","offset":"offset-1"}');
  });

  it("forgets what it has seen once the server did not know it any more", () => {
    offerRecovery();
    server.connected();
    let pids = 0;
    server.onMessage = (connection) => connection.send(`0{"sid":"new","pid":"other-${++pids}"}`);
    for (const expected of ['0{"pid":"private","offset":"offset-1"}', '0{"pid":"other-1"}']) {
      server.connection.session.abort();
      server.clock.advance(1000 + SHORTLY + SHORTLY);
      expect(server.connection.received[0]).toBe(expected);
    }
  });

  it("keeps the order of what was emitted before, and by listeners of what was missed", () => {
    offerRecovery();
    const socket = server.connected();
    socket.on("news", () => socket.emit("c"));
    socket.on("connect", () => socket.emit("d"));
    server.connection.session.abort();
    server.settle();
    socket.emit("a");
    socket.emit("b");
    server.clock.advance(1000 + SHORTLY + SHORTLY);
    expect(server.connection.received.slice(1)).toEqual(['2["a"]', '2["b"]', '2["c"]', '2["d"]']);
  });

  it("says so when the server did not know it any more", () => {
    offerRecovery();
    const socket = server.connected();
    server.onMessage = (connection) => connection.send('0{"sid":"new","pid":"other"}');
    server.connection.session.abort();
    server.clock.advance(1000 + SHORTLY + SHORTLY);
    expect([socket.connected, socket.recovered]).toEqual([true, false]);
  });
});
