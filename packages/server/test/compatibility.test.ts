/** The names that packages written for Socket.IO reach for, one by one. `e2e/test/official-adapter.test.ts` has such packages reach for them. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Adapter, type AdapterLike, type RestoredSession } from "@hawser/adapter";
import { DeadlineQueue, Acks } from "@hawser/core";
import { FakeClock, RawClient } from "@hawser/testing";
import type { Frame } from "@hawser/parser";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { AckTable } from "../src/compatibility/ack-table.ts";
import { BroadcastOperator, Namespace, Server, Socket } from "../src/index.ts";
import { countWrites, sessionOf, settled, TestServer, until } from "./fixture.ts";

describe("server", () => {
  it("_nsps: the namespaces by their names, for the admin UI", async () => {
    const { io } = await TestServer.start();
    const admin = io.of("/admin");
    expect([...io._nsps]).toEqual([
      ["/", io.sockets],
      ["/admin", admin],
    ]);
  });

  it("_nsps: what is deleted there is gone, and asking for the name makes a new one", async () => {
    const server = await TestServer.start();
    const { io } = server;
    const { client, socket } = await server.join("websocket", "/room");
    const former = io.of("/room");
    io._nsps.delete("/room");
    const late = await server.connect();
    await expect(late.join("/room")).rejects.toThrow("Invalid namespace");
    const present = io.of("/room");
    expect(present).not.toBe(former);
    await late.join("/room");
    expect([former.sockets.size, present.sockets.size]).toEqual([1, 1]);
    present.emit("to the new one");
    former.emit("to the former one");
    expect(await late.next()).toBe('42/room,["to the new one"]');
    expect(await client.next()).toBe('42/room,["to the former one"]');
    expect(socket.connected).toBe(true);
  });

  it("_nsps: a child that is deleted there leaves its parent when it is empty, if those are cleaned up", async () => {
    const server = await TestServer.start({ cleanupEmptyChildNamespaces: true });
    const { io } = server;
    const parent = io.of(/^\/room/);
    const { client, socket } = await server.join("websocket", "/room1");
    io._nsps.delete("/room1");
    const broadcast = vi.spyOn(socket.nsp.adapter, "broadcast");
    parent.emit("x");
    expect(broadcast).toHaveBeenCalledTimes(1);
    await client.send("41/room1,");
    await until(() => !socket.connected);
    parent.emit("x");
    expect(broadcast).toHaveBeenCalledTimes(1);
  });

  it("eio: the engine, once there is one", async () => {
    expect(new Server().eio).toBeUndefined();
    const { io } = await TestServer.start();
    expect(io.eio).toBe(io.engine);
  });

  it("opts, and _opts: the options, with the defaults of recovery", () => {
    const given = { pingTimeout: 1234, connectionStateRecovery: { maxPackets: 5 } };
    const io = new Server(given);
    expect(io.opts).toEqual({
      pingTimeout: 1234,
      connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true, maxPackets: 5 },
    });
    expect(io._opts).toBe(io.opts);
    expect(given).toEqual({ pingTimeout: 1234, connectionStateRecovery: { maxPackets: 5 } });
    const strict = { maxDisconnectionDuration: 10, skipMiddlewares: false };
    expect(new Server({ connectionStateRecovery: strict }).opts.connectionStateRecovery).toEqual(strict);
    expect(new Server({}).opts.connectionStateRecovery).toBeUndefined();
  });

  it("encoder: there before the adapter of the first namespace is made, and encodes packets", () => {
    const encoders: unknown[] = [];
    const io = new Server({
      adapter: (nsp) => {
        encoders.push((nsp as Namespace).server.encoder);
        return new Adapter(nsp);
      },
    });
    expect(encoders).toEqual([io.encoder]);
    expect(io.encoder.encode({ type: 2, nsp: "/chat", data: ["x"] })).toEqual(['2/chat,["x"]']);
  });

  it("_parser: the parser, whose encoder and decoder can be made", () => {
    const { Encoder, Decoder } = new Server()._parser;
    const decoded = vi.fn<(packet: unknown) => void>();
    const decoder = new Decoder();
    decoder.on("decoded", decoded);
    for (const frame of new Encoder().encode({ type: 2, nsp: "/", data: ["x"] }) as Frame[]) {
      decoder.add(frame);
    }
    expect(decoded).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ nsp: "/", data: ["x"] }));
  });

  it("engine: none before the server is attached, so that the options of attaching count", async () => {
    const io = new Server();
    expect(io.engine).toBeUndefined();
    const http = createServer();
    io.attach(http, { pingInterval: 4321 });
    onTestFinished(() => io.close());
    expect(io.engine.opts.pingInterval).toBe(4321);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const client = new RawClient(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    expect((await client.connect()).pingInterval).toBe(4321);
    await client.close();
  });
});

describe("namespace", () => {
  it("_ids: the next acknowledgement id, which whoever takes it counts on", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const nsp = server.io.sockets;
    expect(nsp._ids).toBe(0);
    socket.emit("own", () => {});
    await client.next('420["own"]');
    expect(nsp._ids++).toBe(1);
    socket.emit("own", () => {});
    await client.next('422["own"]');
    nsp._ids = 40;
    socket.emit("own", () => {});
    await client.next('4240["own"]');
  });

  it("_onServerSideEmit: calls the listeners of what another server has sent", async () => {
    const { io } = await TestServer.start();
    const listener = vi.fn<(...args: unknown[]) => void>();
    io.on("moved" as "connection", listener);
    io.sockets._onServerSideEmit(["moved", 1, 2]);
    expect(listener).toHaveBeenCalledExactlyOnceWith(1, 2);
  });
});

describe("client.writeToEngine", () => {
  it("sends frames that an adapter has encoded, over every transport", async () => {
    const server = await TestServer.start({ allowEIO3: true });
    for (const { client, socket } of [await server.join(), await server.join("polling")]) {
      socket.client.writeToEngine(['51-["x",{"_placeholder":true,"num":0}]', Buffer.from([1, 2])], {
        preEncoded: true,
      });
      expect(await client.next()).toBe('451-["x",{"_placeholder":true,"num":0}]');
      const attachment = await client.next();
      expect(typeof attachment === "string" ? attachment : [...attachment]).toEqual(
        typeof attachment === "string" ? "bAQI=" : [1, 2],
      );
    }
  });

  it("sends one frame by itself, too", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    socket.client.writeToEngine('2["x"]', {});
    socket.client.writeToEngine(Buffer.from([1]), {});
    expect([await client.next(), await client.next()]).toEqual(['42["x"]', Buffer.from([1])]);
  });

  it("builds one frame for all recipients that share the array", async () => {
    const server = await TestServer.start();
    const written = writtenTo(server);
    const sockets = [(await server.join()).socket, (await server.join()).socket, (await server.join()).socket];
    await settled();
    written.length = 0;
    const shared = ['2["shared"]'];
    for (const { client } of sockets) {
      client.writeToEngine(shared, {});
    }
    await settled();
    expect(written).toHaveLength(3);
    expect(String(written[0])).toContain('42["shared"]');
    expect(new Set(written).size).toBe(1);
    sockets[0]?.client.writeToEngine(['2["shared"]'], {});
    await settled();
    expect(new Set(written).size).toBe(2);
  });

  it("writes what is sent in one tick at once", async () => {
    const server = await TestServer.start();
    const writes = countWrites(server.http);
    const { client, socket } = await server.join();
    await settled();
    const before = writes();
    socket.client.writeToEngine(['2["a"]'], {});
    socket.emit("b");
    socket.client.writeToEngine(['2["c"]'], {});
    expect([await client.next(), await client.next(), await client.next()]).toEqual(['42["a"]', '42["b"]', '42["c"]']);
    expect(writes() - before).toBe(1);
  });

  it("loses what is volatile if the client can't take it at once", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    socket.emit("fills the response");
    sessionOf(socket).flush();
    socket.client.writeToEngine(['2["lost"]'], { volatile: true });
    socket.client.writeToEngine(['2["kept"]'], {});
    expect(await client.next()).toBe('42["fills the response"]');
    expect(await client.next()).toBe('42["kept"]');
  });

  it("hands on whether the transport may compress", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    const packets: unknown[] = [];
    socket.conn.on("packetCreate", (packet) => packets.push(packet));
    socket.client.writeToEngine(['2["a"]'], { compress: false });
    socket.client.writeToEngine(['2["b"]'], {});
    expect(packets).toMatchObject([
      { data: '2["a"]', options: { compress: false } },
      { data: '2["b"]', options: { compress: true } },
    ]);
  });

  it("does nothing once the connection is over", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    sessionOf(socket).abort();
    expect(() => socket.client.writeToEngine(['2["late"]'], {})).not.toThrow();
  });
});

describe("socket.acks", () => {
  it("calls what was left there with the client's answer, once", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const answers: unknown[][] = [];
    expect(socket.acks.set(7, (...args) => answers.push(args)).has(7)).toBe(true);
    expect(socket.acks.has(8)).toBe(false);
    await client.send('437["first",2]', '437["again"]', '42["end"]');
    await new Promise<void>((resolve) => socket.on("end", resolve));
    expect(answers).toEqual([["first", 2]]);
    expect(socket.acks.has(7)).toBe(false);
  });

  it("knows the acknowledgements that the library waits for itself", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    const callback = vi.fn<(...args: unknown[]) => void>();
    const id = server.io.sockets._ids;
    socket.timeout(1000).emit("ask", callback);
    expect(socket.acks.has(id)).toBe(true);
    socket.acks.get(id)?.("answered here");
    expect(callback).toHaveBeenCalledExactlyOnceWith(null, "answered here");
    expect(socket.acks.get(id)).toBeUndefined();
  });

  it("forgets what is deleted", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const callback = vi.fn<(...args: unknown[]) => void>();
    socket.acks.set(7, callback);
    expect(socket.acks.delete(7)).toBe(true);
    expect(socket.acks.delete(7)).toBe(false);
    await client.send('437["late"]', '42["end"]');
    await new Promise<void>((resolve) => socket.on("end", resolve));
    expect(callback).not.toHaveBeenCalled();
  });

  it("waits for ten minutes, and not for ever", () => {
    const clock = new FakeClock();
    const acks = new Acks(new DeadlineQueue(clock), (callback, args) => callback(...args));
    const callback = vi.fn<(...args: unknown[]) => void>();
    const table = new AckTable(acks).set(1, callback);
    clock.advance(10 * 60_000 - 1);
    expect(table.has(1)).toBe(true);
    clock.advance(1);
    expect([table.has(1), acks.size]).toEqual([false, 0]);
    expect(callback).not.toHaveBeenCalled();
  });

  it("is empty once the socket has left", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    socket.acks.set(7, () => {});
    socket.disconnect();
    expect(socket.acks.has(7)).toBe(false);
  });

  it("reports what a callback that was left there throws", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const told = new Promise<unknown[]>((resolve) => server.io.on("handler_error", (...args) => resolve(args)));
    const error = new Error("thrown");
    socket.acks.set(7, () => {
      throw error;
    });
    await client.send("437[]");
    expect(await told).toEqual([error, expect.objectContaining({ phase: "acknowledgement" })]);
  });
});

describe("client", () => {
  it("server: the server", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    expect(socket.client.server).toBe(server.io);
  });

  it("_disconnect: leaves all namespaces, and closes the connection", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    await server.joinWith(client, "/other");
    socket.client._disconnect();
    expect([await client.next(), await client.next()]).toEqual(["41", "41/other,"]);
    await until(() => server.io.engine.clientsCount === 0);
  });
});

describe("socket", () => {
  it("server: the server", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join("websocket", "/chat");
    expect(socket.server).toBe(server.io);
  });

  it("leaveAll: leaves all rooms, that of its id, too, and may join others", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    void socket.join(["red", "blue"]);
    socket.leaveAll();
    expect([...socket.rooms]).toEqual([]);
    void socket.join("green");
    expect([[...socket.rooms], socket.connected]).toEqual([["green"], true]);
  });

  it("adapter: the one of its namespace, also after it was changed", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join("websocket", "/chat");
    expect(socket.adapter).toBe(server.io.of("/chat").adapter);
    expect((socket.adapter as Adapter).nsp.name).toBe("/chat");
    server.io.adapter(class extends Adapter {});
    expect(socket.adapter).toBe(server.io.of("/chat").adapter);
  });

  it("notifyOutgoingListeners: tells the onAnyOutgoing listeners, and nobody else", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const listener = vi.fn<(...args: unknown[]) => void>();
    socket.onAnyOutgoing(listener);
    socket.notifyOutgoingListeners({ data: ["x", 1] });
    expect(listener).toHaveBeenCalledExactlyOnceWith("x", 1);
    socket.emit("end");
    expect(await client.next()).toBe('42["end"]');
  });

  it.each([
    ["on", Socket.prototype, "on"],
    ["emit", Socket.prototype, "emit"],
    ["emit of an operator", BroadcastOperator.prototype, "emit"],
    ["on of the server", Server.prototype, "on"],
  ] as [string, object, string][])("%s: the prototype's own, for instrumentation", (_title, prototype, name) => {
    expect(Object.getOwnPropertyDescriptor(prototype, name)).toMatchObject({ configurable: true, writable: true });
  });

  it("on: what is patched there is what listeners are added by, to sockets alone", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const original = Socket.prototype.on as (...args: unknown[]) => Socket;
    onTestFinished(() => void (Socket.prototype.on = original as never));
    const patched: unknown[] = [];
    Socket.prototype.on = function (this: Socket, event: string, listener: (...args: unknown[]) => void) {
      patched.push([event, this.adapter.sids.has(this.id)]);
      return original.call(this, event, (...args: unknown[]) => listener("seen", ...args));
    } as never;
    const heard = new Promise<unknown[]>((resolve) => socket.on("x", (...args: unknown[]) => resolve(args)));
    server.io.on("connection", () => {});
    await client.send('42["x",1]');
    expect(await heard).toEqual(["seen", 1]);
    expect(patched).toEqual([["x", true]]);
  });
});

it("a broadcast tells whom it is for: adapter, rooms, exceptRooms, flags", async () => {
  const { io } = await TestServer.start();
  const operator = io.of("/chat").to(["a", "b"]).except("c").volatile.compress(true);
  expect(operator.adapter).toBe(io.of("/chat").adapter);
  expect([...operator.rooms]).toEqual(["a", "b"]);
  expect([...operator.exceptRooms]).toEqual(["c"]);
  expect(operator.flags).toEqual({ volatile: true, compress: true });
});

describe("restoreSession of a foreign adapter", () => {
  /** A server whose adapter keeps an encoder, as those of Socket.IO do, and what becomes of a client that comes back. */
  async function comeBack(
    restore: AdapterLike["restoreSession"],
    { offset = "1", foreign = true }: { offset?: string | undefined; foreign?: boolean } = {},
  ): Promise<{ pid: string | undefined; calls: unknown[][]; errors: unknown[] }> {
    const calls: unknown[][] = [];
    const errors: unknown[] = [];
    class Restoring extends Adapter {
      override restoreSession(...args: [string, string | undefined]): Promise<RestoredSession | null | undefined> {
        calls.push(args);
        return restore(...args);
      }
    }
    const adapter = (nsp: Namespace): AdapterLike =>
      Object.assign(new Restoring(nsp), foreign ? { encoder: nsp.server.encoder } : {});
    const server = await TestServer.start({ connectionStateRecovery: {}, adapter: adapter as never });
    server.io.on("handler_error", (error) => errors.push(error));
    const client = await server.connect();
    const { pid } = await client.join("/", { pid: "lost", ...(offset === "" ? {} : { offset }) });
    return { pid, calls, errors };
  }

  it("that rejects with a text has no such session", async () => {
    const { pid, calls, errors } = await comeBack(() => Promise.reject("session or offset not found"));
    expect(pid).not.toBe("lost");
    expect([calls, errors]).toEqual([[["lost", "1"]], []]);
  });

  it("that answers at once with null has no such session", async () => {
    const { pid, errors } = await comeBack(() => null as never);
    expect([pid === "lost", errors]).toEqual([false, []]);
  });

  it("that rejects with an error is reported, and the client is let in as a new one", async () => {
    const error = new Error("no network");
    const { pid, errors } = await comeBack(() => Promise.reject(error));
    expect([pid === "lost", errors]).toEqual([false, [error]]);
  });

  it("is not called without an offset", async () => {
    const { pid, calls } = await comeBack(() => Promise.reject(new Error("not expected")), { offset: "" });
    expect([pid === "lost", calls]).toEqual([false, []]);
  });

  it("but one of hawser's is", async () => {
    const { calls } = await comeBack(() => Promise.resolve(null), { offset: "", foreign: false });
    expect(calls).toEqual([["lost", undefined]]);
  });
});

describe("an event that a middleware sends before it lets the client in", () => {
  it.each([
    ["without recovery", {}],
    ["with recovery", { connectionStateRecovery: {} }],
  ])("leaves before CONNECT, where clients wait for it, %s", async (_title, options) => {
    const server = await TestServer.start(options);
    server.io.use(async (socket, next) => {
      await settled();
      socket.emit("session", "id");
      next();
    });
    const client = await server.connect();
    await client.send("40");
    expect(await client.next()).toBe('42["session","id"]');
    expect(await client.next()).toMatch(/^40\{/);
  });
});

/** What is written to the connections of a server from now on. */
function writtenTo(server: TestServer): unknown[] {
  const written: unknown[] = [];
  server.http.on("connection", (connection) => {
    const write = connection.write.bind(connection) as (...args: unknown[]) => boolean;
    connection.write = (...args: unknown[]) => {
      written.push(args[0]);
      return write(...args);
    };
  });
  return written;
}
