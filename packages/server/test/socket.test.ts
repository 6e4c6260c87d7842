import { describe, expect, it, vi } from "vitest";
import type { Socket } from "../src/index.ts";
import { nextEvent, settled, TestServer, until } from "./fixture.ts";

type Answer = (...args: unknown[]) => void;

describe("socket.emit", () => {
  it("sends an event with its arguments", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("websocket", "/admin");
    expect(socket.emit("a", 1, "2", { b: [null, undefined] })).toBe(true);
    expect(await client.next()).toBe('42/admin,["a",1,"2",{"b":[null,null]}]');
  });

  it.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])(
    "refuses the library's own name %s",
    async (name) => {
      const server = await TestServer.start();
      const { socket } = await server.join();
      expect(() => socket.emit(name)).toThrow(`"${name}" is a reserved event name`);
      expect(() => socket.emitWithAck(name)).toThrow(`"${name}" is a reserved event name`);
    },
  );

  it("throws what can't be sent, which costs that event alone", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    expect(() => socket.emit("a", circular)).toThrow("call stack");
    expect(() => socket.emit("a", 1n)).toThrow(TypeError);
    const answer = vi.fn<(...args: unknown[]) => void>();
    expect(() => socket.emit("a", circular, answer)).toThrow("call stack");
    expect(socket.link.acks.size).toBe(0);
    socket.emit("b");
    expect(await client.next()).toBe('42["b"]');
    expect(answer).not.toHaveBeenCalled();
  });

  it("after the socket has left does nothing", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    socket.disconnect();
    expect(socket.emit("a")).toBe(true);
    expect(await client.next()).toBe("41");
    await client.join();
    expect(client.received.waiting).toEqual([]);
  });

  it("send and write send a message event", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    expect(socket.send("a").write("b", 1)).toBe(socket);
    expect(await client.next()).toBe('42["message","a"]');
    expect(await client.next()).toBe('42["message","b",1]');
  });
});

describe("an event without a name", () => {
  it("as official decoders let it pass, reaches catch-all listeners with nothing", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const events: unknown[] = [];
    socket.onAny((...event) => events.push(event));
    const done = nextEvent(socket, "done");
    await client.send("42", '42["done"]');
    await done;
    expect(events).toEqual([[], ["done"]]);
  });
});

it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "error", "on", "", "0"])(
  "an event may be named %j",
  async (name) => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const done = nextEvent(socket, "done");
    await client.send(`42[${JSON.stringify(name)},1]`, '42["done"]');
    await done;
    const event = nextEvent(socket, name);
    await client.send(`42[${JSON.stringify(name)},2]`);
    expect(await event).toEqual([2]);
  },
);

it("an event named by a number reaches the listeners of its digits", async () => {
  const server = await TestServer.start();
  const { client, socket } = await server.join();
  const event = nextEvent(socket, "7");
  await client.send("42[7,1]");
  expect(await event).toEqual([1]);
});

describe("flags", () => {
  it("count for the next event alone, even if it can't be sent", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    expect(socket.volatile).toBe(socket);
    expect(socket.compress(false)).toBe(socket);
    expect(() => socket.timeout(1).emit("disconnect")).toThrow("reserved");
    const answer = vi.fn<(...args: unknown[]) => void>();
    socket.emit("a", answer);
    await client.next('420["a"]');
    await new Promise((resolve) => setTimeout(resolve, 10));
    await client.send("430[1]");
    await until(() => answer.mock.calls.length > 0);
    expect(answer.mock.calls).toEqual([[1]]);
  });

  it("volatile: an event that can't leave at once is lost", async () => {
    const server = await TestServer.start();
    const client = server.client();
    client.handshake = JSON.parse((await client.get()).body.slice(1));
    await client.post("40");
    await client.get();
    const [socket] = [...server.io.sockets.sockets.values()] as [Socket];
    const answer = vi.fn<(...args: unknown[]) => void>();
    socket.volatile.emit("lost");
    socket.volatile.emit("lost too", answer);
    server.io.volatile.emit("lost three");
    expect(socket.link.acks.size).toBe(0);
    socket.emit("kept");
    expect((await client.get()).body).toBe('42["kept"]');
    const response = client.get();
    await until(() => socket.conn.transport.writable);
    socket.volatile.emit("in time");
    expect((await response).body).toBe('42["in time"]');
  });
});

describe("middlewares of a socket", () => {
  it("see each event before its listeners do, in order, and may change its arguments", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const seen: unknown[] = [];
    socket.use((event, next) => {
      seen.push(["first", ...event]);
      event[1] = "changed";
      setTimeout(next, 1);
    });
    socket.use((event, next) => {
      seen.push(["second", ...event]);
      next();
    });
    const event = nextEvent(socket, "a");
    await client.send('42["a",1]');
    expect(await event).toEqual(["changed"]);
    expect(seen).toEqual([
      ["first", "a", 1],
      ["second", "a", "changed"],
    ]);
  });

  const failure = new Error("no");
  const DENIERS: [string, (next: (error?: Error) => void) => unknown][] = [
    ["passes an error on", (next) => next(failure)],
    [
      "throws",
      () => {
        throw failure;
      },
    ],
    ["rejects", () => Promise.reject(failure)],
  ];

  it.each(DENIERS)("one that %s keeps the event from the listeners: the socket emits error", async (_how, deny) => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const listener = vi.fn<(...args: unknown[]) => void>();
    socket.on("a", listener);
    socket.use((event, next) => (event[0] === "a" ? deny(next) : next()));
    const error = nextEvent(socket, "error");
    await client.send('42["a"]');
    expect(await error).toEqual([failure]);
    const event = nextEvent(socket, "b");
    await client.send('42["b"]');
    await event;
    expect(listener).not.toHaveBeenCalled();
  });

  it("an error without a listener harms nobody", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    socket.use((event, next) => next(event[0] === "a" ? failure : undefined));
    const event = nextEvent(socket, "b");
    await client.send('42["a"]', '42["b"]');
    await event;
  });

  it("one that calls next twice delivers the event once", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const listener = vi.fn<(...args: unknown[]) => void>();
    const onError = vi.fn<(...args: unknown[]) => void>();
    socket.on("a", listener);
    socket.on("error", onError);
    socket.use((_event, next) => {
      next();
      next();
      next(failure);
    });
    const done = nextEvent(socket, "done");
    await client.send('42["a"]', '42["done"]');
    await done;
    expect(listener).toHaveBeenCalledTimes(1);
    expect(onError).not.toHaveBeenCalled();
  });

  it("see the acknowledgement too", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    socket.use((event) => (event[event.length - 1] as Answer)("from the middleware"));
    await client.send('421["a"]');
    expect(await client.next()).toBe('431["from the middleware"]');
  });

  it("do not deliver to a socket that has left meanwhile", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const listener = vi.fn<(...args: unknown[]) => void>();
    socket.on("a", listener);
    let goOn: (() => void) | undefined;
    socket.use((_event, next) => (goOn = next));
    await client.send('42["a"]');
    await until(() => goOn !== undefined);
    socket.disconnect();
    goOn?.();
    expect(listener).not.toHaveBeenCalled();
  });
});

describe("catch-all listeners", () => {
  it("see all that arrives, before middlewares and listeners, acknowledgements included", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const seen: unknown[] = [];
    socket.onAny((...event) => seen.push(["second", ...event]));
    socket.prependAny((...event) => seen.push(["first", ...event]));
    socket.use((_event, next) => {
      seen.push("middleware");
      next();
    });
    const event = nextEvent(socket, "a");
    await client.send('421["a",1]');
    await event;
    const ack: unknown = expect.any(Function);
    expect(seen).toEqual([["first", "a", 1, ack], ["second", "a", 1, ack], "middleware"]);
  });

  it("see all that leaves, broadcasts included, acknowledgements not", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const seen: unknown[] = [];
    socket.onAnyOutgoing((...event) => seen.push(["second", ...event]));
    socket.prependAnyOutgoing((...event) => seen.push(["first", ...event]));
    socket.on("ask", (answer: Answer) => answer());
    socket.emit("a", 1, () => {});
    server.io.emit("b");
    socket.broadcast.emit("not for me");
    await client.send('421["ask"]');
    await client.next("431[]");
    expect(seen).toEqual([
      ["first", "a", 1],
      ["second", "a", 1],
      ["first", "b"],
      ["second", "b"],
    ]);
  });

  it("may be removed and listed", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    const [one, two] = [vi.fn<(...args: unknown[]) => void>(), vi.fn<(...args: unknown[]) => void>()];
    expect(socket.onAny(one).onAny(two).offAny(one)).toBe(socket);
    expect(socket.listenersAny()).toEqual([two]);
    expect(socket.offAny().listenersAny()).toEqual([]);
    expect(socket.onAnyOutgoing(one).onAnyOutgoing(two).offAnyOutgoing(two).listenersAnyOutgoing()).toEqual([one]);
    expect(socket.offAnyOutgoing().listenersAnyOutgoing()).toEqual([]);
  });
});

describe("rooms", () => {
  it("are joined and left, and the socket's own is always among them", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    await socket.join(["a", "b"]);
    await socket.join("c");
    await socket.leave("a");
    await socket.leave("never joined");
    expect(socket.rooms).toEqual(new Set([socket.id, "b", "c"]));
  });

  it("can't be joined by a socket that has left", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    socket.disconnect();
    await socket.join("a");
    expect(socket.rooms.size).toBe(0);
    expect(server.io.sockets.adapter.rooms.size).toBe(0);
  });
});

describe("a socket leaves", () => {
  const ENDINGS: [string, (socket: Socket, server: TestServer) => void, string][] = [
    ["by disconnect()", (socket) => socket.disconnect(), "server namespace disconnect"],
    ["by disconnect(true)", (socket) => socket.disconnect(true), "server namespace disconnect"],
    ["by conn.close()", (socket) => socket.conn.close(), "forced close"],
    ["with the server", (_socket, server) => void server.io.close(), "server shutting down"],
  ];

  it.each(ENDINGS)("%s: disconnecting with its rooms, then disconnect without", async (_how, act, reason) => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    await socket.join("a");
    const seen: unknown[] = [];
    const present = (): boolean => socket.connected && server.io.sockets.sockets.has(socket.id);
    socket.on("disconnecting", (why) => seen.push(["disconnecting", why, [...socket.rooms], present()]));
    socket.on("disconnect", (why) => seen.push(["disconnect", why, [...socket.rooms]]));
    act(socket, server);
    await until(() => seen.length === 2);
    await settled();
    expect(seen).toEqual([
      ["disconnecting", reason, [socket.id, "a"], true],
      ["disconnect", reason, []],
    ]);
    expect(socket.connected).toBe(false);
    expect(server.io.sockets.sockets.size).toBe(0);
  });

  it("by disconnect(): the client is told, and its other namespaces go on", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("websocket", "/admin");
    const other = await server.joinWith(client);
    expect(socket.disconnect()).toBe(socket);
    expect(await client.next()).toBe("41/admin,");
    other.emit("still");
    await client.next('42["still"]');
  });

  it("by disconnect(true): each namespace is told, then the connection closes", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("websocket", "/admin");
    const other = await server.joinWith(client);
    const otherEnd = nextEvent(other, "disconnect");
    socket.disconnect(true);
    expect(await otherEnd).toEqual(["server namespace disconnect", undefined]);
    expect(await client.next()).toBe("41/admin,");
    expect(await client.next()).toBe("41");
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
  });

  it("once, whatever else happens in its listeners", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const onDisconnect = vi.fn<() => void>(() => {
      socket.disconnect(true);
      socket.emit("a");
      client.webSocket?.close();
    });
    socket.on("disconnecting", () => socket.disconnect());
    socket.on("disconnect", onDisconnect);
    socket.disconnect();
    await client.webSocket?.closed;
    await settled();
    expect(onDisconnect).toHaveBeenCalledTimes(1);
  });

  it("when the client says so", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const end = nextEvent(socket, "disconnect");
    await client.send("41");
    expect(await end).toEqual(["client namespace disconnect", undefined]);
  });
});
