import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { deadlinesByHand, nextEvent, settled, TestServer, until } from "../../fixture.ts";
import { frame, frames, OPCODES, upgradeRequest } from "../../websocket-bytes.ts";
import type { Socket } from "../../../src/index.ts";
import type { RawTcp } from "@hawser/testing";

/** Settles with the reason for which the session of `socket` ends, and the message of the error behind it. */
async function endOf(socket: Socket): Promise<[unknown, string | undefined]> {
  const [reason, error] = (await nextEvent(socket, "disconnect")) as [string, Error | undefined];
  return [reason, error?.message];
}

/** A client in `/` whose frames are written by hand. */
async function joinedByHand(
  options: Parameters<typeof TestServer.start>[0] = {},
): Promise<{ server: TestServer; tcp: RawTcp; socket: Socket }> {
  const server = await TestServer.start(options);
  const tcp = await server.tcp();
  tcp.write(upgradeRequest());
  await tcp.until(/0\{.*?\}/);
  const connection = nextEvent(server.io, "connection");
  tcp.write(frame("40"));
  await tcp.until(/40\{.*?\}/);
  const [socket] = (await connection) as [Socket];
  return { server, tcp, socket };
}

describe("one packet is one frame", () => {
  it("out: text and binary", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    socket.emit("a", "€");
    socket.emit("b", Buffer.from([1, 2]), new Uint8Array([3, 4, 5]).subarray(1), new Uint8Array([6]).buffer);
    expect(await client.next()).toBe('42["a","€"]');
    expect(await client.next()).toMatch(/^453-/);
    expect(await client.next()).toEqual(Buffer.from([1, 2]));
    expect(await client.next()).toEqual(Buffer.from([4, 5]));
    expect(await client.next()).toEqual(Buffer.from([6]));
  });

  it("in: text, binary, and binary as base64", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const received: unknown[] = [];
    socket.onAny((...event) => received.push(event));
    const placeholder = '{"_placeholder":true,"num":0}';
    await client.send(
      '42["a","€"]',
      `451-["b",${placeholder}]`,
      Buffer.from([1, 2]),
      `451-["c",${placeholder}]`,
      "bAwQ=",
    );
    const last = nextEvent(socket, "last");
    await client.send('42["last"]');
    await last;
    expect(received).toEqual([["a", "€"], ["b", Buffer.from([1, 2])], ["c", Buffer.from([3, 4])], ["last"]]);
  });

  it.each([0, 1, 125, 126, 65_535, 65_536, 300_000])(
    "whatever its size: %d bytes of binary data and back",
    async (size) => {
      const server = await TestServer.start();
      const { client, socket } = await server.join();
      socket.on("echo", (data: Buffer, answer: (data: Buffer) => void) => answer(data));
      const data = Buffer.alloc(size, "hawser");
      await client.send('451-7["echo",{"_placeholder":true,"num":0}]', data);
      expect(await client.next()).toBe('461-7[{"_placeholder":true,"num":0}]');
      expect(Buffer.compare((await client.next()) as Buffer, data)).toBe(0);
    },
  );

  it("that the client may send in fragments", async () => {
    const { tcp, socket } = await joinedByHand();
    const event = nextEvent(socket, "hello");
    tcp.write(frame('42["he', { final: false }));
    tcp.write(frame('llo"]', { opcode: OPCODES.continuation }));
    expect(await event).toEqual([]);
  });

  it("and many sent in one tick leave in one write", async () => {
    const { tcp, socket } = await joinedByHand();
    const connection = (socket.conn.transport as unknown as { socket: { _socket: NodeJS.WriteStream } }).socket._socket;
    let writes = 0;
    for (const method of ["_write", "_writev"] as const) {
      const original = (connection as never)[method] as (...args: unknown[]) => void;
      Object.assign(connection, {
        [method]: (...args: unknown[]) => {
          writes++;
          original.apply(connection, args);
        },
      });
    }
    socket.emit("a");
    socket.emit("b", Buffer.from([1]));
    socket.emit("c");
    await tcp.until('["c"]');
    expect(writes).toBe(1);
  });
});

describe("the session ends", () => {
  it("with 1009 and an error when a frame is too large, of whatever kind", async () => {
    const server = await TestServer.start({ maxHttpBufferSize: 100 });
    for (const data of ["4".repeat(101), Buffer.alloc(101)]) {
      const { client, socket } = await server.join();
      const end = endOf(socket);
      await client.send(data);
      expect(await client.webSocket?.closed).toMatchObject({ code: 1009 });
      expect(await end).toEqual(["transport error", "RangeError: Max payload size exceeded"]);
    }
  });

  it("not for a frame of just the size that is allowed", async () => {
    const server = await TestServer.start({ maxHttpBufferSize: 100 });
    const { client, socket } = await server.join();
    const event = nextEvent(socket, "a");
    await client.send(`42["a","${"x".repeat(90)}"]`);
    await event;
  });

  it.each(["", "x", "7", "\u0000"])("by a frame that is no packet: %j", async (garbage) => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const end = endOf(socket);
    await client.send(garbage);
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    expect(await end).toEqual(["parse error", "undecodable engine packet"]);
  });

  it("by a ping, which is the server's to send", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const end = endOf(socket);
    await client.send("2");
    expect(await end).toEqual(["transport error", "invalid heartbeat direction"]);
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
  });

  it.each([
    ["a close frame", (tcp: RawTcp) => tcp.write(frame("", { opcode: OPCODES.close })), "transport close"],
    ["the end of the connection", (tcp: RawTcp) => tcp.end(), "transport close"],
    ["an unmasked frame", (tcp: RawTcp) => tcp.write(frame("40", { masked: false })), "transport error"],
    ["text that is no UTF-8", (tcp: RawTcp) => tcp.write(frame(Buffer.from([0x34, 0xff]))), "transport error"],
    ["an unknown opcode", (tcp: RawTcp) => tcp.write(frame("4", { opcode: 0x3 })), "transport error"],
  ] as const)("by %s", async (_how, act, reason) => {
    const { server, tcp, socket } = await joinedByHand();
    const end = endOf(socket);
    act(tcp);
    expect((await end)[0]).toBe(reason);
    await tcp.closed;
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("by a reset of the connection", async () => {
    const { socket, tcp } = await joinedByHand();
    const end = endOf(socket);
    tcp.reset();
    expect((await end)[0]).toMatch(/^transport (close|error)$/);
  });

  it("by the server: what was sent before leaves first, then a close frame without a code", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const end = endOf(socket);
    socket.emit("bye");
    socket.conn.close();
    expect(await client.next()).toBe('42["bye"]');
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    expect(await end).toEqual(["forced close", undefined]);
  });

  it("by the server at once: what was sent in the same turn still leaves", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const end = endOf(socket);
    socket.emit("bye");
    socket.conn.close(true);
    expect(socket.conn.readyState).toBe("closed");
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    expect(client.received.waiting).toEqual(['42["bye"]']);
    expect(await end).toEqual(["forced close", undefined]);
  });
});

it.each(["0", '0{"sid":"x"}', "1", "3", "3probe", "5", "6"])("a stray %s is ignored", async (stray) => {
  const server = await TestServer.start();
  const { client, socket } = await server.join();
  const event = nextEvent(socket, "a");
  await client.send(stray, '42["a"]');
  await event;
  expect(socket.connected).toBe(true);
});

it("events that arrive with the end of the connection, in one segment, are delivered before it", async () => {
  const { tcp, socket } = await joinedByHand();
  const seen: unknown[] = [];
  socket.on("bye", () => seen.push("bye"));
  const end = nextEvent(socket, "disconnect").then(([reason]) => seen.push(reason));
  tcp.write(Buffer.concat([frame('42["bye"]'), frame("", { opcode: OPCODES.close })]));
  await end;
  expect(seen).toEqual(["bye", "transport close"]);
});

it("events that arrive with a garbled frame, in one segment, are delivered before the end", async () => {
  const { tcp, socket } = await joinedByHand();
  const seen: unknown[] = [];
  socket.on("bye", () => seen.push("bye"));
  const end = nextEvent(socket, "disconnect").then(([reason]) => seen.push(reason));
  tcp.write(frames('42["bye"]', "x", '42["bye"]'));
  await end;
  expect(seen).toEqual(["bye", "parse error"]);
});

describe("the heartbeat", () => {
  const fast = { pingInterval: 20, pingTimeout: 40 };

  it("pings, again once it is answered", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start(fast);
    const { client, socket } = await server.join();
    for (let beat = 0; beat < 3; beat++) {
      const heartbeat = nextEvent(socket.conn, "heartbeat");
      clock.advance(20);
      expect(await client.next()).toBe("2");
      await client.send("3");
      await heartbeat;
    }
  });

  it("ends the session of a client that does not answer", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start(fast);
    const { client, socket } = await server.join();
    const end = endOf(socket);
    clock.advance(20 + 39);
    expect(socket.connected).toBe(true);
    clock.advance(1);
    expect(await end).toEqual(["ping timeout", undefined]);
    await client.webSocket?.closed;
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("is not kept up by other traffic", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start(fast);
    const { client, socket } = await server.join();
    const end = endOf(socket);
    for (let time = 0; time < 20 + 40; time += 10) {
      const chatter = nextEvent(socket, "a");
      await client.send('42["a"]');
      await chatter;
      clock.advance(10);
    }
    expect(await end).toEqual(["ping timeout", undefined]);
  });

  it("lets a client that answers live on", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start(fast);
    const client = await server.connect("websocket", { answerPings: true });
    const socket = await server.joinWith(client);
    for (let beat = 0; beat < 5; beat++) {
      const heartbeat = nextEvent(socket.conn, "heartbeat");
      clock.advance(20);
      await heartbeat;
    }
    expect(server.io.engine.clientsCount).toBe(1);
  });
});

it("an engine for WebSockets may take its time: a session that has ended meanwhile does not take one", async () => {
  const handedOver: (() => void)[] = [];
  class LateEngine extends WebSocketServer {
    override handleUpgrade(...[request, connection, head, done]: Parameters<WebSocketServer["handleUpgrade"]>): void {
      super.handleUpgrade(request, connection, head, (...result) => handedOver.push(() => done(...result)));
    }
  }
  const server = await TestServer.start({ wsEngine: LateEngine as never });
  const { client, socket } = await server.join("polling");
  const webSocket = await client.openWebSocket();
  socket.conn.close(true);
  handedOver[0]!();
  webSocket.send("2probe");
  expect(await webSocket.closed).toEqual({ code: 1005, reason: "" });
  expect(server.io.engine.clientsCount).toBe(0);
});

describe("permessage-deflate", () => {
  it("is agreed on if both sides want it, and messages pass", async () => {
    const server = await TestServer.start({ perMessageDeflate: { threshold: 0 } });
    const tcp = await server.tcp();
    tcp.write(upgradeRequest({ headers: { "Sec-WebSocket-Extensions": "permessage-deflate" } }));
    expect(await tcp.until("\r\n\r\n")).toMatch(/sec-websocket-extensions: permessage-deflate/i);
    const connection = nextEvent(server.io, "connection");
    tcp.write(frame("40"));
    const [socket] = (await connection) as [Socket];
    const event = nextEvent(socket, "a");
    tcp.write(frame('42["a"]'));
    await event;
  });

  it("is not offered by default", async () => {
    const server = await TestServer.start();
    const tcp = await server.tcp();
    tcp.write(upgradeRequest({ headers: { "Sec-WebSocket-Extensions": "permessage-deflate" } }));
    expect(await tcp.until("\r\n\r\n")).not.toMatch(/sec-websocket-extensions/i);
  });
});

it("a client that does not read makes volatile events be dropped, and the others wait", async () => {
  const server = await TestServer.start();
  const { client, socket } = await server.join();
  client.webSocket?.pause();
  const chunk = "x".repeat(100_000);
  let sent = 0;
  while (socket.conn.transport.writable && sent < 1000) {
    socket.emit("n", ++sent, chunk);
    await settled();
  }
  expect(socket.conn.transport.writable).toBe(false);
  socket.volatile.emit("lost");
  socket.emit("last");
  client.webSocket?.resume();
  await client.next('42["last"]');
  expect(client.received.all.filter((received) => String(received).startsWith('42["n"'))).toHaveLength(sent);
  expect(client.received.all).not.toContain('42["lost"]');
  await until(() => socket.conn.transport.writable);
});
