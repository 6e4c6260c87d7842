import { describe, expect, it, vi } from "vitest";
import type { ExtendedError, NamespaceMiddleware, Server, Socket } from "../src/index.ts";
import { countWrites, nextEvent, settled, TestServer, until } from "./fixture.ts";
import { frames, upgradeRequest } from "./websocket-bytes.ts";

describe("a client joins", () => {
  it.each(["websocket", "polling"] as const)(
    "/ over %s, and is told its id, which is not the session's",
    async (transport) => {
      const server = await TestServer.start();
      const connection = nextEvent(server.io, "connection");
      const client = await server.connect(transport);
      const reply = await client.join();
      const [socket] = (await connection) as [Socket];
      expect(reply).toEqual({ sid: socket.id });
      expect(socket.id).toMatch(/^[\w-]{20}$/);
      expect(socket.id).not.toBe(client.sid);
      expect(server.io.sockets.sockets.get(socket.id)).toBe(socket);
      expect(socket.nsp).toBe(server.io.sockets);
      expect([socket.connected, socket.disconnected, socket.recovered]).toEqual([true, false, false]);
    },
  );

  it("another namespace, with what it has to say as auth", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join("websocket", "/admin", { token: "x" });
    expect(socket.nsp.name).toBe("/admin");
    expect(socket.handshake.auth).toEqual({ token: "x" });
  });

  it("with nothing to say: auth is an empty object", async () => {
    const server = await TestServer.start();
    expect((await server.join()).socket.handshake.auth).toEqual({});
  });

  it("without / too", async () => {
    const server = await TestServer.start();
    const { client } = await server.join("websocket", "/admin");
    expect(server.io.sockets.sockets.size).toBe(0);
    await client.send('42/admin,["a"]');
    await settled();
    expect(server.io.engine.clientsCount).toBe(1);
  });

  it("again after it has left, as another socket", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    await client.send("41");
    const again = await server.joinWith(client);
    expect(again.id).not.toBe(socket.id);
    expect(again.connected).toBe(true);
    expect(socket.connected).toBe(false);
  });

  it.each([
    ["/nope", "40/nope,"],
    ["/admin?x=1", "40/admin?x=1,"],
    ["/__proto__", "40/__proto__,"],
    ["/constructor", "40/constructor"],
  ])("not a namespace that does not exist, and may ask for others: %s", async (name, packet) => {
    const server = await TestServer.start();
    server.io.of("/admin");
    const client = await server.connect();
    await client.send(packet);
    expect(await client.next()).toBe(`44${name},{"message":"Invalid namespace"}`);
    await client.join("/admin");
  });

  it("in this order: it is known, connected and in its own room, then connect and connection listeners run", async () => {
    const server = await TestServer.start();
    const seen: unknown[] = [];
    for (const event of ["connection", "connect"] as const) {
      server.io.on(event, (socket) => {
        const known = server.io.sockets.sockets.get(socket.id) === socket;
        seen.push([event, known, socket.connected, [...socket.rooms].join() === socket.id]);
      });
    }
    await server.join();
    expect(seen).toEqual([
      ["connect", true, true, true],
      ["connection", true, true, true],
    ]);
  });

  it("before any of its events is delivered", async () => {
    const server = await TestServer.start();
    const event = new Promise((resolve) => server.io.on("connection", (socket) => socket.on("a", resolve)));
    const tcp = await server.tcp();
    tcp.write(upgradeRequest());
    await tcp.until("}");
    tcp.write(frames("40", '42["a",1]'));
    expect(await event).toBe(1);
  });
});

describe("CONNECT and what the connection handler emits", () => {
  const handler = (socket: Socket): void => {
    socket.emit("a");
    socket.emit("b", Buffer.from([1]));
    socket.broadcast.emit("not for me");
    socket.nsp.emit("c");
  };

  it("leave in one write over a WebSocket, CONNECT first", async () => {
    const server = await TestServer.start();
    server.io.on("connection", handler);
    const writes = countWrites(server.http);
    const tcp = await server.tcp();
    tcp.write(upgradeRequest());
    await tcp.until("}");
    const before = writes();
    tcp.write(frames("40"));
    const received = await tcp.until('["c"]');
    expect(writes() - before).toBe(1);
    const order = ['40{"sid":', '42["a"]', '451-["b",', "\x01", '42["c"]'].map((part) => received.indexOf(part));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(order[0]).toBeGreaterThanOrEqual(0);
  });

  it("leave in one response over polling", async () => {
    const server = await TestServer.start();
    server.io.on("connection", handler);
    const client = server.client();
    client.handshake = JSON.parse((await client.get()).body.slice(1));
    const response = client.get();
    await client.post("40");
    const packets = (await response).body.split("\x1e");
    expect(packets[0]).toMatch(/^40\{"sid"/);
    expect(packets.slice(1)).toEqual(['42["a"]', '451-["b",{"_placeholder":true,"num":0}]', "bAQ==", '42["c"]']);
  });
});

describe("middlewares", () => {
  it("run in the order in which they were added, before anybody is told of the socket", async () => {
    const server = await TestServer.start();
    const seen: unknown[] = [];
    server.io.use((socket, next) => {
      seen.push(["first", socket.connected, server.io.sockets.sockets.size]);
      setTimeout(next, 1);
    });
    server.io.of("/").use((_socket, next) => {
      seen.push("second");
      next();
    });
    server.io.on("connection", () => seen.push("connection"));
    await server.join();
    expect(seen).toEqual([["first", false, 0], "second", "connection"]);
  });

  it("of a namespace do not run for others", async () => {
    const server = await TestServer.start();
    const middleware = vi.fn<NamespaceMiddleware<Socket>>((_socket, next) => next());
    server.io.use(middleware);
    await server.join("websocket", "/other");
    expect(middleware).not.toHaveBeenCalled();
  });

  it("that are added while one runs count for the next client", async () => {
    const server = await TestServer.start();
    const late = vi.fn<NamespaceMiddleware<Socket>>((_socket, next) => next());
    server.io.use((_socket, next) => {
      server.io.use(late);
      next();
    });
    await server.join();
    expect(late).not.toHaveBeenCalled();
    await server.join();
    expect(late).toHaveBeenCalledTimes(1);
  });

  const denial: ExtendedError = Object.assign(new Error("not authorized"), { data: { reason: "token" } });
  type Middleware = (socket: Socket, next: (error?: ExtendedError) => void) => unknown;
  const DENIERS: [string, Middleware][] = [
    ["passes an error on", (_socket, next) => next(denial)],
    ["passes one on later", (_socket, next) => setTimeout(next, 1, denial)],
    [
      "throws",
      () => {
        throw denial;
      },
    ],
    ["rejects", () => Promise.reject(denial)],
    [
      "throws after a while",
      async () => {
        await settled();
        throw denial;
      },
    ],
  ];

  it.each(DENIERS)("one that %s keeps the client out, and tells it why", async (_how, middleware) => {
    const server = await TestServer.start();
    const connection = vi.fn<(...args: unknown[]) => void>();
    server.io.of("/admin").on("connection", connection);
    server.io.of("/admin").use(middleware);
    const client = await server.connect();
    await client.send("40/admin,");
    expect(await client.next()).toBe('44/admin,{"message":"not authorized","data":{"reason":"token"}}');
    expect(connection).not.toHaveBeenCalled();
    expect(server.io.of("/admin").sockets.size).toBe(0);
    await client.join("/");
  });

  it("the client learns no more than there is: no data, no key", async () => {
    const server = await TestServer.start();
    server.io.use((_socket, next) => next(new Error("no")));
    const client = await server.connect();
    await client.send("40");
    expect(await client.next()).toBe('44{"message":"no"}');
  });

  it("data may be whatever JSON expresses", async () => {
    const server = await TestServer.start();
    const error = Object.assign(new Error("no"), { data: "text" });
    server.io.use((_socket, next) => next(error));
    const client = await server.connect();
    await client.send("40");
    expect(await client.next()).toBe('44{"message":"no","data":"text"}');
  });

  it.each([
    ["in the middleware", (next: (error: Error) => void, error: Error) => next(error)],
    ["later", (next: (error: Error) => void, error: Error) => setTimeout(next, 1, error)],
  ])("data that can't be sent, passed on %s, is left out, and the error is told", async (_when, pass) => {
    const server = await TestServer.start();
    const told = nextEvent(server.io, "handler_error");
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    server.io.use((_socket, next) => pass(next, Object.assign(new Error("no"), { data: circular })));
    const client = await server.connect();
    await client.send("40");
    expect(await client.next()).toBe('44{"message":"no"}');
    expect(await told).toMatchObject([expect.any(TypeError), { phase: "middleware" }]);
  });

  it("whatever is passed on is told as a message", async () => {
    const server = await TestServer.start();
    server.io.use((_socket, next) => next("plain words" as unknown as Error));
    const client = await server.connect();
    await client.send("40");
    expect(await client.next()).toBe('44{"message":"plain words"}');
  });

  it("one that calls next twice is heard once", async () => {
    const server = await TestServer.start();
    const connection = vi.fn<(...args: unknown[]) => void>();
    server.io.on("connection", connection);
    server.io.use((_socket, next) => {
      next();
      next(new Error("no"));
      next();
    });
    const { client } = await server.join();
    await settled();
    expect(connection).toHaveBeenCalledTimes(1);
    expect(client.received.waiting).toEqual([]);
  });

  it("one that fails after it has let the client in changes nothing, but the error is told", async () => {
    const server = await TestServer.start();
    const told = nextEvent(server.io, "handler_error");
    server.io.use((_socket, next) => {
      next();
      throw new Error("too late");
    });
    const { client, socket } = await server.join();
    expect(await told).toMatchObject([{ message: "too late" }, { phase: "middleware" }]);
    await settled();
    expect(socket.connected).toBe(true);
    expect(client.received.waiting).toEqual([]);
  });

  it("may put the socket into rooms, which it leaves if it is kept out", async () => {
    const server = await TestServer.start();
    let allow = true;
    server.io.use(async (socket, next) => {
      await socket.join("lobby");
      next(allow ? undefined : new Error("no"));
    });
    const { socket } = await server.join();
    expect(socket.rooms).toEqual(new Set(["lobby", socket.id]));
    allow = false;
    await expect((await server.connect()).join()).rejects.toThrow("no");
    expect(server.io.sockets.adapter.rooms.get("lobby")).toEqual(new Set([socket.id]));
    expect(server.io.sockets.adapter.sids.size).toBe(1);
  });

  it("a client that leaves, or goes, meanwhile is let in by nobody, and nothing is left of it", async () => {
    const server = await TestServer.start();
    const connection = vi.fn<(...args: unknown[]) => void>();
    server.io.on("connection", connection);
    const waiting: { socket: Socket; next: () => void }[] = [];
    server.io.use((socket, next) => {
      void socket.join("lobby");
      waiting.push({ socket, next });
    });
    const leaving = await server.connect();
    await leaving.send("40", "41");
    const going = await server.connect();
    await going.send("40");
    await until(() => waiting.length === 2);
    await going.close();
    await until(() => server.io.engine.clientsCount === 1);
    await settled();
    for (const { socket, next } of waiting) {
      void socket.join("late");
      next();
    }
    await settled();
    expect(connection).not.toHaveBeenCalled();
    expect(server.io.sockets.sockets.size).toBe(0);
    expect(server.io.sockets.adapter.sids.size).toBe(0);
    expect(server.io.sockets.adapter.rooms.size).toBe(0);
    expect(leaving.received.waiting).toEqual([]);
  });

  it("a second CONNECT while one is looked at has the same answer", async () => {
    const server = await TestServer.start();
    const nexts: (() => void)[] = [];
    server.io.use((_socket, next) => nexts.push(next));
    const client = await server.connect();
    await client.send("40", "40");
    await until(() => nexts.length > 0);
    await settled();
    nexts[0]?.();
    await client.next(/^40/);
    await settled();
    expect(nexts).toHaveLength(1);
    expect(client.received.waiting).toEqual([]);
  });

  it("an event while a CONNECT is looked at ends the session", async () => {
    const server = await TestServer.start();
    server.io.use(() => {});
    const client = await server.connect();
    await client.send("40", '42["a"]');
    await client.webSocket?.closed;
    await until(() => server.io.engine.clientsCount === 0);
  });
});

describe("another server sends an event", () => {
  it("which the namespace's listeners hear", async () => {
    const { io } = await TestServer.start();
    const heard = vi.fn<(...args: unknown[]) => void>();
    io.on("moved", heard);
    io.sockets._onServerSideEmit(["moved", "ada", 1]);
    expect(heard.mock.calls).toEqual([["ada", 1]]);
  });

  it("which may not be one that the library emits itself", async () => {
    const { io } = await TestServer.start();
    const heard = vi.fn<(...args: unknown[]) => void>();
    for (const event of ["connect", "connection", "new_namespace"] as const) {
      io.on(event, heard);
      io.sockets._onServerSideEmit([event, {}]);
    }
    expect(heard).not.toHaveBeenCalled();
  });

  it.each(["moved", "error"])("%s, and what that brings about harms nobody", async (event) => {
    const { io } = await TestServer.start();
    io.on("moved", () => {
      throw new Error("of the listener");
    });
    const told = nextEvent(io, "handler_error");
    io.sockets._onServerSideEmit([event, new Error("of the listener")]);
    expect(await told).toMatchObject([{ message: "of the listener" }, { phase: "event", event }]);
  });
});

describe("other servers are asked", () => {
  it("and what the callback throws is told", async () => {
    const { io } = await TestServer.start();
    io.sockets.adapter.serverSideEmit = (packet) => (packet.at(-1) as (...args: unknown[]) => void)(null, [1, 2]);
    const told = nextEvent(io, "handler_error");
    io.serverSideEmit("count", (_error: unknown, [first]: number[]) => {
      throw new Error(`of the callback: ${first}`);
    });
    expect(await told).toMatchObject([{ message: "of the callback: 1" }, { phase: "acknowledgement" }]);
  });

  it("by serverSideEmitWithAck, which rejects with the answers that came", async () => {
    const { io } = await TestServer.start();
    const answer = (error: Error | null): void => {
      io.sockets.adapter.serverSideEmit = (packet) => (packet.at(-1) as (...args: unknown[]) => void)(error, [1]);
    };
    answer(null);
    expect(await io.serverSideEmitWithAck("count")).toEqual([1]);
    answer(new Error("late"));
    await expect(io.serverSideEmitWithAck("count")).rejects.toMatchObject({ message: "late", responses: [1] });
  });
});

describe("the adapter fails", () => {
  it("when a socket is put into its room: the client is let in all the same, and the error is told", async () => {
    const server = await TestServer.start();
    const { adapter } = server.io.sockets;
    adapter.addAll = () => {
      throw new Error("no rooms");
    };
    const told = nextEvent(server.io, "handler_error");
    const client = await server.connect();
    await client.send("40");
    expect(await told).toMatchObject([{ message: "no rooms" }, { phase: "adapter" }]);
    await client.next(/^40/);
  });

  it("later: the error is told, and the process lives", async () => {
    const server = await TestServer.start();
    server.io.sockets.adapter.addAll = () => Promise.reject(new Error("no rooms"));
    const told = nextEvent(server.io, "handler_error");
    await server.connect().then((client) => client.join());
    expect(await told).toMatchObject([{ message: "no rooms" }, { phase: "adapter" }]);
  });

  const calls: [
    "broadcast" | "addSockets" | "delSockets" | "disconnectSockets" | "serverSideEmit",
    (io: Server) => unknown,
  ][] = [
    ["broadcast", (io) => io.emit("x")],
    ["broadcast", (io) => [...io.sockets.sockets.values()][0]?.emit("x")],
    ["addSockets", (io) => io.socketsJoin("red")],
    ["delSockets", (io) => io.in("red").socketsLeave("red")],
    ["disconnectSockets", (io) => io.disconnectSockets()],
    ["serverSideEmit", (io) => io.serverSideEmit("x")],
  ];

  it.each(calls)("later, at %s: the error is told, and the process lives", async (method, call) => {
    const server = await TestServer.start({ connectionStateRecovery: {} });
    await server.join();
    server.io.sockets.adapter[method] = () => Promise.reject(new Error("no network"));
    const told = nextEvent(server.io, "handler_error");
    call(server.io);
    expect(await told).toMatchObject([{ message: "no network" }, { phase: "adapter" }]);
  });

  it("later, in a child of the namespace that broadcasts: the error is told, and the process lives", async () => {
    const server = await TestServer.start();
    const parent = server.io.of(/child/);
    const { adapter } = server.io.of("/child");
    adapter.broadcast = () => Promise.reject(new Error("no network"));
    const told = nextEvent(server.io, "handler_error");
    parent.emit("x");
    expect(await told).toMatchObject([{ message: "no network" }, { phase: "adapter" }]);
  });

  it("when a socket leaves: its listeners are told all the same, and the connection's other sockets too", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const other = await server.joinWith(client, "/other");
    server.io.sockets.adapter.delAll = () => {
      throw new Error("no rooms");
    };
    const told = nextEvent(server.io, "handler_error");
    const ends = Promise.all([socket, other].map((each) => nextEvent(each, "disconnect")));
    client.webSocket?.close();
    expect(await told).toMatchObject([{ message: "no rooms" }, { phase: "adapter" }]);
    await ends;
    expect(server.io.sockets.sockets.size).toBe(0);
    expect(server.io.engine.clientsCount).toBe(0);
  });
});
