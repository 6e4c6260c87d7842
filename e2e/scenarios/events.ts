/** Events: what they carry, in which order, and who may listen in. */

import { expect } from "vitest";
import { bytes, flushed, inPlace, pair, scenario, settled, type Scenario } from "../harness/scenario.ts";
import { inbox, Inbox } from "../harness/waiting.ts";

const JSON_VALUES = [
  "text",
  'ünïcödé 🚢 \u2028 "quoted" \\ \u0000',
  "",
  0,
  -1.5,
  true,
  null,
  { nested: { list: [1, [2, { three: 3 }]], empty: {} } },
  [],
];

/** A window of a larger buffer: only the window may travel. */
const windowOf = (...values: number[]): Uint8Array => new Uint8Array([250, 251, ...values, 252]).subarray(2, -1);

const BINARY_ARGUMENTS = () => [
  Buffer.from([1, 2, 3]),
  { name: "file", parts: [windowOf(4, 5), { deep: new Uint8Array([255, 0]) }], size: 4 },
  [windowOf(), "between", new Uint8Array([6, 7]).buffer],
];

const expectBinaryArguments = ([buffer, object, list]: any[]): void => {
  expect(bytes(buffer)).toEqual([1, 2, 3]);
  expect(object).toMatchObject({ name: "file", size: 4 });
  expect(bytes(object.parts[0])).toEqual([4, 5]);
  expect(bytes(object.parts[1].deep)).toEqual([255, 0]);
  expect(bytes(list[0])).toEqual([]);
  expect(list[1]).toBe("between");
  expect(bytes(list[2])).toEqual([6, 7]);
};

/** Numbers 0…total-1 in batches, each batch begun when the last one has been acknowledged. */
async function stream(
  end: { emit(event: string, ...args: unknown[]): unknown; emitWithAck(event: string): Promise<unknown> },
  total: number,
): Promise<void> {
  for (let number = 0; number < total; number++) {
    const attachment = number % 10 === 0 ? [Buffer.from([number & 255, number >> 8])] : [];
    end.emit("number", number, ...attachment);
    if (number % 100 === 99) await end.emitWithAck("caught up");
  }
}

const expectNumbers = (received: unknown[][], total: number): void => {
  expect(received.map(([number]) => number)).toEqual(Array.from({ length: total }, (_, number) => number));
  for (const [number, attachment] of received as [number, unknown][]) {
    if (number % 10 === 0) expect(bytes(attachment)).toEqual([number & 255, number >> 8]);
    else expect(attachment).toBeUndefined();
  }
};

const acknowledge = (reply: () => void): void => reply();

export const eventScenarios: readonly Scenario[] = [
  scenario("the connection uses the transport that was asked for", async (context) => {
    const { socket } = await pair(context);
    if (context.transportMode !== "websocket") expect(socket.conn.request.url).toContain("transport=polling");
    await settled(context, socket);
    expect(socket.conn.transport.name).toBe(context.transportMode === "polling" ? "polling" : "websocket");
  }),

  scenario("both ends know the client by the same id, and it is not the connection's", async (context) => {
    const { client, socket } = await pair(context);
    expect(client.id).toBe(socket.id);
    expect(socket.id).not.toBe((socket.conn as unknown as { id: string }).id);
  }),

  scenario("a text event carries any JSON, in both directions", async (context) => {
    const { client, socket } = await pair(context);
    const [atServer, atClient] = [inbox(socket, "values"), inbox(client, "values")];
    await inPlace(client);
    client.emit("values", ...JSON_VALUES);
    expect(await atServer.next()).toEqual(JSON_VALUES);
    socket.emit("values", ...JSON_VALUES);
    expect(await atClient.next()).toEqual(JSON_VALUES);
  }),

  scenario("an event needs no arguments, and undefined arrives as null", async (context) => {
    const { client, socket } = await pair(context);
    const [bare, holed] = [inbox(socket, "bare"), inbox(client, "holed")];
    await inPlace(client);
    client.emit("bare");
    expect(await bare.next()).toEqual([]);
    socket.emit("holed", undefined, 1);
    expect(await holed.next()).toEqual([null, 1]);
  }),

  scenario("send() is an event named message", async (context) => {
    const { client, socket } = await pair(context);
    const [atServer, atClient] = [inbox(socket, "message"), inbox(client, "message")];
    await inPlace(client);
    client.send("ahoy", 1);
    expect(await atServer.next()).toEqual(["ahoy", 1]);
    socket.send("ahoy", 2);
    expect(await atClient.next()).toEqual(["ahoy", 2]);
  }),

  scenario("binary nested in objects and arrays travels from client to server", async (context) => {
    const { client, socket } = await pair(context);
    const received = inbox(socket, "binary");
    client.emit("binary", ...BINARY_ARGUMENTS());
    expectBinaryArguments(await received.next());
  }),

  scenario("binary nested in objects and arrays travels from server to client", async (context) => {
    const { client, socket } = await pair(context);
    const received = inbox(client, "binary");
    await inPlace(client);
    socket.emit("binary", ...BINARY_ARGUMENTS());
    expectBinaryArguments(await received.next());
  }),

  scenario("events of half a megabyte pass, text and binary, in both directions", async (context) => {
    const { client, socket } = await pair(context);
    const text = "0123456789abcdef".repeat(32 * 1024);
    const binary = Buffer.alloc(512 * 1024, "0123456789");
    for (const [from, to] of [
      [client, socket],
      [socket, client],
    ] as const) {
      const received = inbox(to, "large");
      await inPlace(client);
      from.emit("large", text);
      from.emit("large", binary);
      const [[gotText], [gotBinary]] = (await received.take(2)) as [[string], [ArrayBuffer]];
      expect(gotText === text).toBe(true);
      expect(Buffer.from(gotBinary).equals(binary)).toBe(true);
    }
  }),

  scenario(
    "2,000 events each way at once arrive in order and without loss, across the upgrade too",
    async (context) => {
      const { client, socket } = await pair(context);
      const [atServer, atClient] = [inbox(socket, "number"), inbox(client, "number")];
      socket.on("caught up", acknowledge);
      client.on("caught up", acknowledge);
      await inPlace(client);
      await Promise.all([stream(client, 2_000), stream(socket, 2_000), settled(context, socket)]);
      expectNumbers(await atServer.take(2_000), 2_000);
      expectNumbers(await atClient.take(2_000), 2_000);
      await flushed({ client, socket });
      expect([atServer.size, atClient.size]).toEqual([0, 0]);
    },
  ),

  scenario("2,000 events sent in one go arrive in order and without loss", async (context) => {
    const { client, socket } = await pair(context);
    const [atServer, atClient] = [inbox(socket, "number"), inbox(client, "number")];
    await inPlace(client);
    for (let number = 0; number < 2_000; number++) {
      client.emit("number", number);
      socket.emit("number", number);
    }
    const order = Array.from({ length: 2_000 }, (_, number) => [number]);
    expect(await atServer.take(2_000)).toEqual(order);
    expect(await atClient.take(2_000)).toEqual(order);
  }),

  scenario("once() hears one occurrence, off() ends the hearing", async (context) => {
    const { client, socket } = await pair(context);
    const [once, stopped] = [new Inbox("once"), new Inbox("stopped")];
    client.once("tick", once.put);
    client.on("tick", stopped.put);
    await inPlace(client);
    socket.emit("tick", 1);
    await flushed({ client, socket });
    client.off("tick", stopped.put);
    await inPlace(client);
    socket.emit("tick", 2);
    await flushed({ client, socket });
    expect(once.drain()).toEqual([[1]]);
    expect(stopped.drain()).toEqual([[1]]);
  }),

  scenario("catch-all listeners hear what comes in before the event's own, at both ends", async (context) => {
    const { client, socket } = await pair(context);
    for (const [from, to] of [
      [client, socket],
      [socket, client],
    ] as const) {
      const heard = new Inbox("what was heard");
      const removed = (): void => heard.put("removed");
      to.onAny((event, ...args) => heard.put("any", event, ...args));
      to.prependAny((event) => heard.put("first", event));
      to.onAny(removed);
      to.offAny(removed);
      to.on("news", (...args: unknown[]) => heard.put("own", ...args));
      await inPlace(client);
      from.emit("news", 1, "two");
      expect(await heard.take(3)).toEqual([
        ["first", "news"],
        ["any", "news", 1, "two"],
        ["own", 1, "two"],
      ]);
      to.offAny();
    }
  }),

  scenario("outgoing catch-all listeners hear what is emitted, a broadcast included", async (context) => {
    const { io, client, socket } = await pair(context);
    const [fromClient, fromServer] = [new Inbox("the client's"), new Inbox("the server's")];
    client.onAnyOutgoing(fromClient.put);
    socket.onAnyOutgoing(fromServer.put);
    await inPlace(client);
    client.emit("up", 1);
    socket.emit("down", 2);
    io.emit("all", 3);
    expect(await fromClient.next()).toEqual(["up", 1]);
    expect(await fromServer.take(2)).toEqual([
      ["down", 2],
      ["all", 3],
    ]);
    client.offAnyOutgoing();
    socket.offAnyOutgoing();
    await flushed({ client, socket });
    expect([fromClient.size, fromServer.size]).toEqual([0, 0]);
  }),

  scenario("a socket's middleware passes, changes or refuses the client's events", async (context) => {
    const { client, socket } = await pair(context);
    const [received, errors] = [inbox(socket, "order"), inbox(socket, "error")];
    socket.use((event, next) => {
      if (event[1] === "refused") return next(new Error("not for sale"));
      event[1] = `${event[1]}, checked`;
      next();
    });
    client.emit("order", "refused");
    client.emit("order", "rope");
    expect(await received.next()).toEqual(["rope, checked"]);
    const [error] = await errors.next();
    expect(error.message).toBe("not for sale");
    expect([received.size, errors.size]).toEqual([0, 0]);
  }),

  scenario("volatile events of a client that is not connected are dropped, others wait", async (context) => {
    const { io } = await context.createServer();
    const [received, connections] = [new Inbox("events"), inbox(io, "connection")];
    io.on("connection", (socket) => socket.onAny(received.put));
    const client = context.connect("/", { autoConnect: false });
    client.volatile.emit("dropped", 1);
    client.emit("kept", 2);
    client.volatile.emit("dropped", 3);
    client.connect();
    const [socket] = await connections.next();
    await flushed({ client, socket });
    expect(received.drain().map(([event]) => event)).toEqual(["kept", "fence"]);
  }),

  scenario("volatile events reach a client that keeps up, in order and at most once", async (context) => {
    const { client, socket } = await pair(context);
    const received = inbox(client, "position");
    let position = 0;
    socket.on("where?", () => socket.volatile.emit("position", position++));
    for (let asked = 0; asked < 100 && received.size < 3; asked++) {
      client.emit("where?");
      await flushed({ client, socket });
    }
    const positions = received.drain().map(([value]) => value as number);
    expect(positions.length).toBeGreaterThanOrEqual(3);
    expect(positions).toEqual([...new Set(positions)].sort((one, other) => one - other));
  }),
];
