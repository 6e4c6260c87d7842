import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { deadlinesByHand, nextEvent, sessionOf, settled, TestServer, until } from "../fixture.ts";

describe("socket.conn", () => {
  it("is one object, whoever asks, and tells what the session is", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const { conn } = socket;
    expect(socket.conn).toBe(conn);
    expect(socket.client.conn).toBe(conn);
    expect(conn.id).toBe(client.sid);
    expect(conn.id).not.toBe(socket.id);
    expect(conn.protocol).toBe(4);
    expect(conn.readyState).toBe("open");
    expect(conn.transport.name).toBe("websocket");
    expect(conn.transport.writable).toBe(true);
    expect(conn.upgraded).toBe(false);
    expect(conn.remoteAddress).toBe("127.0.0.1");
    expect(conn.request.url).toContain("transport=websocket");
    expect(conn.request).toBe(socket.request);
  });

  it("knows that it is closed", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    const { conn } = socket;

    const closed = nextEvent(conn, "close");
    conn.close();
    await closed;
    expect(conn.readyState).toBe("closed");
  });

  it("tells of incoming packets before the sockets do", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const seen: unknown[] = [];
    for (const event of ["packet", "data", "message"]) {
      socket.conn.on(event, (value: unknown) => seen.push([event, value]));
    }
    socket.onAny((...event) => seen.push(event));
    const done = nextEvent(socket, "a");
    await client.send('42["a"]');
    await done;
    expect(seen).toEqual([
      ["packet", { type: "message", data: '2["a"]' }],
      ["data", '2["a"]'],
      ["message", '2["a"]'],
      ["a"],
    ]);
  });

  it("tells of outgoing packets within the call that sends them", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const seen: string[] = [];
    socket.conn.on("packetCreate", (packet: { data: string }) => seen.push(`create ${packet.data}`));
    socket.conn.on("flush", (packets: unknown[]) => seen.push(`flush ${packets.length}`));
    socket.conn.on("drain", () => seen.push("drain"));
    socket.emit("a");
    expect(seen).toEqual(['create 2["a"]', "flush 1", "drain"]);
    await client.next('42["a"]');
  });

  it("tells with each packet how it wishes to be sent", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start({ pingInterval: 20 });
    const { client, socket } = await server.join();
    const seen: unknown[] = [];
    socket.conn.on("packetCreate", ({ type, options }) => seen.push([type, options]));
    socket.conn.send("a").send("b", { compress: false });
    socket.emit("c");
    clock.advance(20);
    await client.next("2");
    expect(seen).toEqual([
      ["message", { compress: true }],
      ["message", { compress: false }],
      ["message", { compress: true }],
      ["ping", { compress: true }],
    ]);
  });

  it("gives listeners each packet's own wishes, which they may write to", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start({ pingInterval: 20 });
    const { socket } = await server.join();
    const given = { compress: true };
    const sent: unknown[] = [];
    const note = (packets: object[]): void => void sent.push(...packets);
    socket.conn.on("packetCreate", ({ data, options }) => (options.compress = data === "b"));
    socket.conn.on("flush", note);
    socket.conn.send("a", given).send("b");
    clock.advance(20);
    await until(() => sent.length > 2);
    expect(sent.slice(0, 3)).toEqual([
      { type: "message", data: "a", options: { compress: false } },
      { type: "message", data: "b", options: { compress: true } },
      { type: "ping", options: { compress: false } },
    ]);
    expect(given).toEqual({ compress: true });

    const other = await server.join();
    const untouched = nextEvent(other.socket.conn, "flush");
    clock.advance(20);
    expect(await untouched).toEqual([[{ type: "ping", options: { compress: true } }]]);
  });

  it("keeps what a listener wishes for a broadcast to that broadcast", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const seen: unknown[] = [];
    socket.conn.on("packetCreate", ({ options }) => {
      seen.push({ ...options });
      options.compress = false;
    });
    server.io.emit("a");
    server.io.compress(false).emit("b");
    server.io.emit("c");
    await client.next('42["c"]');
    expect(seen).toEqual([{ compress: true }, { compress: false }, { compress: true }]);
  });

  it("calls back when a message does not wait any more, with the transport that took it", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    const [transport] = await new Promise<unknown[]>((resolve) => {
      socket.conn.send("a", {}, (...told) => resolve(told));
    });
    expect(transport).toBe(socket.conn.transport);
  });

  it.each(["drain", "callback"])(
    "may be told of each %s, and sends the next message then, as often as it likes",
    async (by) => {
      const server = await TestServer.start();
      const { client, socket } = await server.join();
      const count = 20_000;
      let sent = 0;
      const sendNext = (): void => {
        if (sent < count) {
          socket.conn.send(String(sent++), {}, by === "callback" ? sendNext : undefined);
        }
      };
      socket.conn.on("drain", by === "drain" ? sendNext : () => {});
      sendNext();
      await client.next(`4${count - 1}`);
      expect(client.received.all.slice(-count)).toEqual(Array.from({ length: count }, (_, index) => `4${index}`));
    },
  );

  it("may be followed by messages from drain listeners of the engine, too, as often as they like", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const count = 20_000;
    let sent = 0;
    server.io.engine.on("drain", () => {
      if (sent < count) {
        socket.conn.send(String(sent++));
      }
    });
    // Whoever listens here is told within the call that sent.
    socket.conn.on("flush", () => {});
    socket.conn.send("first");
    await client.next(`4${count - 1}`);
    expect(client.received.all.slice(-count)).toEqual(Array.from({ length: count }, (_, index) => `4${index}`));
  });

  it("tells of heartbeats", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start({ pingInterval: 20 });
    const { client, socket } = await server.join();
    const heartbeat = nextEvent(socket.conn, "heartbeat");
    clock.advance(20);
    await client.next("2");
    await client.send("3");
    await heartbeat;
  });

  it("tells how the session ended, after its sockets have been told", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const seen: unknown[] = [];
    socket.on("disconnect", (reason) => seen.push(["socket", reason]));
    const closed = nextEvent(socket.conn, "close");
    client.webSocket?.close();
    seen.push(["conn", ...(await closed)]);
    expect(seen).toEqual([
      ["socket", "transport close"],
      ["conn", "transport close", undefined],
    ]);
  });

  it("sends messages of the application's own", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    expect(socket.conn.send("a").write(Buffer.from([1]))).toBe(socket.conn);
    expect(await client.next()).toBe("4a");
    expect(await client.next()).toEqual(Buffer.from([1]));
  });

  it.each(["polling", "websocket"] as const)(
    "makes text of what is none, nothing of what counts as false, and throws for what has no text: over %s",
    async (transport) => {
      const server = await TestServer.start();
      const { client, socket } = await server.join(transport);
      for (const value of [7, true, ["a", 1], 0, null, undefined]) socket.conn.send(value as never);
      for (const value of [Symbol("s"), Object.create(null)]) {
        expect(() => socket.conn.send(value as never, () => {})).toThrow(TypeError);
      }
      expect(server.io.engine.bufferedAmount).toBeLessThan(100);
      socket.conn.send("last");
      for (const text of ["47", "4true", "4a,1", "4", "4", "4", "4last"]) expect(await client.next()).toBe(text);
      socket.conn.close();
      expect(() => socket.conn.send(Symbol("s") as never)).not.toThrow();
    },
  );

  it("goes on when its listeners throw or reject, and the errors are told", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const errors: unknown[] = [];
    server.io.on("handler_error", (error, { phase, event }) => errors.push([error, phase, event]));
    for (const event of ["packet", "packetCreate", "close"]) {
      socket.conn.on(event, () => {
        // oxlint-disable-next-line typescript/only-throw-error -- whatever an application throws
        throw event;
      });
    }
    socket.conn.on("data", () => Promise.reject(new Error("later")));
    socket.on("ask", (answer: () => void) => answer());
    await client.send('421["ask"]');
    expect(await client.next()).toBe("431[]");
    const left = nextEvent(socket, "disconnect");
    client.webSocket?.close();
    await left;
    await settled();
    expect(errors).toContainEqual(["packet", "engine", "packet"]);
    expect(errors).toContainEqual(["packetCreate", "engine", "packetCreate"]);
    expect(errors).toContainEqual([new Error("later"), "engine", "data"]);
    expect(errors).toContainEqual(["close", "engine", "close"]);
    expect(server.io.engine.clientsCount).toBe(0);
  });
});

describe("an upgrade", () => {
  it("is told of when the probe is answered", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    const seen: unknown[] = [];
    socket.conn.on("upgrading", ({ name }) => seen.push(name));
    const webSocket = await client.openWebSocket();
    await until(() => socket.conn.upgrading);
    expect(seen).toEqual([]);
    webSocket.send("2probe");
    await client.next("3probe");
    expect(seen).toEqual(["websocket"]);
  });

  it("moves the session: what was sent meanwhile arrives once, in order", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    const seen: unknown[] = [];
    socket.conn.on("upgrading", (transport: { name: string }) => seen.push(["upgrading", transport.name]));
    socket.conn.on("upgrade", (transport: { name: string }) => seen.push(["upgrade", transport.name]));
    let sent = 0;
    const sending = setInterval(() => socket.emit("n", sent++), 1);
    await client.upgrade();
    await until(() => socket.conn.upgraded);
    clearInterval(sending);
    socket.emit("last");
    await client.next('42["last"]');
    const events = client.received.all.filter((frame) => String(frame).startsWith('42["n"'));
    expect(events).toEqual(Array.from({ length: sent }, (_, index) => `42["n",${index}]`));
    expect(seen).toEqual([
      ["upgrading", "websocket"],
      ["upgrade", "websocket"],
    ]);
    expect(socket.conn.transport.name).toBe("websocket");
  });

  it("is known to somebody who asks for the engine socket only afterwards", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    await client.upgrade();
    socket.emit("a");
    await client.next('42["a"]');
    expect(socket.conn.upgraded).toBe(true);
  });

  it("may do without a probe", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");

    const webSocket = await client.openWebSocket();
    const upgraded = nextEvent(socket.conn, "upgrade");
    webSocket.send("5");
    await upgraded;
    webSocket.send('421["x"]');
    socket.emit("a");
    await client.next('42["a"]');
  });

  it("releases a GET that waits by 6 soon after the probe, and again", async () => {
    const server = await TestServer.start();
    const { client } = await server.join("polling");
    const webSocket = await client.openWebSocket();
    webSocket.send("2probe");
    await client.next("3probe");
    await until(() => client.received.all.filter((frame) => frame === "6").length >= 2);
  });

  it("answers a GET that waits until the switch by 1", async () => {
    const server = await TestServer.start();
    const client = server.client();
    client.handshake = JSON.parse((await client.get()).body.slice(1));
    const webSocket = await client.openWebSocket();
    const response = client.get();
    await settled();
    webSocket.send("5");
    expect((await response).body).toBe("1");
  });

  it.each([
    ["another packet", '42["a"]'],
    ["a ping that is no probe", "2"],
    ["garbage", "x"],
    ["an empty frame", ""],
    ["binary data", Buffer.from([1])],
  ])("ends with %s, and the session goes on where it was and may try again", async (_what, frame) => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    const webSocket = await client.openWebSocket();
    webSocket.send(frame);
    expect(await webSocket.closed).toEqual({ code: 1005, reason: "" });
    socket.emit("still");
    await client.next('42["still"]');
    await client.upgrade();
    socket.emit("moved");
    await client.next('42["moved"]');
    expect(socket.conn.transport.name).toBe("websocket");
  });

  it.each([
    ["before the probe", false],
    ["after the probe", true],
  ])("whose WebSocket dies %s leaves the session where it was", async (_when, probe) => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    const webSocket = await client.openWebSocket();
    if (probe) {
      webSocket.send("2probe");
      await client.next("3probe");
    }
    webSocket.terminate();
    await until(() => !sessionOf(socket).upgrading);
    socket.emit("still");
    await client.next('42["still"]');
    await client.upgrade();
    socket.emit("moved");
    await client.next('42["moved"]');
  });

  it.each([
    ["never probes", false],
    ["never switches", true],
  ])("of a client that %s is given up in time", async (_what, probe) => {
    const clock = deadlinesByHand();
    const server = await TestServer.start({ upgradeTimeout: 30 });
    const { client, socket } = await server.join("polling");
    const webSocket = await client.openWebSocket();
    if (probe) {
      webSocket.send("2probe");
      await client.next("3probe");
    }
    clock.advance(30);
    expect(await webSocket.closed).toEqual({ code: 1005, reason: "" });
    socket.emit("still");
    await client.next('42["still"]');
    expect(sessionOf(socket).upgrading).toBe(false);
  });

  it("of a client that asks again and again is given up in time too", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start({ upgradeTimeout: 30 });
    const { client, socket } = await server.join("polling");
    const webSocket = await client.openWebSocket();
    for (let time = 0; time < 30; time += 10) {
      webSocket.send("2probe");
      await client.next("3probe");
      clock.advance(10);
    }
    expect(await webSocket.closed).toEqual({ code: 1005, reason: "" });
    expect(sessionOf(socket).upgrading).toBe(false);
  });

  it("ends with the session", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    const webSocket = await client.openWebSocket();
    webSocket.send("2probe");
    await client.next("3probe");
    socket.conn.close(true);
    expect(await webSocket.closed).toEqual({ code: 1005, reason: "" });
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("ends with a session that is closing in order", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    const webSocket = await client.openWebSocket();
    webSocket.send("2probe");
    await client.next("3probe");
    socket.emit("bye");
    socket.disconnect(true);
    await client.next("41");
    expect(client.received.all).toContain('42["bye"]');
    expect(await webSocket.closed).toEqual({ code: 1005, reason: "" });
    await until(() => server.io.engine.clientsCount === 0);
  });
});

it("socket.conn.request is what the middlewares of the engine saw", async () => {
  const server = await TestServer.start();
  const requests: IncomingMessage[] = [];
  server.io.engine.use((request, _response, next) => {
    requests.push(request);
    next();
  });
  const { socket } = await server.join();
  expect(requests).toEqual([socket.conn.request]);
  expect(socket.conn.request).toBe(requests[0]);
});

describe("a callback of conn.send()", () => {
  it("is called once the message does not wait any more", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const seen: string[] = [];
    socket.conn.send("one", () => seen.push("one has left"));
    socket.conn.write("two", { compress: false }, () => seen.push("two has left"));
    expect(seen).toEqual([]);
    expect(await client.next("4one")).toBe("4one");
    expect(await client.next("4two")).toBe("4two");
    expect(seen).toEqual(["one has left", "two has left"]);
  });

  it("is called when its message has left, although others wait", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const seen: unknown[] = [];
    socket.conn.on("flush", () => {});
    const note = (name: string) => (): void => void seen.push([name, socket.conn.writeBuffer.length]);
    socket.conn.send("x".repeat(20_000_000), note("large")).send("small", note("small"));
    expect(seen).toEqual([]);
    await client.next("4small");
    expect(seen).toEqual([
      ["large", 1],
      ["small", 0],
    ]);
  });

  it("may throw without harm", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const told = nextEvent(server.io, "handler_error");
    socket.conn.send("one", () => {
      throw new Error("in the callback");
    });
    socket.conn.send("two", () => socket.emit("three"));
    expect(await client.next('42["three"]')).toBe('42["three"]');
    expect(await told).toEqual([new Error("in the callback"), { phase: "engine", event: "send" }]);
  });

  it("is never called if the session is over", async () => {
    const server = await TestServer.start();
    const { socket } = await server.join();
    const seen: string[] = [];
    socket.conn.close();
    socket.conn.send("late", () => seen.push("called"));
    await settled();
    expect(seen).toEqual([]);
  });
});
