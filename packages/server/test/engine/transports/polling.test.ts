import { gunzipSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Socket } from "../../../src/index.ts";
import { deadlinesByHand, nextEvent, settled, TestServer, until } from "../../fixture.ts";

/** A client in `/` that polls when told to; nothing waits to be sent to it. */
async function joined(
  options: Parameters<typeof TestServer.start>[0] = {},
): Promise<{ server: TestServer; client: Awaited<ReturnType<TestServer["connect"]>>; socket: Socket }> {
  const server = await TestServer.start(options);
  const client = server.client();
  client.handshake = JSON.parse((await client.get()).body.slice(1));
  await client.post("40");
  const { body } = await client.get();
  const socket = server.io.sockets.sockets.get(JSON.parse(body.slice(2)).sid) as Socket;
  return { server, client, socket };
}

/** Settles with the reason for which the session of `socket` ends, and the message of the error behind it. */
async function endOf(socket: Socket): Promise<[unknown, string | undefined]> {
  const [reason, error] = (await nextEvent(socket, "disconnect")) as [string, Error | undefined];
  return [reason, error?.message];
}

describe("a GET", () => {
  it("brings at once all that waits, in order", async () => {
    const { client, socket } = await joined();
    socket.emit("a", 1);
    socket.emit("b", Buffer.from([1, 2]));
    await settled();
    const { status, headers, body } = await client.get();
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-type": "text/plain; charset=UTF-8", "cache-control": "no-store" });
    expect(body).toBe('42["a",1]\x1e451-["b",{"_placeholder":true,"num":0}]\x1ebAQI=');
  });

  it("waits until there is something to say, and brings what is said in one tick", async () => {
    const { client, socket } = await joined();
    let answered = false;
    const response = client.get().finally(() => (answered = true));
    await until(() => socket.conn.transport.writable);
    expect(answered).toBe(false);
    socket.emit("a");
    socket.emit("b");
    expect((await response).body).toBe('42["a"]\x1e42["b"]');
  });

  it("says how long its body is in bytes", async () => {
    const { client, socket } = await joined();
    socket.emit("grüße", "€");
    const { headers, bytes, body } = await client.get();
    expect(body).toBe('42["grüße","€"]');
    expect(headers["content-length"]).toBe(String(bytes.length));
  });

  it("while another one waits is refused, and ends the session", async () => {
    const { server, client, socket } = await joined();
    const end = endOf(socket);
    const first = client.get();
    await until(() => socket.conn.transport.writable);
    const second = await client.get();
    expect([second.status, second.body]).toEqual([400, ""]);
    expect((await first).body).toBe("1");
    expect(await end).toEqual(["transport error", "overlap from client"]);
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("that the client gives up ends the session", async () => {
    const { client, socket } = await joined();
    const end = endOf(socket);
    const abort = new AbortController();
    const response = client.get({ signal: abort.signal });
    response.catch(() => {});
    await until(() => socket.conn.transport.writable);
    abort.abort();
    await expect(response).rejects.toThrow("abort");
    expect(await end).toEqual(["transport error", "poll connection closed prematurely"]);
  });

  it("that the client has given up while a middleware looked at it ends the session", async () => {
    const { server, client, socket } = await joined();
    const end = endOf(socket);
    const abort = new AbortController();
    server.io.engine.use((request, response, next) => {
      abort.abort();
      request.socket.once("close", () => setImmediate(next));
    });
    await expect(client.get({ signal: abort.signal })).rejects.toThrow("abort");
    expect(await end).toEqual(["transport error", "request closed prematurely"]);
  });
});

describe("a POST", () => {
  it("is answered with ok when its packets have been taken, in order", async () => {
    const { client, socket } = await joined();
    const received: unknown[] = [];
    socket.onAny((...event) => received.push(event));
    const { status, headers, body } = await client.post(
      '42["a","€"]\x1e451-["b",{"_placeholder":true,"num":0}]\x1ebAQI=\x1e42["c"]',
    );
    expect([status, body]).toEqual([200, "ok"]);
    expect(headers).toMatchObject({ "content-type": "text/html", "content-length": "2", "cache-control": "no-store" });
    expect(received).toEqual([["a", "€"], ["b", Buffer.from([1, 2])], ["c"]]);
  });

  it("is put together from its pieces, even within a character", async () => {
    const { server, client, socket } = await joined();
    const event = nextEvent(socket, "a");
    const body = Buffer.from('42["a","€"]');
    const tcp = await server.tcp();
    const { pathname, search } = client.url({ transport: "polling" });
    tcp.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    tcp.write(body.subarray(0, 8));
    await settled();
    tcp.write(body.subarray(8));
    expect(await event).toEqual(["€"]);
    await tcp.until("ok");
  });

  it("may be sent while a GET waits", async () => {
    const { client, socket } = await joined();
    socket.on("ask", (answer: (value: string) => void) => answer("yes"));
    const response = client.get();
    await client.post('421["ask"]');
    expect((await response).body).toBe('431["yes"]');
  });

  it("while another one is being read is refused, and ends the session", async () => {
    const { server, client, socket } = await joined();
    const end = endOf(socket);
    const tcp = await server.tcp();
    const { pathname, search } = client.url({ transport: "polling" });
    const request = nextEvent(server.http, "request");
    tcp.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n42`);
    await request;
    const { status, body } = await client.post('42["a"]');
    expect([status, body]).toEqual([400, ""]);
    expect(await end).toEqual(["transport error", "data request overlap from client"]);
    await tcp.closed;
    expect(tcp.received).toMatch(/^HTTP\/1.1 400 /);
  });

  it("that breaks off ends the session", async () => {
    const { server, client, socket } = await joined();
    const end = endOf(socket);
    const tcp = await server.tcp();
    const { pathname, search } = client.url({ transport: "polling" });
    const request = nextEvent(server.http, "request");
    tcp.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n42`);
    await request;
    tcp.reset();
    expect(await end).toEqual(["transport error", "data request connection closed prematurely"]);
  });

  it.each([
    ["as it says", (body: string) => ["Content-Length: " + body.length, body]],
    ["as it turns out", (body: string) => ["Transfer-Encoding: chunked", `${body.length.toString(16)}\r\n${body}\r\n`]],
  ])(
    "that is too large, %s, is refused with 413 and closes its connection, and the session goes on",
    async (_how, write) => {
      const { server, client, socket } = await joined({ maxHttpBufferSize: 100 });
      const tcp = await server.tcp();
      const { pathname, search } = client.url({ transport: "polling" });
      const [header, body] = write("4".repeat(101));
      tcp.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n${body}`);
      expect(await tcp.until("\r\n\r\n")).toMatch(/^HTTP\/1.1 413 /);
      await tcp.closed;
      const event = nextEvent(socket, "a");
      expect((await client.post('42["a"]')).status).toBe(200);
      await event;
    },
  );

  it("that is much too large is refused with 413 all the same, although nobody reads it to its end", async () => {
    const { client, socket } = await joined({ maxHttpBufferSize: 100 });
    expect((await client.post("4".repeat(2_000_000))).status).toBe(413);
    expect(socket.connected).toBe(true);
  });

  it("of just the size that is allowed is taken", async () => {
    const { client, socket } = await joined({ maxHttpBufferSize: 100 });
    const event = nextEvent(socket, "a");
    const body = `42["a","${"x".repeat(90)}"]`;
    expect(body).toHaveLength(100);
    expect((await client.post(body)).status).toBe(200);
    await event;
  });

  it("of binary content is refused, closes its connection whether or not its body ever comes, and ends the session", async () => {
    const { server, client, socket } = await joined();
    const end = endOf(socket);
    const tcp = await server.tcp();
    const { pathname, search } = client.url({ transport: "polling" });
    tcp.write(
      `POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 9\r\n\r\n`,
    );
    await tcp.closed;
    expect(tcp.received).toMatch(/^HTTP\/1.1 400 /);
    expect(await end).toEqual(["transport error", "invalid content"]);
  });

  it("with garbage is answered with ok, counts up to there, and ends the session", async () => {
    const { client, socket } = await joined();
    const events: string[] = [];
    socket.onAny((event: string) => events.push(event));
    const end = endOf(socket);
    const { status, body } = await client.post('42["a"]\x1ex\x1e42["b"]');
    expect([status, body]).toEqual([200, "ok"]);
    expect(await end).toEqual(["parse error", "undecodable engine packet"]);
    expect(events).toEqual(["a"]);
  });

  it.each(["", "\x1e", "9", "42[\x1e"])("of %j alone ends the session", async (body) => {
    const { client, socket } = await joined();
    const end = nextEvent(socket, "disconnect");
    await client.post(body);
    await end;
  });

  it("although no GET waits for its answer, what can't be read disconnects its sockets at once", async () => {
    const { server, client, socket } = await joined();
    const end = endOf(socket);
    expect((await client.post("4nonsense")).status).toBe(200);
    expect(await end).toEqual(["forced close", "unknown packet type"]);
    expect(server.io.sockets.sockets.size).toBe(0);
  });

  it("of a close packet ends the session, and a GET that waits is answered with 6", async () => {
    const { client, socket } = await joined();
    const end = endOf(socket);
    const events: string[] = [];
    socket.onAny((event: string) => events.push(event));
    const response = client.get();
    await until(() => socket.conn.transport.writable);
    expect((await client.post('42["bye"]\x1e1\x1e42["late"]')).body).toBe("ok");
    expect((await response).body).toBe("6");
    expect(await end).toEqual(["transport close", undefined]);
    expect(events).toEqual(["bye"]);
  });
});

it.each(["PUT", "HEAD", "OPTIONS", "DELETE"])(
  "%s is answered with an empty 500, and the session goes on",
  async (method) => {
    const { client, socket } = await joined();
    const { status, body } = await client.request({ method });
    expect([status, body]).toEqual([500, ""]);
    expect(socket.connected).toBe(true);
  },
);

describe("the server closes the session", () => {
  it("while a GET waits: it is answered with what was sent before, then 1", async () => {
    const { server, client, socket } = await joined();
    const end = endOf(socket);
    const response = client.get();
    await until(() => socket.conn.transport.writable);
    socket.conn.close();
    expect((await response).body).toBe("1");
    expect(await end).toEqual(["forced close", undefined]);
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("while a GET waits and something is to be sent: the next GET learns that it is over", async () => {
    const { client, socket } = await joined();
    const end = endOf(socket);
    const response = client.get();
    await until(() => socket.conn.transport.writable);
    socket.emit("bye");
    socket.conn.close();
    expect((await response).body).toBe('42["bye"]');
    expect((await client.get()).body).toBe("6\x1e1");
    expect(await end).toEqual(["forced close", undefined]);
  });

  it("while no GET waits: the next one learns that it is over", async () => {
    const { server, client, socket } = await joined();
    const end = endOf(socket);
    socket.conn.close();
    await settled();
    expect(server.io.engine.clientsCount).toBe(1);
    expect((await client.get()).body).toBe("6\x1e1");
    expect(await end).toEqual(["forced close", undefined]);
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("at once: nobody waits for a GET", async () => {
    const { server, socket } = await joined();
    const end = endOf(socket);
    socket.conn.close(true);
    expect(server.io.engine.clientsCount).toBe(0);
    expect(await end).toEqual(["forced close", undefined]);
  });

  it("at once while a GET waits: it is answered with 1", async () => {
    const { client, socket } = await joined();
    const response = client.get();
    await until(() => socket.conn.transport.writable);
    socket.conn.close(true);
    expect((await response).body).toBe("1");
  });

  it("while a POST is being read: it is refused and its connection closes", async () => {
    const { server, client, socket } = await joined();
    const tcp = await server.tcp();
    const { pathname, search } = client.url({ transport: "polling" });
    const request = nextEvent(server.http, "request");
    tcp.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n42`);
    await request;
    socket.conn.close(true);
    await tcp.closed;
    expect(tcp.received).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("compression", () => {
  const long = "x".repeat(2000);
  const gzip = { "accept-encoding": "gzip, deflate" };

  it.each([
    ["gzip", gunzipSync],
    ["deflate", inflateSync],
  ])("is by %s if the client accepts that", async (encoding, decompress) => {
    const { client, socket } = await joined();
    socket.emit("long", long);
    const { headers, bytes } = await client.get({ headers: { "accept-encoding": encoding } });
    expect(headers["content-encoding"]).toBe(encoding);
    expect(headers["content-length"]).toBe(String(bytes.length));
    expect(decompress(bytes).toString()).toBe(`42["long","${long}"]`);
  });

  it("spares what is short, what asked not to be, and clients that do not accept it", async () => {
    const { client, socket } = await joined();
    const encodingOf = async (headers: Record<string, string>): Promise<string | undefined> =>
      (await client.get({ headers })).headers["content-encoding"];
    socket.emit("short");
    expect(await encodingOf(gzip)).toBeUndefined();
    socket.compress(false).emit("long", long);
    expect(await encodingOf(gzip)).toBeUndefined();
    socket.emit("long", long);
    expect(await encodingOf({})).toBeUndefined();
    socket.emit("long", long);
    expect(await encodingOf({ "accept-encoding": "gzip;q=0" })).toBeUndefined();
  });

  it("is off with httpCompression: false", async () => {
    const { client, socket } = await joined({ httpCompression: false });
    socket.emit("long", long);
    expect((await client.get({ headers: gzip })).headers).not.toHaveProperty("content-encoding");
  });
});

describe("the heartbeat", () => {
  const fast = { pingInterval: 20, pingTimeout: 40 };

  it("answers a GET that waits", async () => {
    const clock = deadlinesByHand();
    const { client, socket } = await joined(fast);
    for (let beat = 0; beat < 2; beat++) {
      const waiting = client.get();
      await until(() => socket.conn.transport.writable);
      clock.advance(20);
      expect((await waiting).body).toBe("2");
      expect((await client.post("3")).status).toBe(200);
    }
  });

  it("ends the session of a client that does not answer it", async () => {
    const clock = deadlinesByHand();
    const { server, client, socket } = await joined(fast);
    const end = endOf(socket);
    clock.advance(20);
    await client.get();
    clock.advance(39);
    expect(socket.connected).toBe(true);
    clock.advance(1);
    expect(await end).toEqual(["ping timeout", undefined]);
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("ends the session of a client that does not come back to fetch it", async () => {
    const clock = deadlinesByHand();
    const { socket } = await joined(fast);
    const end = endOf(socket);
    clock.advance(20 + 40);
    expect(await end).toEqual(["ping timeout", undefined]);
  });

  it("goes one way", async () => {
    const { client, socket } = await joined();
    const end = endOf(socket);
    await client.post("2");
    expect(await end).toEqual(["transport error", "invalid heartbeat direction"]);
  });
});

it("a client that polls all the time is told everything once, in order", async () => {
  const server = await TestServer.start();
  const client = await server.connect("polling");
  const socket = await server.joinWith(client);
  for (let index = 0; index < 50; index++) {
    socket.emit("n", index);
    await (index % 7 === 0 ? settled() : undefined);
  }
  for (let index = 0; index < 50; index++) {
    expect(await client.next()).toBe(`42["n",${index}]`);
  }
});
