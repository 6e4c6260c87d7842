import type { RawTcp } from "@hawser/testing";
import { describe, expect, it } from "vitest";
import { deadlinesByHand, nextEvent, until } from "../fixture.ts";
import { frame, upgradeRequest } from "../websocket-bytes.ts";
import { expectNothingUncaught, HANDSHAKE, Scene } from "./scene.ts";

expectNothingUncaught();

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
    const clock = deadlinesByHand();
    const scene = await Scene.set();
    scene.hurry();
    let posts = 0;
    scene.server.http.on("request", ({ method }) => (posts += method === "POST" ? 1 : 0));
    const connections: RawTcp[] = [];
    for (let round = 0; round < 20; round++) {
      const { post } = await scene.pollingSession();
      const tcp = await scene.server.tcp();
      tcp.write(`${post}Content-Length: 999\r\n\r\n4`);
      connections.push(tcp);
    }
    await until(() => posts === 20);
    clock.advance(60);
    await Promise.all(connections.map((tcp) => tcp.closed));
    await scene.undisturbed();
  });

  it("POSTs that come byte by byte: they take the memory of their bytes", async () => {
    const clock = deadlinesByHand();
    const scene = await Scene.set();
    scene.hurry();
    const { post } = await scene.pollingSession();
    const tcp = await scene.server.tcp();
    tcp.write(`${post}Transfer-Encoding: chunked\r\n\r\n${"1\r\n4\r\n".repeat(50_000)}0\r\n\r\n`);
    expect(await tcp.until("ok")).toMatch(/^HTTP\/1.1 200 /);
    clock.advance(60);
    await scene.unharmed();
  });

  it("upgrades that stop halfway: the WebSockets are closed in time, and so are the sessions", async () => {
    const clock = deadlinesByHand();
    const scene = await Scene.set({ upgradeTimeout: 50 });
    scene.hurry(80);
    const connections: RawTcp[] = [];
    for (let round = 0; round < 20; round++) {
      const { upgrade } = await scene.pollingSession();
      const tcp = await scene.server.tcp();
      tcp.write(upgradeRequest({ url: upgrade }));
      if (round % 2 === 0) {
        tcp.write(frame("2probe"));
        await tcp.until("3probe");
      } else {
        await tcp.until("\r\n\r\n");
      }
      connections.push(tcp);
    }
    clock.advance(50);
    await Promise.all(connections.map((tcp) => tcp.until("\x88\x00")));
    connections.forEach((tcp) => tcp.reset());
    clock.advance(60);
    await scene.undisturbed();
  });

  it("attachments that never come: their connections are closed", async () => {
    const clock = deadlinesByHand();
    const scene = await Scene.set({ pingInterval: 20, pingTimeout: 300 });
    const { client, socket } = await scene.attacker();
    const end = nextEvent(socket, "disconnect");
    const received = nextEvent(socket.conn, "packet");
    await client.send('451-["a",{"_placeholder":true,"num":0}]');
    await received;
    for (let time = 0; time < 300; time += 20) {
      const heartbeat = nextEvent(socket.conn, "heartbeat");
      clock.advance(20);
      await client.send("3");
      await heartbeat;
    }
    clock.advance(20);
    expect((await end)[0]).toBe("forced close");
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

  it("a WebSocket for a session that is closing: it is refused", async () => {
    const scene = await Scene.set();
    const { get, post, upgrade } = await scene.pollingSession();
    const tcp = await scene.server.tcp();
    // What can't be right ends the session, which only the next GET can tell.
    tcp.write(`${post}Content-Length: 4\r\n\r\n42[]`);
    await tcp.until(/ok$/);
    const webSocket = await scene.server.tcp();
    webSocket.write(upgradeRequest({ url: upgrade }));
    webSocket.write(frame("2probe"));
    expect(await webSocket.until("\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    await webSocket.closed;
    tcp.write(`${get}\r\n`);
    await tcp.until("\x1e1");
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
