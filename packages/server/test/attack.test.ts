/**
 * What has been done to servers of this kind, or could be: each class of published advisories, replayed on bare
 * connections. Whatever a client sends, the process lives, the other clients do not notice, and nothing is left behind.
 */

import { once } from "node:events";
import { connect } from "node:net";
import { withSeed, type RawClient, type RawTcp } from "@hawser/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { ServerOptions, Socket } from "../src/index.ts";
import { nextEvent, settled, TestServer, until } from "./fixture.ts";
import { frame, frames, OPCODES, upgradeRequest, type UpgradeRequest } from "./websocket-bytes.ts";

// ── the scene ──────────────────────────────────────────────────────────────────────────────────────────────────────

const uncaught: unknown[] = [];
const note = (error: unknown): unknown => uncaught.push(error);

beforeEach(() => {
  uncaught.length = 0;
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
});

afterEach(async () => {
  await settled();
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
  expect(uncaught).toEqual([]);
});

/** A server with two clients that mean well, one on each transport. */
class Scene {
  readonly server: TestServer;
  readonly #bystanders: RawClient[] = [];
  #rounds = 0;

  private constructor(server: TestServer) {
    this.server = server;
  }

  static async set(options: Partial<ServerOptions> = {}): Promise<Scene> {
    const server = await TestServer.start(options);
    const scene = new Scene(server);
    for (const transport of ["websocket", "polling"] as const) {
      const { client, socket } = await server.join(transport);
      socket.on("echo", (answer: (value: string) => void) => answer("here"));
      scene.#bystanders.push(client);
    }
    return scene;
  }

  get #connections(): Promise<number> {
    return new Promise((resolve) => this.server.http.getConnections((_error, count) => resolve(count)));
  }

  /** The bystanders are served as ever, and they are all there is: no session, socket or room is left of the attacker. */
  async unharmed(): Promise<void> {
    const id = this.#rounds++;
    for (const bystander of this.#bystanders) {
      await bystander.send(`42${id}["echo"]`);
      await bystander.next(`43${id}["here"]`);
    }
    const { engine, sockets } = this.server.io;
    await until(() => engine.clientsCount === 2);
    expect(sockets.sockets.size).toBe(2);
    expect([sockets.adapter.sids.size, sockets.adapter.rooms.size]).toEqual([2, 2]);
  }

  /** And no connection either: the polling bystander has up to two, the other one. */
  async undisturbed(): Promise<void> {
    await this.unharmed();
    const end = performance.now() + 3000;
    while ((await this.#connections) > 3) {
      expect(performance.now()).toBeLessThan(end);
      await settled();
    }
  }

  /** Lets sessions that begin from now on end soon unless they answer pings. */
  hurry(pingInterval = 30, pingTimeout = 30): void {
    Object.assign(this.server.io.engine.opts, { pingInterval, pingTimeout });
  }

  /** A WebSocket whose bytes are written by hand, with a session. */
  async webSocket(request: UpgradeRequest = {}): Promise<RawTcp> {
    const tcp = await this.server.tcp();
    tcp.write(upgradeRequest(request));
    await tcp.until("}");
    return tcp;
  }

  /** Sends bytes without ever reading an answer, and then resets the connection. */
  async sendDeafly(...pieces: (string | Buffer)[]): Promise<void> {
    const connection = connect(this.server.port, "127.0.0.1");
    connection.pause();
    connection.on("error", () => {});
    await once(connection, "connect");
    for (const piece of pieces) {
      connection.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    connection.resetAndDestroy();
  }

  /** A client that has joined `/` and its socket. */
  attacker(transport: "polling" | "websocket" = "websocket"): Promise<{ client: RawClient; socket: Socket }> {
    return this.server.join(transport);
  }

  /** An attacker's polling session ends now, rather than when its ping is not answered. */
  async end(client: RawClient): Promise<void> {
    await client.send("1").catch(() => {});
    await client.close();
  }

  /** The first lines of requests of a polling session. */
  async pollingSession(): Promise<{ post: string; get: string; upgrade: string }> {
    const client = this.server.client();
    const { sid } = JSON.parse((await client.get()).body.slice(1)) as { sid: string };
    await client.close();
    const path = (transport: string): string => `/socket.io/?EIO=4&transport=${transport}&sid=${sid}`;
    return {
      get: `GET ${path("polling")} HTTP/1.1\r\nHost: x\r\n`,
      post: `POST ${path("polling")} HTTP/1.1\r\nHost: x\r\n`,
      upgrade: path("websocket"),
    };
  }
}

/** The names that every object has, which must be just names here. */
const NAMES = [...Object.getOwnPropertyNames(Object.prototype), "prototype", "length", "null", "undefined", "NaN"];

const HANDSHAKE = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n";

// ── names ──────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("names of an object's own members are just names", () => {
  it("as the value of each parameter, over both transports", async () => {
    const scene = await Scene.set();
    const tcp = await scene.server.tcp();
    for (const name of NAMES) {
      for (const query of [
        `EIO=4&transport=${name}`,
        `EIO=4&transport=polling&sid=${name}`,
        `EIO=${name}&transport=polling`,
      ]) {
        tcp.write(`GET /socket.io/?${query} HTTP/1.1\r\nHost: x\r\n\r\n`);
        expect(await tcp.until(/"message":"[^"]*"\}/)).toContain("400 Bad Request");
      }
      const upgrade = await scene.server.tcp();
      upgrade.write(upgradeRequest({ url: `/socket.io/?EIO=4&transport=websocket&sid=${name}` }));
      await upgrade.closed;
      expect(upgrade.received).toContain("Session ID unknown");
    }
    await scene.unharmed();
  });

  it("as the names of parameters and headers", async () => {
    const scene = await Scene.set();
    for (const name of NAMES) {
      const headers = Object.defineProperty({}, name, { value: "x", enumerable: true });
      const tcp = await scene.webSocket({ url: `/socket.io/?EIO=4&transport=websocket&${name}=x`, headers });
      const connection = nextEvent(scene.server.io, "connection") as Promise<[Socket]>;
      tcp.write(frame("40"));
      const [{ handshake, request }] = await connection;
      expect(Object.getOwnPropertyDescriptor(handshake.query, name)?.value).toBe("x");
      expect(Object.getPrototypeOf(handshake.headers)).toBe(Object.prototype);
      expect(request.headers["host"]).toBe("127.0.0.1");
      tcp.end();
    }
    await scene.unharmed();
  });

  it("as session ids that the application makes", async () => {
    const scene = await Scene.set();
    for (const name of ["__proto__", "constructor", "toString"]) {
      scene.server.io.engine.generateId = () => name;
      const { client } = await scene.attacker("polling");
      expect(client.sid).toBe(name);
      await client.send("1");
    }
    await scene.unharmed();
  });

  it("as namespaces, events, and members of auth and arguments", async () => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker();
    for (const name of NAMES) {
      await client.send(`40/${name},`);
      expect(await client.next()).toBe(`44/${name},{"message":"Invalid namespace"}`);
      const event = nextEvent(socket, name);
      await client.send(`42["${name}",{"${name}":{"polluted":true}},{"a":[{"${name}":1}]}]`);
      const [first] = (await event) as [object];
      expect(Object.keys(first)).toEqual([name]);
    }
    await client.send("41", '40{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    await client.next(/^40/);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    await client.close();
    await scene.unharmed();
  });

  it("as members of packets with attachments", async () => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker();
    const event = nextEvent(socket, "a");
    await client.send('451-["a",{"__proto__":{"_placeholder":true,"num":0}},{"constructor":{"prototype":{"x":1}}}]');
    await client.send(Buffer.from([1]));
    const [first] = (await event) as [object];
    expect(Object.getPrototypeOf(first)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(first, "__proto__")?.value).toEqual(Buffer.from([1]));
    expect(({} as { x?: number }).x).toBeUndefined();
    await client.close();
    await scene.unharmed();
  });
});

// ── connections that break at the worst moment ─────────────────────────────────────────────────────────────────────

describe("a connection is reset", () => {
  const REQUESTS: [string, string][] = [
    ["within a request line", "GET /socket.io/?EIO=4&tra"],
    ["within the headers", `${HANDSHAKE}X-A: `],
    ["behind a handshake", `${HANDSHAKE}\r\n`],
    ["behind a refused request", "GET /socket.io/?transport=tube HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["behind an upgrade", upgradeRequest()],
    ["behind a refused upgrade", upgradeRequest({ url: "/socket.io/?EIO=4&transport=tube" })],
    [
      "behind an upgrade of a session that is not there",
      upgradeRequest({ url: "/socket.io/?EIO=4&transport=websocket&sid=x" }),
    ],
    ["behind an upgrade of another revision", upgradeRequest({ url: "/socket.io/?EIO=3&transport=websocket" })],
    ["behind an upgrade that is none of the engine's", upgradeRequest({ url: "/elsewhere" })],
    ["behind an upgrade without a key", upgradeRequest({ headers: { "Sec-WebSocket-Key": undefined } })],
    ["within a body", `POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n4`],
    ["within a request for a file", "GET /socket.io/socket.io.js HTTP/1.1\r\nHost: x\r\n\r\n"],
  ];

  it.each(REQUESTS)("%s", async (_when, bytes) => {
    const scene = await Scene.set();
    // Nobody answers the pings of a session that began this way.
    scene.hurry();
    for (let round = 0; round < 10; round++) {
      const tcp = await scene.server.tcp();
      tcp.write(bytes);
      if (round % 2 === 0) {
        await settled();
      }
      tcp.reset();
      await tcp.closed;
    }
    await scene.undisturbed();
  });

  type Stage = "middleware" | "allowRequest" | "generateId";

  it.each<[Stage, "polling" | "websocket"]>([
    ["middleware", "polling"],
    ["middleware", "websocket"],
    ["allowRequest", "polling"],
    ["allowRequest", "websocket"],
    ["generateId", "polling"],
    ["generateId", "websocket"],
  ])("while an async %s thinks about a %s handshake", async (stage, transport) => {
    const continuations: (() => void)[] = [];
    let thinking = false;
    const think = (): Promise<void> =>
      thinking ? new Promise<void>((resolve) => continuations.push(resolve)) : Promise.resolve();
    const scene = await Scene.set({
      allowRequest: (_request, callback) =>
        void (stage === "allowRequest" ? think() : Promise.resolve()).then(() => callback(null, true)),
    });
    const { engine } = scene.server.io;
    if (stage === "middleware") {
      engine.use((_request, _response, next) => void think().then(() => next()));
    } else if (stage === "generateId") {
      const original = engine.generateId;
      engine.generateId = (request) => think().then(() => original(request));
    }
    thinking = true;
    const connections: RawTcp[] = [];
    for (let round = 0; round < 10; round++) {
      const tcp = await scene.server.tcp();
      tcp.write(transport === "websocket" ? upgradeRequest() : `${HANDSHAKE}\r\n`);
      connections.push(tcp);
    }
    await until(() => continuations.length >= 10);
    for (const tcp of connections) {
      tcp.reset();
    }
    await Promise.all(connections.map((tcp) => tcp.closed));
    await settled();
    thinking = false;
    continuations.forEach((goOn) => goOn());
    await scene.unharmed();
  });

  it("while a namespace's middleware thinks", async () => {
    const scene = await Scene.set();
    const continuations: (() => void)[] = [];
    scene.server.io.use((socket, next) => {
      void socket.join("lobby");
      continuations.push(next);
    });
    const connections: RawTcp[] = [];
    for (let round = 0; round < 10; round++) {
      const tcp = await scene.webSocket();
      tcp.write(frame("40"));
      connections.push(tcp);
    }
    await until(() => continuations.length === 10);
    connections.forEach((tcp) => tcp.reset());
    await until(() => scene.server.io.engine.clientsCount === 2);
    await settled();
    continuations.forEach((goOn) => goOn());
    await scene.undisturbed();
  });
});

// ── half-finished requests ─────────────────────────────────────────────────────────────────────────────────────────

describe("requests that are never finished hold nothing for long", () => {
  it("POSTs of binary content: refused, and their connections closed", async () => {
    const scene = await Scene.set();
    for (let round = 0; round < 20; round++) {
      const { post } = await scene.pollingSession();
      const tcp = await scene.server.tcp();
      tcp.write(`${post}Content-Type: application/octet-stream\r\nContent-Length: 999\r\n\r\n`);
      await tcp.closed;
    }
    await scene.undisturbed();
  });

  it("slow POSTs: they end with the heartbeat of their sessions", async () => {
    const scene = await Scene.set();
    scene.hurry();
    const connections: RawTcp[] = [];
    for (let round = 0; round < 20; round++) {
      const { post } = await scene.pollingSession();
      const tcp = await scene.server.tcp();
      tcp.write(`${post}Content-Length: 999\r\n\r\n4`);
      connections.push(tcp);
    }
    await Promise.all(connections.map((tcp) => tcp.closed));
    await scene.undisturbed();
  });

  it("POSTs that come byte by byte: they take the memory of their bytes", async () => {
    const scene = await Scene.set();
    scene.hurry(500);
    const { post } = await scene.pollingSession();
    const tcp = await scene.server.tcp();
    tcp.write(`${post}Transfer-Encoding: chunked\r\n\r\n${"1\r\n4\r\n".repeat(50_000)}0\r\n\r\n`);
    expect(await tcp.until("ok")).toMatch(/^HTTP\/1.1 200 /);
    await scene.unharmed();
  });

  it("upgrades that stop halfway: the WebSockets are closed in time, and so are the sessions", async () => {
    const scene = await Scene.set({ upgradeTimeout: 50 });
    scene.hurry(80);
    const connections: RawTcp[] = [];
    for (let round = 0; round < 20; round++) {
      const { upgrade } = await scene.pollingSession();
      const tcp = await scene.server.tcp();
      tcp.write(upgradeRequest({ url: upgrade }));
      if (round % 2 === 0) {
        tcp.write(frame("2probe"));
      }
      connections.push(tcp);
    }
    await Promise.all(connections.map((tcp) => tcp.until("\x88\x00")));
    connections.forEach((tcp) => tcp.reset());
    await scene.undisturbed();
  });

  it("attachments that never come: their connections are closed", async () => {
    const scene = await Scene.set({ pingInterval: 60, pingTimeout: 60 });
    const { client, socket } = await scene.attacker();
    const end = nextEvent(socket, "disconnect");
    const beating = setInterval(() => client.webSocket?.open && client.webSocket.send("3"), 20);
    await client.send('451-["a",{"_placeholder":true,"num":0}]');
    expect((await end)[0]).toBe("forced close");
    clearInterval(beating);
  });

  it("sessions that join nothing: they are closed", async () => {
    const scene = await Scene.set();
    scene.server.io.connectTimeout(30);
    const idle = await Promise.all(Array.from({ length: 20 }, () => scene.webSocket()));
    await Promise.all(idle.map((tcp) => tcp.until("\x88\x00")));
    idle.forEach((tcp) => tcp.reset());
    await scene.undisturbed();
  });
});

// ── requests in the wrong order ────────────────────────────────────────────────────────────────────────────────────

describe("requests that were not foreseen", () => {
  it("many GETs and POSTs of one session in one segment", async () => {
    const scene = await Scene.set();
    const { get, post } = await scene.pollingSession();
    const tcp = await scene.server.tcp();
    tcp.write(`${get}\r\n`.repeat(50) + `${post}Content-Length: 2\r\n\r\n40`.repeat(50));
    await tcp.until(/400 Bad Request/);
    tcp.reset();
    await scene.unharmed();
  });

  it("requests for a session whose end is on its way", async () => {
    const scene = await Scene.set();
    const { get, post } = await scene.pollingSession();
    const tcp = await scene.server.tcp();
    tcp.write(`${post}Content-Length: 1\r\n\r\n1${get}\r\n`);
    await tcp.until(/ok.*\r\n6$/s);
    tcp.write(`${post}Content-Length: 2\r\n\r\n40`);
    await tcp.until("Session ID unknown");
    await scene.unharmed();
  });

  it("methods, targets and versions of all kinds", async () => {
    const scene = await Scene.set();
    const lines = [
      "OPTIONS * HTTP/1.1",
      "CONNECT x:1 HTTP/1.1",
      "TRACE /socket.io/?EIO=4&transport=polling HTTP/1.1",
      "GET http://other/socket.io/?EIO=4&transport=polling HTTP/1.1",
      "GET //socket.io/?EIO=4&transport=polling HTTP/1.1",
      "GET /socket.io/?%E0%A4%A&transport=%ff%fe HTTP/1.1",
      `GET /socket.io/?${"a&".repeat(5000)} HTTP/1.1`,
      `GET /socket.io/?${"=".repeat(10_000)} HTTP/1.1`,
      "GET /socket.io/? HTTP/1.0",
      "GET /socket.io/?EIO=4&transport=polling HTTP/9.9",
      "\x16\x03\x01\x02\x00",
    ];
    for (const line of lines) {
      const tcp = await scene.server.tcp();
      tcp.write(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await tcp.closed;
    }
    await scene.unharmed();
  });

  const UPGRADES: [string, Record<string, string | undefined>][] = [
    ["no key", { "Sec-WebSocket-Key": undefined }],
    ["a short key", { "Sec-WebSocket-Key": "x" }],
    ["no version", { "Sec-WebSocket-Version": undefined }],
    ["an old version", { "Sec-WebSocket-Version": "1" }],
    ["another protocol than WebSocket", { Upgrade: "h2c" }],
    ["a member of all objects as the protocol", { Upgrade: "constructor" }],
    ["a member of all objects as an extension", { "Sec-WebSocket-Extensions": "constructor; __proto__, __proto__" }],
    ["a broken list of extensions", { "Sec-WebSocket-Extensions": `a;${" ".repeat(5000)}=,;;=` }],
    ["a broken list of subprotocols", { "Sec-WebSocket-Protocol": `${", ".repeat(3000)}` }],
    ["a subprotocol of spaces", { "Sec-WebSocket-Protocol": `a${" ".repeat(8000)}b` }],
  ];

  it.each(UPGRADES)("an upgrade with %s", async (_what, headers) => {
    const scene = await Scene.set({ perMessageDeflate: true });
    const tcp = await scene.server.tcp();
    tcp.write(upgradeRequest({ headers }));
    await tcp.until("\r\n\r\n");
    tcp.reset();
    await scene.unharmed();
  });

  it("an upgrade with more headers than are looked at", async () => {
    const scene = await Scene.set();
    scene.server.http.maxHeadersCount = 3;
    const tcp = await scene.server.tcp();
    tcp.write(upgradeRequest());
    await tcp.until("\r\n\r\n");
    tcp.reset();
    scene.server.http.maxHeadersCount = 2000;
    await scene.unharmed();
  });

  it("an upgrade with another method, a body, or a second request behind it", async () => {
    const scene = await Scene.set();
    for (const bytes of [
      upgradeRequest().replace("GET", "POST"),
      upgradeRequest().replace("GET", "OPTIONS"),
      upgradeRequest({ headers: { "Content-Length": "5" } }),
      upgradeRequest() + upgradeRequest(),
      `${upgradeRequest()}${HANDSHAKE}\r\n`,
    ]) {
      const tcp = await scene.server.tcp();
      tcp.write(bytes);
      await tcp.until("\r\n\r\n");
      tcp.reset();
    }
    await scene.unharmed();
  });
});

// ── frames ─────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("frames", () => {
  const BAD: [string, Buffer][] = [
    ["without a mask", frame("40", { masked: false })],
    ["of an unknown kind", frame("40", { opcode: 0x7 })],
    ["with reserved bits", Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ["longer than a number can say", Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ["longer than is allowed, announced but not sent", Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff])],
    ["that continue nothing", frame("x", { opcode: OPCODES.continuation })],
    ["that begin a message within another", Buffer.concat([frame("4", { final: false }), frame("4")])],
    ["that control, and are too long", frame("x".repeat(200), { opcode: OPCODES.ping })],
    ["that control, in pieces", frame("x", { opcode: OPCODES.ping, final: false })],
    ["that close with half a code", frame("x", { opcode: OPCODES.close })],
    ["that close with a forbidden code", frame(Buffer.from([0, 5]), { opcode: OPCODES.close })],
    ["that are no UTF-8", frame(Buffer.from([0x34, 0xc0, 0x80]))],
    ["that are no packet", frames("x")],
    ["that are noise", Buffer.from("\x00\x01\x02\x03\x04\x05\x06\x07\xff\xfe\xfd", "latin1")],
  ];

  it.each(BAD)("%s, in one segment with the handshake: before anybody listens", async (_what, bytes) => {
    const scene = await Scene.set();
    const tcp = await scene.server.tcp();
    tcp.write(Buffer.concat([Buffer.from(upgradeRequest()), bytes]));
    await tcp.until("\r\n\r\n");
    await until(() => scene.server.io.engine.clientsCount === 2);
    tcp.end();
    await scene.undisturbed();
  });

  it.each(BAD)("%s, on the WebSocket of an upgrade: the session stays on polling", async (_what, bytes) => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker("polling");
    const tcp = await scene.server.tcp();
    const { pathname, search } = client.url({ transport: "websocket" });
    tcp.write(Buffer.concat([Buffer.from(upgradeRequest({ url: pathname + search })), bytes]));
    await tcp.until("\r\n\r\n");
    await until(() => !socket.client.mux.session.upgrading);
    socket.emit("still");
    await client.next('42["still"]');
    await scene.end(client);
    tcp.end();
    await scene.unharmed();
  });

  it("a message in very many fragments is not put together", async () => {
    const scene = await Scene.set();
    const tcp = await scene.webSocket();
    const fragment = frame("x", { opcode: OPCODES.continuation, final: false });
    tcp.write(Buffer.concat([frame("4", { final: false }), ...Array<Buffer>(20_000).fill(fragment)]));
    await tcp.until("\x88");
    tcp.reset();
    await scene.unharmed();
  });

  it("and empty ones are no way around that", async () => {
    const scene = await Scene.set();
    const tcp = await scene.webSocket();
    const fragment = frame("", { opcode: OPCODES.continuation, final: false });
    tcp.write(Buffer.concat([frame("4", { final: false }), ...Array<Buffer>(20_000).fill(fragment)]));
    await tcp.until("\x88");
    tcp.reset();
    await scene.unharmed();
  });

  it("a flood of pings of the WebSocket, by one who does not read", async () => {
    const scene = await Scene.set();
    const pings = Buffer.concat(Array<Buffer>(20_000).fill(frame("x".repeat(100), { opcode: OPCODES.ping })));
    await scene.sendDeafly(upgradeRequest(), pings, pings);
    await scene.undisturbed();
  });

  it("a flood of probes, by one who does not read", async () => {
    const scene = await Scene.set();
    scene.hurry();
    const { upgrade } = await scene.pollingSession();
    const probes = Buffer.concat(Array<Buffer>(20_000).fill(frame("2probe")));
    await scene.sendDeafly(upgradeRequest({ url: upgrade }), probes, probes);
    await scene.undisturbed();
  });

  it("a small one that would be large once it is decompressed", async () => {
    const scene = await Scene.set({ perMessageDeflate: { threshold: 0 } });
    const url = `ws://127.0.0.1:${scene.server.port}/socket.io/?EIO=4&transport=websocket`;
    const webSocket = new WebSocket(url, { perMessageDeflate: { threshold: 0 } });
    const closed = nextEvent(webSocket, "close");
    await nextEvent(webSocket, "open");
    webSocket.send("4".repeat(50_000_000));
    expect((await closed)[0]).toBe(1009);
    await scene.unharmed();
  });
});

// ── packets ────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("packets", () => {
  it("a header that announces no attachments does not make later ones be kept", async () => {
    const scene = await Scene.set();
    for (const header of ['450-["a"]', '450-["a",{"_placeholder":true,"num":0}]', "450-", "450-/x,"]) {
      const { client, socket } = await scene.attacker();
      const events: unknown[] = [];
      socket.onAny((...event) => events.push(event));
      await client.send(header, ...Array<Buffer>(100).fill(Buffer.alloc(1000)));
      await client.webSocket?.closed;
      expect(events).toEqual([]);
    }
    await scene.unharmed();
  });

  it("attachments that nobody announced, and more than were", async () => {
    const scene = await Scene.set();
    for (const opening of [[], ['451-["a",{"_placeholder":true,"num":0}]']]) {
      const { client } = await scene.attacker();
      await client.send(...opening, ...Array<Buffer>(100).fill(Buffer.alloc(10_000)));
      await client.webSocket?.closed;
    }
    await scene.unharmed();
  });

  it.each([
    ["an event", (nested: string) => [`42["a",${nested}]`]],
    ["an event with attachments", (nested: string) => [`451-["a",${nested},{"_placeholder":true,"num":0}]`, "bAQ=="]],
    ["an answer", (nested: string) => [`430${nested}`]],
    ["auth", (nested: string) => ["41", `40{"a":${nested}}`]],
    ["auth for a namespace that is not there", (nested: string) => [`40/x,{"a":${nested}}`]],
  ])("data that is nested very deep, in %s", async (_where, packets) => {
    const scene = await Scene.set();
    const deep = "[".repeat(400_000) + "]".repeat(400_000);
    const { client, socket } = await scene.attacker("polling");
    socket.on("a", (...args: unknown[]) => args);
    socket.emit("q", () => {});
    await client.send(...packets(deep)).catch(() => {});
    await scene.end(client);
    await scene.unharmed();
  });

  it("deep data that the application sends back is an error of the application's", async () => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker();
    const told = nextEvent(scene.server.io, "handler_error");
    socket.on("a", (data: unknown) => socket.emit("b", data));
    await client.send(`42["a",${"[".repeat(100_000)}${"]".repeat(100_000)}]`);
    expect(await told).toMatchObject([expect.any(RangeError), { phase: "event", event: "a" }]);
    await client.close();
    await scene.unharmed();
  });

  it("ids of all sizes", async () => {
    const scene = await Scene.set();
    for (const packet of [`42${"9".repeat(100_000)}["a"]`, `43${"9".repeat(400)}[]`, "42-1[]", "421e3[]", "420x1[]"]) {
      const { client } = await scene.attacker();
      await client.send(packet);
      await client.webSocket?.closed;
    }
    await scene.unharmed();
  });

  it("names of namespaces of all sizes: a long one is not remembered", async () => {
    const scene = await Scene.set();
    const { client } = await scene.attacker();
    for (const name of ["/x", `/${"x".repeat(1000)}`, `/${"x".repeat(500_000)}`]) {
      await client.send(`40${name},`);
      await client.next(/^44/);
    }
    await client.send(`42/${"x".repeat(1000)},["ignored"]`);
    await client.send("41", "40");
    await client.next(/^40/);
    await client.send(`42/${"x".repeat(500_000)},["a violation"]`);
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    await scene.unharmed();
  });
});

// ── floods ─────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("a flood in one body", () => {
  const SIZE = 1_000_000;
  const flood = (record: string): string => record.repeat(Math.floor(SIZE / record.length));

  const FLOODS: [string, string][] = [
    ["nothing", "\x1e".repeat(SIZE)],
    ["empty messages", flood("4\x1e")],
    ["noops", flood("6\x1e")],
    ["pongs", flood("3\x1e")],
    ["events without a name", flood("42\x1e")],
    ["events", flood('42["a"]\x1e')],
    ["events that ask for answers", flood('421["ask"]\x1e')],
    ["answers that nobody waits for", flood("430[]\x1e")],
    ["CONNECTs to a namespace that is not there", flood("40/a,\x1e")],
    ["joining and leaving", flood("41\x1e40\x1e")],
    ["empty attachments", flood("b\x1e")],
    ["digits", `42${"9".repeat(SIZE - 2)}`],
    ["dashes", `451${"-".repeat(SIZE - 3)}`],
    ["slashes", `42${"/".repeat(SIZE - 2)}`],
  ];

  it.each(FLOODS)("of %s is over within a second", async (_what, body) => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker("polling");
    socket.on("ask", (answer: () => void) => answer());
    const begun = performance.now();
    await client.post(body, { timeout: Infinity });
    await scene.end(client);
    await scene.unharmed();
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

it("more namespaces than one client needs end its connection, whether they are joined or asked for", async () => {
  const scene = await Scene.set();
  const { io } = scene.server;
  io.of(/^\/joined-/);
  io.of((name, _auth, next) => (name.startsWith("/asked-") ? undefined : next(null, false)));
  for (const kind of ["joined", "asked"]) {
    const { client, socket } = await scene.attacker();
    const end = nextEvent(socket, "disconnect");
    await client.send(...Array.from({ length: 1100 }, (_, index) => `40/${kind}-${index},`));
    expect((await end)[0]).toBe("forced close");
  }
  await scene.unharmed();
});

it("thousands of handshakes of one connection are sessions that end", async () => {
  const scene = await Scene.set();
  scene.hurry(100);
  const tcp = await scene.server.tcp();
  tcp.write(`${HANDSHAKE}\r\n`.repeat(2000));
  await until(() => scene.server.io.engine.clientsCount === 2002);
  tcp.reset();
  await scene.undisturbed();
});

it("what fits no grammar at all, at random, over both transports", () =>
  withSeed(async (random) => {
    const scene = await Scene.set();
    const pick = <Item>(items: readonly Item[]): Item => items[random.integer(0, items.length - 1)] as Item;
    const tokens = [
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "-",
      "/",
      ",",
      "[",
      "]",
      "{",
      "}",
      '"',
      '"a"',
      "_placeholder",
      "\x1e",
      "b",
    ];
    const words = [
      '{"_placeholder":true,"num":0}',
      "/x,",
      '["a"]',
      "bAQ==",
      "40",
      "41",
      '42["a"]',
      "451-",
      "461-",
      "probe",
    ];
    const noise = (): string =>
      Array.from({ length: random.integer(1, 12) }, () => pick([...tokens, ...words])).join("");
    scene.server.io.of("/x");
    scene.server.io.on("connection", (socket) => {
      socket.onAny((name: unknown, ...args: unknown[]) => {
        expect(["string", "number", "undefined"]).toContain(typeof name);
        for (const arg of args) {
          if (typeof arg === "function") {
            (arg as () => void)();
          }
        }
      });
    });
    for (let round = 0; round < 60; round++) {
      const client = scene.server.client();
      await client.openWebSocket().then((webSocket) => {
        webSocket.send("40");
        for (let packet = 0; packet < 10 && webSocket.open; packet++) {
          webSocket.send(pick([noise(), `4${noise()}`, Buffer.from(noise())]));
        }
        webSocket.close();
        return webSocket.closed;
      });
      const polling = scene.server.client();
      polling.handshake = JSON.parse((await polling.get()).body.slice(1));
      await polling.post(["40", noise(), `4${noise()}`, `4${noise()}`, "1"].join("\x1e"));
      await Promise.all([client.close(), polling.close()]);
    }
    await scene.unharmed();
  }));
