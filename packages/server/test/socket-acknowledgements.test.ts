import { describe, expect, it, vi } from "vitest";
import { nextEvent, TestServer, until } from "./fixture.ts";

type Answer = (...args: unknown[]) => void;

describe("an acknowledgement of the client", () => {
  it("reaches the callback, once", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const answers: unknown[] = [];
    socket.emit("a", (...args: unknown[]) => answers.push(args));
    expect(await client.next()).toBe('420["a"]');
    const done = nextEvent(socket, "done");
    await client.send('430["x",1]', '430["y"]', '43123["nobody asked"]', '42["done"]');
    await done;
    expect(answers).toEqual([["x", 1]]);
    expect(socket.link.acks.size).toBe(0);
  });

  it("may be binary, or without arguments at all", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const first = socket.emitWithAck("a");
    const second = socket.emitWithAck("b");
    const third = socket.emitWithAck("c");
    await client.send('461-0[{"_placeholder":true,"num":0}]', Buffer.from([1, 2]), "431[]", "432");
    expect(await first).toEqual(Buffer.from([1, 2]));
    expect(await second).toBeUndefined();
    expect(await third).toBeUndefined();
  });

  it("counts from 0, for all sockets of a namespace together", async () => {
    const server = await TestServer.start();
    const first = await server.join();
    const second = await server.join();
    const other = await server.join("websocket", "/other");
    for (const { socket } of [first, second, other]) {
      socket.emit("a", () => {});
    }
    expect(await first.client.next()).toBe('420["a"]');
    expect(await second.client.next()).toBe('421["a"]');
    expect(await other.client.next()).toBe('42/other,0["a"]');
  });

  it("is asked for by emit(), which may have been wrapped, in emitWithAck(), too", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const emitted: unknown[] = [];
    const emit = socket.emit.bind(socket);
    socket.emit = (event: string, ...args: unknown[]) => {
      emitted.push(event);
      return emit(event, ...args);
    };
    const answers = [socket.emitWithAck("a"), socket.timeout(60_000).emitWithAck("b")];
    await client.send("430[1]", "431[2]");
    expect(await Promise.all(answers)).toEqual([1, 2]);
    expect(emitted).toEqual(["a", "b"]);
  });

  it("that does not come in time is an error, and a late one is ignored", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const answer = vi.fn<(...args: unknown[]) => void>();
    socket.timeout(10).emit("a", answer);
    const rejected = expect(socket.timeout(10).emitWithAck("b")).rejects.toThrow("operation has timed out");
    await until(() => answer.mock.calls.length > 0);
    expect(answer.mock.calls).toEqual([[expect.objectContaining({ message: "operation has timed out" })]]);
    await rejected;
    const done = nextEvent(socket, "done");
    await client.send("430[1]", "431[1]", '42["done"]');
    await done;
    expect(answer).toHaveBeenCalledTimes(1);
    expect(server.io.engine.deadlines.now()).toBeGreaterThan(0);
  });

  it("that comes in time has no error before it", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const answered = new Promise((resolve) => socket.timeout(1000).emit("a", (...args: unknown[]) => resolve(args)));
    await client.send("430[1,2]");
    expect(await answered).toEqual([null, 1, 2]);
  });

  it("never comes once the socket has left: those who take an error are told, the others forgotten", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const plain = vi.fn<(...args: unknown[]) => void>();
    const errorFirst = vi.fn<(...args: unknown[]) => void>();
    socket.emit("a", plain);
    socket.timeout(10_000).emit("b", errorFirst);
    const rejected = expect(socket.emitWithAck("c")).rejects.toThrow("socket has been disconnected");
    client.webSocket?.close();
    await rejected;
    expect(plain).not.toHaveBeenCalled();
    expect(errorFirst.mock.calls).toEqual([[expect.objectContaining({ message: "socket has been disconnected" })]]);
    expect(socket.link.acks.size).toBe(0);
    await until(() => server.io.engine.deadlines.size === 0);
  });

  it("of an event that is emitted after the socket has left never comes either", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    socket.disconnect();
    await expect(socket.emitWithAck("a")).rejects.toThrow("socket has been disconnected");
    const plain = vi.fn<(...args: unknown[]) => void>();
    socket.emit("b", plain);
    expect(socket.link.acks.size).toBe(0);
  });

  it("of one socket is not taken for that of another", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    const { client: thief, socket: thiefSocket } = await server.join();
    const answer = vi.fn<(...args: unknown[]) => void>();
    socket.emit("a", answer);
    const done = nextEvent(thiefSocket, "done");
    await thief.send('430["stolen"]', '42["done"]');
    await done;
    expect(answer).not.toHaveBeenCalled();
  });
});

describe("an acknowledgement of the server", () => {
  it("is sent when the listener calls its last argument, once", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("websocket", "/admin");
    socket.on("ask", (_question: string, answer: Answer) => {
      answer("yes", Buffer.from([1]));
      answer("no");
    });
    await client.send('42/admin,17["ask","?"]');
    expect(await client.next()).toBe('461-/admin,17["yes",{"_placeholder":true,"num":0}]');
    expect(await client.next()).toEqual(Buffer.from([1]));
    await client.send('42/admin,18["ask","?"]');
    expect(await client.next()).toMatch(/^461-\/admin,18/);
  });

  it("is not there for an event that does not ask for one", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const event = nextEvent(socket, "a");
    await client.send('42["a",1]');
    expect(await event).toEqual([1]);
  });

  it.each([0, 2 ** 53 - 1])("carries the id %d as it came", async (id) => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    socket.on("ask", (answer: Answer) => answer());
    await client.send(`42${id}["ask"]`);
    expect(await client.next()).toBe(`43${id}[]`);
  });

  it("after the socket has left is not sent", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const event = nextEvent(socket, "ask") as Promise<[Answer]>;
    await client.send('421["ask"]');
    const [answer] = await event;
    socket.disconnect();
    answer("late");
    expect(await client.next()).toBe("41");
    await client.join();
    expect(client.received.waiting).toEqual([]);
  });
});
