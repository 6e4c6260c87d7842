import { Adapter } from "@hawser/adapter";
import { describe, expect, it, vi } from "vitest";
import { nextEvent, settled, TestServer, until } from "./fixture.ts";

describe("a pattern", () => {
  it("lets clients join any namespace that matches, and no other", async () => {
    const server = await TestServer.start();
    const parent = server.io.of(/^\/room-\d+$/);
    const names: string[] = [];
    parent.on("connection", (socket) => names.push(socket.nsp.name));
    const client = await server.connect();
    await client.join("/room-1");
    await client.join("/room-22");
    await expect(client.join("/room-x")).rejects.toThrow('44/room-x,{"message":"Invalid namespace"}');
    expect(names).toEqual(["/room-1", "/room-22"]);
  });

  it("matches each time anew, although it has a state of its own", async () => {
    const server = await TestServer.start();
    server.io.of(/room/g);
    const client = await server.connect();
    for (const name of ["/room-1", "/room-2", "/room-3"]) {
      await client.join(name);
    }
    expect(server.io.of("/room-4")).not.toBe(server.io.of("/room-5"));
  });

  it("makes one child for each name, which server.of() finds", async () => {
    const server = await TestServer.start();
    const created: string[] = [];
    server.io.on("new_namespace", (namespace) => created.push(namespace.name));
    server.io.of(/^\/room-/);
    const { socket } = await server.join("websocket", "/room-1");
    const other = await server.join("websocket", "/room-1");
    expect(other.socket.nsp).toBe(socket.nsp);
    expect(server.io.of("/room-1")).toBe(socket.nsp);
    expect(created).toEqual(["/room-1"]);
  });

  it("makes server.of() create children too, with the parent's listeners", async () => {
    const server = await TestServer.start();
    const connection = vi.fn<(...args: unknown[]) => void>();
    server.io.of(/^\/room-/).on("connection", connection);
    server.io.of("/room-1");
    await server.join("websocket", "/room-1");
    expect(connection).toHaveBeenCalledTimes(1);
  });
});

describe("a function", () => {
  it("is asked with the name and what the client says, and may take its time", async () => {
    const server = await TestServer.start();
    const asked: unknown[] = [];
    server.io.of((name, auth, next) => {
      asked.push([name, auth]);
      setTimeout(next, 1, null, auth["token"] === "x");
    });
    const client = await server.connect();
    await client.join("/dynamic", { token: "x" });
    await expect(client.join("/other", { token: "y" })).rejects.toThrow("Invalid namespace");
    expect(asked).toEqual([
      ["/dynamic", { token: "x" }],
      ["/other", { token: "y" }],
    ]);
  });

  it("counts in the order in which parents were set up, and the first that says yes makes the child", async () => {
    const server = await TestServer.start();
    const asked: string[] = [];
    const parents = ["no", "error", "yes", "never asked"].map((answer) =>
      server.io.of((_name, _auth, next) => {
        asked.push(answer);
        next(answer === "error" ? new Error() : null, answer !== "no");
      }),
    );
    const connection = vi.fn<(...args: unknown[]) => void>();
    parents[2]?.on("connection", connection);
    await (await server.connect()).join("/x");
    expect(asked).toEqual(["no", "error", "yes"]);
    expect(connection).toHaveBeenCalledTimes(1);
  });

  const BROKEN: [string, (next: (error: Error | null, allow: boolean) => void) => void][] = [
    [
      "throws",
      () => {
        throw new Error("a bug");
      },
    ],
    ["rejects", (() => Promise.reject(new Error("a bug"))) as () => void],
  ];

  it.each(BROKEN)("that %s says no, and the error is told", async (_how, match) => {
    const server = await TestServer.start();
    server.io.of((_name, _auth, next) => match(next));
    const told = nextEvent(server.io, "handler_error");
    const client = await server.connect();
    await expect(client.join("/x")).rejects.toThrow("Invalid namespace");
    expect(await told).toMatchObject([{ message: "a bug" }, { phase: "namespace" }]);
  });

  it("that answers twice is heard once", async () => {
    const server = await TestServer.start();
    server.io.of((_name, _auth, next) => {
      next(null, true);
      next(null, false);
      next(null, true);
    });
    const client = await server.connect();
    await client.join("/x");
    await settled();
    expect(client.received.waiting).toEqual([]);
  });

  it("that answers when the client has left, or gone, makes nothing", async () => {
    const server = await TestServer.start();
    const answers: (() => void)[] = [];
    server.io.of((_name, _auth, next) => answers.push(() => next(null, true)));
    const leaving = await server.connect();
    await leaving.send("40/x,", "41/x,");
    const going = await server.connect();
    await going.send("40/y,");
    await until(() => answers.length === 2);
    await going.close();
    await until(() => server.io.engine.clientsCount === 1);
    await settled();
    answers.forEach((answer) => answer());
    await settled();
    expect(leaving.received.waiting).toEqual([]);
    const created: unknown[] = [];
    server.io.on("new_namespace", (namespace) => created.push(namespace.name));
    server.io.of("/x");
    expect(created).toEqual(["/x"]);
  });

  it("and a second CONNECT meanwhile have one answer", async () => {
    const server = await TestServer.start();
    const answers: (() => void)[] = [];
    server.io.of((_name, _auth, next) => answers.push(() => next(null, true)));
    const client = await server.connect();
    await client.send("40/x,", "40/x,");
    await until(() => answers.length > 0);
    answers[0]?.();
    await client.next(/^40/);
    await settled();
    expect(answers).toHaveLength(1);
    expect(client.received.waiting).toEqual([]);
  });
});

describe("a child", () => {
  it("has the middlewares and connection listeners that the parent had when it came to be", async () => {
    const server = await TestServer.start();
    const parent = server.io.of(/^\/room-/);
    const seen: string[] = [];
    const addListeners = (when: string): void => {
      parent.use((socket, next) => {
        seen.push(`${when}: middleware ${socket.nsp.name}`);
        next();
      });
      parent.on("connection", (socket) => seen.push(`${when}: connection ${socket.nsp.name}`));
    };
    addListeners("before");
    await server.join("websocket", "/room-1");
    addListeners("after");
    await server.join("websocket", "/room-1");
    await server.join("websocket", "/room-2");
    expect(seen).toEqual([
      "before: middleware /room-1",
      "before: connection /room-1",
      "before: middleware /room-1",
      "before: connection /room-1",
      "before: middleware /room-2",
      "after: middleware /room-2",
      "before: connection /room-2",
      "after: connection /room-2",
    ]);
  });

  it("stays when its last socket has left", async () => {
    const server = await TestServer.start();
    server.io.of(/^\/room-/);
    const { socket } = await server.join("websocket", "/room-1");
    socket.disconnect();
    expect(server.io.of("/room-1")).toBe(socket.nsp);
  });
});

describe("cleanupEmptyChildNamespaces", () => {
  /** A server whose children may go, and the names of those that went: their adapters are closed. */
  async function start(): Promise<{ server: TestServer; gone: string[] }> {
    const gone: string[] = [];
    class WatchedAdapter extends Adapter {
      override close(): void {
        gone.push(this.nsp.name);
      }
    }
    const server = await TestServer.start({ cleanupEmptyChildNamespaces: true, adapter: WatchedAdapter });
    return { server, gone };
  }

  it("lets a child go with its last socket", async () => {
    const { server, gone } = await start();
    server.io.of(/^\/room-/);
    const first = await server.join("websocket", "/room-1");
    const second = await server.join("websocket", "/room-1");
    first.socket.disconnect();
    await settled();
    expect(gone).toEqual([]);
    second.client.webSocket?.close();
    await until(() => gone.length > 0);
    expect(gone).toEqual(["/room-1"]);
    expect(server.io.of("/room-1")).not.toBe(first.socket.nsp);
  });

  it("lets a child go whose only client was kept out", async () => {
    const { server, gone } = await start();
    server.io.of(/^\/room-/).use((_socket, next) => next(new Error("no")));
    await expect((await server.connect()).join("/room-1")).rejects.toThrow("no");
    expect(gone).toEqual(["/room-1"]);
  });

  it("lets a child go whose only client left before it was let in, once, whatever comes of that", async () => {
    const { server, gone } = await start();
    const nexts: (() => void)[] = [];
    server.io.of(/^\/room-/).use((_socket, next) => nexts.push(next));
    const client = await server.connect();
    await client.send("40/room-1,", "41/room-1,");
    await until(() => gone.length > 0);
    await client.send("40/room-1,");
    await until(() => nexts.length === 2);
    nexts[0]?.();
    nexts[1]?.();
    await client.next(/^40/);
    expect(gone).toEqual(["/room-1"]);
    expect(server.io.of("/room-1").sockets.size).toBe(1);
  });

  it("keeps a child while somebody waits to be let in", async () => {
    const { server, gone } = await start();
    const nexts: (() => void)[] = [];
    server.io.of(/^\/room-/).use((_socket, next) => nexts.push(next));
    const [first, second] = [await server.connect(), await server.connect()];
    await first.send("40/room-1,");
    await second.send("40/room-1,");
    await until(() => nexts.length === 2);
    nexts[0]?.();
    await first.next(/^40/);
    const [socket] = [...server.io.of("/room-1").sockets.values()];
    socket?.disconnect();
    nexts[1]?.();
    await second.next(/^40/);
    expect(server.io.of("/room-1")).toBe(socket?.nsp);
    expect(gone).toEqual([]);
  });

  it("does not touch a namespace that was set up by its name", async () => {
    const { server, gone } = await start();
    const { socket } = await server.join("websocket", "/static");
    socket.disconnect();
    expect(server.io.of("/static")).toBe(socket.nsp);
    expect(gone).toEqual([]);
  });
});

describe("what is emitted on the parent", () => {
  it("reaches the sockets of all children", async () => {
    const server = await TestServer.start();
    const parent = server.io.of(/^\/room-/);
    const client = await server.connect();
    const first = await server.joinWith(client, "/room-1");
    await server.joinWith(client, "/room-2");
    void first.join("red");
    parent.emit("a", Buffer.from([1]));
    parent.to("red").emit("b");
    expect(await client.next()).toBe('451-/room-1,["a",{"_placeholder":true,"num":0}]');
    expect(await client.next()).toEqual(Buffer.from([1]));
    expect(await client.next()).toBe('451-/room-2,["a",{"_placeholder":true,"num":0}]');
    expect(await client.next()).toEqual(Buffer.from([1]));
    expect(await client.next()).toBe('42/room-1,["b"]');
    await settled();
    expect(client.received.waiting).toEqual([]);
  });

  it("can't be asked for its sockets", async () => {
    const server = await TestServer.start();
    expect(() => server.io.of(/x/).fetchSockets()).toThrow("fetchSockets() is not supported on parent namespaces");
  });
});
