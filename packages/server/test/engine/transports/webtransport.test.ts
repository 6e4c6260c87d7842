import { FakeWebTransport, RawWebTransport } from "@hawser/testing";
import { describe, expect, it } from "vitest";
import type { Socket } from "../../../src/index.ts";
import {
  deadlinesByHand,
  nextEvent,
  sessionOf,
  settled,
  TestServer,
  until,
  type WebTransportClient,
} from "../../fixture.ts";

/** Settles with the reason for which the session of `socket` ends, and the message of the error behind it. */
async function endOf(socket: Socket): Promise<[unknown, string | undefined]> {
  const [reason, error] = (await nextEvent(socket, "disconnect")) as [string, Error | undefined];
  return [reason, error?.message];
}

const start = (options: object = {}): Promise<TestServer> =>
  TestServer.start({ transports: ["polling", "websocket", "webtransport"], ...options });

/** A client on polling, and its WebTransport session that has asked to be moved to. */
async function upgrading(server: TestServer): Promise<WebTransportClient & { socket: Socket; next: Promise<unknown> }> {
  const { client, socket } = await server.join("polling");
  const webTransport = await server.webTransport();
  void webTransport.stream.send(`0{"sid":"${client.sid}"}`);
  return { ...webTransport, socket, next: nextEvent(socket.conn, "upgrade") };
}

describe("a session over WebTransport", () => {
  it("begins with 0, is told the handshake, and carries events both ways", async () => {
    const server = await start();
    const { stream } = await server.webTransport();
    void stream.send("0");
    const handshake = JSON.parse(String(await stream.next(/^0/)).slice(1)) as { sid: string };
    expect(handshake).toEqual({
      sid: expect.stringMatching(/^[\w-]{20}$/) as string,
      upgrades: [],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_000_000,
    });
    server.io.on("connection", (socket) => {
      socket.on("echo", (...args: unknown[]) => socket.emit("echoed", ...args));
    });
    void stream.send("40", '451-["echo","€",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3]));
    await stream.next('451-["echoed","€",{"_placeholder":true,"num":0}]');
    expect(await stream.next((frame) => typeof frame !== "string")).toEqual(Buffer.from([1, 2, 3]));
    expect(server.io.engine.clientsCount).toBe(1);
  });

  it("does not need the option `transports`, which is about what clients on polling are told", async () => {
    const server = await TestServer.start();
    const { socket } = await server.joinOverWebTransport();
    expect(socket.conn.transport.name).toBe("webtransport");
  });

  it("has no request and no address, and what is asked about them is answered all the same", async () => {
    const server = await start();
    const { socket } = await server.joinOverWebTransport();
    expect(socket.conn.remoteAddress).toBeUndefined();
    expect(socket.conn.upgraded).toBe(false);
    const { headers, address, xdomain, secure, url, query } = socket.handshake;
    expect({ headers, address, xdomain, secure, url, query: { ...query } }).toEqual({
      headers: {},
      address: undefined,
      xdomain: false,
      secure: true,
      url: "",
      query: {},
    });
    expect([socket.request.headers, socket.request.url, socket.request.rawHeaders]).toEqual([{}, "", []]);
    expect(socket.request.socket.remoteAddress).toBeUndefined();
    expect(socket.request).toBe(socket.conn.request);
  });

  it("has an id of the server's own, whatever makes the others", async () => {
    const server = await start();
    server.io.engine.generateId = (request) => `made for ${request.url}`;
    const { socket } = await server.joinOverWebTransport();
    expect(socket.conn.id).toMatch(/^[\w-]{20}$/);
  });

  it("is told to `connection` listeners of the engine, and sent the initial packet", async () => {
    const server = await start({ initialPacket: "hello" });
    const connection = nextEvent(server.io.engine, "connection");
    const { stream } = await server.webTransport();
    void stream.send("0");
    await stream.next("4hello");
    expect(await connection).toMatchObject([{ transport: { name: "webtransport" } }]);
  });

  it("has its heartbeat", async () => {
    const clock = deadlinesByHand();
    const server = await start({ pingInterval: 20, pingTimeout: 30 });
    const { socket, stream } = await server.joinOverWebTransport();
    const [ended, heartbeat] = [endOf(socket), nextEvent(socket.conn, "heartbeat")];
    clock.advance(20);
    await stream.next("2");
    void stream.send("3");
    await heartbeat;
    clock.advance(20);
    await stream.next("2");
    clock.advance(30);
    expect(await ended).toEqual(["ping timeout", undefined]);
    expect(await stream.finished).toBe("The session is closed.");
  });

  it("is written to no faster than its client reads", async () => {
    const server = await start();
    const slow = await server.webTransport({ reading: false });
    const connection = nextEvent(server.io, "connection") as Promise<[Socket]>;
    void slow.stream.send("0", "40");
    const [socket] = await connection;
    await settled();
    expect(socket.conn.transport.writable).toBe(false);
    socket.volatile.emit("lost");
    for (let number = 0; number < 1000; number++) {
      socket.emit("kept", number);
    }
    await settled();
    expect(sessionOf(socket).queued.length).toBeGreaterThan(900);
    slow.stream.read();
    await slow.stream.next('42["kept",999]');
    expect(slow.stream.all.filter((frame) => String(frame).includes("lost"))).toEqual([]);
    await until(() => socket.conn.transport.writable);
  });

  it("takes a broadcast like any other", async () => {
    const server = await start();
    const { stream } = await server.joinOverWebTransport();
    const { client } = await server.join("websocket");
    server.io.emit("all", Buffer.from([1]));
    for (const receiver of [stream, client]) {
      expect(await receiver.next(/^45/)).toBe('451-["all",{"_placeholder":true,"num":0}]');
      expect(await receiver.next((frame) => typeof frame !== "string")).toEqual(Buffer.from([1]));
    }
  });
});

describe("a session over WebTransport ends", () => {
  it("when the client closes the WebTransport session", async () => {
    const server = await start();
    const { session, socket } = await server.joinOverWebTransport();
    const ended = endOf(socket);
    session.close();
    expect(await ended).toEqual(["transport close", undefined]);
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("when the client finishes its stream", async () => {
    const server = await start();
    const { serverEnd, stream, socket } = await server.joinOverWebTransport();
    const ended = endOf(socket);
    const last = nextEvent(socket, "last");
    void stream.send('42["last"]');
    void stream.finish();
    expect(await ended).toEqual(["transport close", undefined]);
    await last;
    await serverEnd.closed;
  });

  it("when the connection is lost", async () => {
    const server = await start();
    const { session, socket } = await server.joinOverWebTransport();
    const ended = nextEvent(socket, "disconnect");
    session.fail(new Error("lost"));
    const [reason, error] = (await ended) as [string, Error & { description: Error }];
    expect([reason, error.message, error.description.message]).toEqual([
      "transport error",
      "webtransport error",
      "lost",
    ]);
  });

  it("when the stream is reset", async () => {
    const server = await start();
    const { serverEnd, stream, socket } = await server.joinOverWebTransport();
    const ended = endOf(socket);
    await stream.abort(new Error("reset"));
    expect(await ended).toEqual(["transport error", "webtransport error"]);
    await serverEnd.closed;
  });

  it("when the client sends what can't be read", async () => {
    const server = await start();
    const { serverEnd, stream, socket } = await server.joinOverWebTransport();
    const ended = endOf(socket);
    const first = nextEvent(socket, "first");
    void stream.write(Buffer.concat([Buffer.from('\x0b42["first"]'), Buffer.from([0])]));
    expect(await ended).toEqual(["parse error", "undecodable engine packet"]);
    await first;
    await serverEnd.closed;
  });

  it("when a packet is too long, before it has arrived", async () => {
    const server = await start({ maxHttpBufferSize: 1000 });
    const { stream, socket } = await server.joinOverWebTransport();
    const ended = endOf(socket);
    void stream.write(Buffer.from([0x7e, 0x03, 0xe9]));
    expect(await ended).toEqual(["parse error", "undecodable engine packet"]);
  });

  it("when the server says so, and what it sent before arrives first", async () => {
    const server = await start();
    const { session, serverEnd, stream, socket } = await server.joinOverWebTransport();
    socket.emit("last", "x".repeat(300_000));
    socket.disconnect(true);
    expect(await stream.finished).toBe("finished");
    expect(stream.all.slice(-2)).toEqual([`42["last","${"x".repeat(300_000)}"]`, "41"]);
    expect(serverEnd.closeCalls).toBe(0);
    void stream.finish();
    await session.closed;
    await until(() => server.io.engine.clientsCount === 0);
  });

  it("at once when the server shuts down", async () => {
    const server = await start();
    const { session, socket } = await server.joinOverWebTransport();
    const ended = endOf(socket);
    await server.io.close();
    expect((await ended)[0]).toBe("server shutting down");
    await session.closed;
  });
});

describe("an upgrade from polling to WebTransport", () => {
  it("is offered behind that to a WebSocket, if the server has it", async () => {
    const upgrades = async (options: object): Promise<unknown> => {
      const client = (await TestServer.start(options)).client();
      return (JSON.parse((await client.get()).body.slice(1)) as { upgrades: unknown }).upgrades;
    };
    expect(await upgrades({ transports: ["webtransport", "websocket", "polling"] })).toEqual([
      "websocket",
      "webtransport",
    ]);
    expect(await upgrades({ transports: ["polling", "webtransport"] })).toEqual(["webtransport"]);
    expect(await upgrades({ transports: ["polling", "webtransport"], allowUpgrades: false })).toEqual([]);
    expect(await upgrades({})).toEqual(["websocket"]);
  });

  it("begins with the session's id, and goes on like any other", async () => {
    const server = await start();
    const { client, socket } = await server.join("polling");
    const { stream } = await server.webTransport();
    const upgraded = nextEvent(socket.conn, "upgrade");
    void stream.send(`0{"sid":"${client.sid}"}`, "2probe");
    await stream.next("3probe");
    socket.emit("on polling");
    await client.next('42["on polling"]');
    void stream.send("5");
    await upgraded;
    socket.emit("on webtransport");
    await stream.next('42["on webtransport"]');
    expect([socket.conn.transport.name, socket.conn.upgraded]).toEqual(["webtransport", true]);
    expect(socket.handshake.address).toBe("127.0.0.1");
    const received = nextEvent(socket, "back");
    void stream.send('42["back"]');
    await received;
  });

  it("is refused for a session that is not on polling, or being moved to WebTransport already", async () => {
    const server = await start();
    const { client } = await server.join("websocket");
    const { stream, next } = await upgrading(server);
    void stream.send("2probe");
    await stream.next("3probe");
    const { socket } = await server.joinOverWebTransport();
    for (const sid of [client.sid, socket.conn.id, [...server.io.sockets.sockets.values()][1]?.conn.id]) {
      const second = await server.webTransport();
      void second.stream.send(`0{"sid":"${sid}"}`);
      await second.session.closed;
    }
    void stream.send("5");
    await next;
    expect(server.io.sockets.sockets.size).toBe(3);
  });

  it("may run beside one to a WebSocket: the first to be completed wins", async () => {
    const server = await start();
    const { client, socket } = await server.join("polling");
    const { session, stream } = await server.webTransport();
    void stream.send(`0{"sid":"${client.sid}"}`, "2probe");
    await stream.next("3probe");
    await client.upgrade();
    await session.closed;
    expect(socket.conn.transport.name).toBe("websocket");
    const { socket: another, stream: winner, next } = await upgrading(server);
    void winner.send("2probe", "5");
    await next;
    expect(another.conn.transport.name).toBe("webtransport");
  });

  it.each([
    ["is closed before the probe", async ({ session }: WebTransportClient) => session.close()],
    ["is lost before the probe", async ({ session }: WebTransportClient) => session.fail(new Error("lost"))],
    ["says something else", async ({ stream }: WebTransportClient) => stream.send("4not a probe")],
    ["says what can't be read", async ({ stream }: WebTransportClient) => stream.write(Buffer.from([0]))],
    [
      "is closed after the probe",
      async ({ session, stream }: WebTransportClient) => {
        void stream.send("2probe");
        await stream.next("3probe");
        session.close();
      },
    ],
    [
      "finishes its stream after the probe",
      async ({ stream }: WebTransportClient) => {
        void stream.send("2probe");
        await stream.next("3probe");
        await stream.finish();
      },
    ],
  ])("whose WebTransport session %s leaves the session on polling", async (_, harm) => {
    const server = await start();
    const { client, socket } = await server.join("polling");
    const candidate = await server.webTransport();
    void candidate.stream.send(`0{"sid":"${client.sid}"}`);
    await until(() => sessionOf(socket).upgrading);
    await harm(candidate);
    await until(() => !sessionOf(socket).upgrading);
    await candidate.session.closed.catch(() => {});
    socket.emit("still here");
    await client.next('42["still here"]');
    const { stream } = await server.webTransport();
    const upgraded = nextEvent(socket.conn, "upgrade");
    void stream.send(`0{"sid":"${client.sid}"}`, "2probe", "5");
    await upgraded;
  });

  it("is given up in time, if the client never switches", async () => {
    const clock = deadlinesByHand();
    const server = await start({ upgradeTimeout: 30 });
    const { session, stream, socket } = await upgrading(server);
    void stream.send("2probe");
    await stream.next("3probe");
    clock.advance(30);
    await session.closed;
    expect([socket.connected, socket.conn.transport.name]).toEqual([true, "polling"]);
  });

  it("ends with the session", async () => {
    const server = await start();
    const { session, stream, socket } = await upgrading(server);
    void stream.send("2probe");
    await stream.next("3probe");
    socket.conn.close(true);
    await session.closed;
  });
});

describe("WebTransport sessions are closed at once", () => {
  const refused = async (server: TestServer): Promise<void> => {
    const { client, server: end } = FakeWebTransport.join();
    await server.io.engine.onWebTransportSession(end);
    await client.closed;
    expect(server.io.engine.clientsCount).toBe(0);
  };

  it("where the engine has a middleware, which expects a request", async () => {
    const server = await start();
    server.io.engine.use((_request, _response, next) => next());
    await refused(server);
  });

  it("where the option `cors` is set, which is one", async () => {
    await refused(await start({ cors: { origin: "*" } }));
  });

  it("where the server is closed, and those that have not said what they want go with it", async () => {
    const server = await start();
    const { session } = await server.webTransport();
    const streamless = FakeWebTransport.join();
    void server.io.engine.onWebTransportSession(streamless.server);
    await server.io.close();
    await Promise.all([session.closed, streamless.client.closed]);
    await refused(server);
  });
});

it("a session that is given to the engine twice is refused to the second, and not harmed", async () => {
  const server = await start();
  const { client, server: end } = FakeWebTransport.join();
  void server.io.engine.onWebTransportSession(end);
  await expect(server.io.engine.onWebTransportSession(end)).rejects.toThrow(TypeError);
  const stream = await RawWebTransport.open(client);
  void stream.send("0");
  await stream.next(/^0\{/);
});
