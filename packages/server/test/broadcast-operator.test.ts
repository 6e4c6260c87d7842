import { beforeEach, describe, expect, it, vi } from "vitest";
import { deadlinesByHand, nextEvent, settled, TestServer, until, type Joined } from "./fixture.ts";

let server: TestServer;
let a: Joined;
let b: Joined;
let c: Joined;

beforeEach(async () => {
  server = await TestServer.start();
  [a, b, c] = [await server.join(), await server.join("polling"), await server.join()];
  await a.socket.join(["red", "all"]);
  await b.socket.join(["red", "blue", "all"]);
  await c.socket.join(["blue", "all"]);
});

/** The names of those who received an event, each as often as it did, once all that was sent has arrived. */
async function recipients(): Promise<string> {
  server.io.emit("end");
  const counts = await Promise.all(
    Object.entries({ a, b, c }).map(async ([name, { client }]) => {
      await client.next('42["end"]');
      return name.repeat(client.received.waiting.length);
    }),
  );
  return counts.join("");
}

describe("an event reaches", () => {
  const WAYS: [string, () => unknown, string][] = [
    ["everybody", () => server.io.emit("x"), "abc"],
    ["everybody of a namespace", () => server.io.of("/").emit("x"), "abc"],
    ["those in a room", () => server.io.to("red").emit("x"), "ab"],
    ["those in any of several rooms, once", () => server.io.to("red").to("blue").in("all").emit("x"), "abc"],
    ["those in a list of rooms, once", () => server.io.in(["red", "blue"]).emit("x"), "abc"],
    ["nobody in a room that is not there", () => server.io.to("green").emit("x"), ""],
    ["nobody in rooms named like an object's members", () => server.io.to(["__proto__", "constructor"]).emit("x"), ""],
    ["those who are not in a room", () => server.io.except("red").emit("x"), "c"],
    ["those in one room but not in another", () => server.io.to("red").except("blue").emit("x"), "a"],
    ["not those in several", () => server.io.except(["red", "blue"]).emit("x"), ""],
    ["nobody more for an unknown exception", () => server.io.to("red").except("green").emit("x"), "ab"],
    ["one socket by its id", () => server.io.to(b.socket.id).emit("x"), "b"],
    ["all but one by its id", () => server.io.except(b.socket.id).emit("x"), "ac"],
    ["everybody of this node", () => server.io.local.emit("x"), "abc"],
    ["the others", () => a.socket.broadcast.emit("x"), "bc"],
    ["the others of this node", () => a.socket.local.emit("x"), "bc"],
    ["the others in a room", () => a.socket.to("red").emit("x"), "b"],
    ["the others in several rooms, once", () => a.socket.to("red").in("blue").emit("x"), "bc"],
    ["the others but those in a room", () => a.socket.except("blue").emit("x"), ""],
    ["those that a flag does not lose", () => server.io.compress(false).timeout(5).to("red").emit("x"), "ab"],
  ];

  it.each(WAYS)("%s", async (_whom, send, expected) => {
    send();
    expect(await recipients()).toBe(expected);
  });
});

it("send and write send a message event", async () => {
  expect(server.io.send("1").write("2")).toBe(server.io);
  server.io.of("/").send("3");
  for (const text of ["1", "2", "3"]) {
    expect(await a.client.next()).toBe(`42["message","${text}"]`);
  }
});

it("an operator may be kept and used again, and its parts do not know of each other", async () => {
  const red = server.io.to("red");
  const redAndBlue = red.to("blue");
  const notBlue = red.except("blue");
  notBlue.emit("x");
  redAndBlue.emit("x");
  red.emit("x");
  red.emit("x");
  expect(await recipients()).toBe("a".repeat(4) + "b".repeat(3) + "c");
});

it("binary data reaches all, over each transport", async () => {
  server.io.emit("x", Buffer.from([1, 2]), new Uint8Array([3]));
  for (const { client } of [a, b, c]) {
    expect(await client.next()).toBe('452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    expect(await client.next()).toEqual(Buffer.from([1, 2]));
    expect(await client.next()).toEqual(Buffer.from([3]));
  }
});

it("what is changed after it was sent is sent as it was", async () => {
  const data = { text: "before" };
  server.io.emit("x", data);
  data.text = "after";
  expect(await a.client.next()).toBe('42["x",{"text":"before"}]');
});

it("a volatile event is lost for those who can't take it at once, and no one else", async () => {
  await until(() => b.socket.conn.transport.writable);
  b.socket.emit("occupies the GET");
  await settled();
  const wasWritable = b.socket.conn.transport.writable;
  server.io.volatile.emit("x");
  await a.client.next('42["x"]');
  await c.client.next('42["x"]');
  await b.client.next('42["occupies the GET"]');
  server.io.emit("end");
  await b.client.next('42["end"]');
  expect(b.client.received.all.includes('42["x"]')).toBe(wasWritable);
});

it("the library's own names are refused", () => {
  expect(() => server.io.emit("connect")).toThrow('"connect" is a reserved event name');
  expect(() => server.io.to("red").emit("disconnect")).toThrow('"disconnect" is a reserved event name');
  expect(() => a.socket.broadcast.emit("connect_error")).toThrow('"connect_error" is a reserved event name');
});

it("what can't be sent throws, and costs that event alone", async () => {
  expect(() => server.io.emit("x", 1n)).toThrow(TypeError);
  expect(await recipients()).toBe("");
});

it("sockets that are not connected any more receive nothing", async () => {
  c.socket.disconnect();
  server.io.emit("x");
  expect(await c.client.next()).toBe("41");
  await c.client.join();
  expect(c.client.received.waiting).toEqual([]);
});

describe("rooms of many sockets at once", () => {
  it("are joined", async () => {
    server.io.in("red").socketsJoin(["green", "yellow"]);
    server.io.socketsJoin("everybody");
    await settled();
    const { rooms } = server.io.sockets.adapter;
    expect(rooms.get("green")).toEqual(new Set([a.socket.id, b.socket.id]));
    expect(rooms.get("yellow")).toEqual(rooms.get("green"));
    expect(rooms.get("everybody")?.size).toBe(3);
  });

  it("are left", () => {
    server.io.in("red").socketsLeave(["red", "blue"]);
    expect(server.io.sockets.adapter.rooms.get("blue")).toEqual(new Set([c.socket.id]));
    expect(server.io.sockets.adapter.rooms.has("red")).toBe(false);
  });

  it("of the others, seen from a socket", () => {
    a.socket.broadcast.socketsJoin("others");
    expect(server.io.sockets.adapter.rooms.get("others")).toEqual(new Set([b.socket.id, c.socket.id]));
  });
});

describe("many sockets at once are disconnected", () => {
  it("from the namespace", async () => {
    server.io.in("red").disconnectSockets();
    expect(await a.client.next()).toBe("41");
    expect(await b.client.next()).toBe("41");
    expect([...server.io.sockets.sockets.keys()]).toEqual([c.socket.id]);
    expect(server.io.engine.clientsCount).toBe(3);
  });

  it("with their connections", async () => {
    server.io.except("red").disconnectSockets(true);
    expect(await c.client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    expect(server.io.sockets.sockets.size).toBe(2);
  });
});

describe("fetchSockets", () => {
  it("finds the sockets of this node themselves", async () => {
    expect(await server.io.fetchSockets()).toEqual([a.socket, b.socket, c.socket]);
    expect(await server.io.in("red").except("blue").fetchSockets()).toEqual([a.socket]);
    expect(await a.socket.to("red").fetchSockets()).toEqual([b.socket]);
  });

  it("allSockets finds their ids", async () => {
    expect(await server.io.allSockets()).toEqual(new Set([a.socket.id, b.socket.id, c.socket.id]));
    expect(await server.io.in("red").allSockets()).toEqual(new Set([a.socket.id, b.socket.id]));
  });
});

describe("acknowledgements of a broadcast", () => {
  it("are collected from all, in whatever order they come", async () => {
    const answers = server.io.timeout(2000).emitWithAck("x");
    for (const { client } of [c, a, b]) {
      expect(await client.next()).toBe('420["x"]');
    }
    await c.client.send('430["c"]');
    await a.client.send('430["a","more"]');
    await b.client.send('430["b"]');
    expect(new Set(await answers)).toEqual(new Set(["a", "b", "c"]));
  });

  it("are handed to a callback, with no error", async () => {
    const outcome = new Promise((resolve) =>
      server.io
        .timeout(2000)
        .to("red")
        .emit("x", (...args: unknown[]) => resolve(args)),
    );
    await a.client.next('420["x"]');
    await b.client.next('420["x"]');
    await a.client.send("430[1]");
    await b.client.send("430[2]");
    expect(await outcome).toEqual([null, expect.arrayContaining([1, 2])]);
  });

  it("that do not come in time are missing from those that the error brings", async () => {
    const clock = deadlinesByHand();
    const rejected = server.io.timeout(30).emitWithAck("x");
    const told = expect(rejected).rejects.toMatchObject({ message: "operation has timed out", responses: [1] });
    await a.client.next('420["x"]');
    const last = nextEvent(a.socket, "last");
    await a.client.send("430[1]", '42["last"]');
    await last;
    clock.advance(30);
    await told;
    await until(() => [a, b, c].every(({ socket }) => socket.link.acks.size === 0));
  });

  it("are an empty list if nobody is meant", async () => {
    expect(await server.io.to("green").timeout(1000).emitWithAck("x")).toEqual([]);
  });

  it("without a time limit of their own are waited for", async () => {
    const answers = server.io.to(a.socket.id).emitWithAck("x");
    await a.client.next('420["x"]');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await a.client.send("430[1]");
    expect(await answers).toEqual([1]);
  });

  it("of this node alone are waited for if the event is local, whatever other nodes there are", async () => {
    server.io.sockets.adapter.serverCount = () => Promise.resolve(2);
    const answers = server.io.to(a.socket.id).local.timeout(1000).emitWithAck("x");
    await a.client.next('420["x"]');
    await a.client.send("430[1]");
    expect(await answers).toEqual([1]);
  });

  it("are not waited for if the event can't be sent", async () => {
    const callback = vi.fn<(...args: unknown[]) => void>();
    expect(() => server.io.timeout(10).emit("x", 1n, callback)).toThrow(TypeError);
    await expect(server.io.timeout(10).emitWithAck("x", 1n)).rejects.toThrow(TypeError);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(callback).not.toHaveBeenCalled();
    expect(a.socket.link.acks.size).toBe(0);
  });

  it("may be binary", async () => {
    const answers = server.io.to(a.socket.id).timeout(1000).emitWithAck("x");
    await a.client.next('420["x"]');
    await a.client.send('461-0[{"_placeholder":true,"num":0}]', Buffer.from([1]));
    expect(await answers).toEqual([Buffer.from([1])]);
  });

  it("of a stranger do not count", async () => {
    const callback = vi.fn<(...args: unknown[]) => void>();
    server.io.to(a.socket.id).timeout(10_000).emit("x", callback);
    await a.client.next('420["x"]');
    await c.client.send('430["forged"]');
    await c.client.send('421["ping"]');
    await settled();
    await a.client.send('430["true"]', '430["again"]');
    await until(() => callback.mock.calls.length > 0);
    expect(callback.mock.calls).toEqual([[null, ["true"]]]);
  });
});

it("a broadcast waits for acknowledgements as long as the option says, unless timeout() says otherwise", async () => {
  const other = await TestServer.start({ broadcastAckTimeout: 20 });
  const { socket } = await other.join();
  await expect(other.io.to(socket.id).emitWithAck("x")).rejects.toMatchObject({
    code: "ERR_ACK_TIMEOUT",
    responses: [],
  });
});
