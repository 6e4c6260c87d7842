/** hawser's server behind HAProxy, with HAProxy as docs/behind-a-proxy.md has it, and with what it warns of. */

import { describe, expect, test } from "vitest";
import { inbox, until } from "../harness/waiting.ts";
import { documented } from "./documented.ts";
import { HAPROXY } from "./programs.ts";
import { CLIENTS, converse, converseInTheEnd, engineOf, transportOf, World } from "./world.ts";

/** HAProxy that waits for anything no longer than so. */
const waiting = (time: string): string =>
  documented("haproxy", {
    "timeout client 60s": `timeout client ${time}`,
    "timeout server 60s": `timeout server ${time}`,
    "timeout tunnel 60s": `timeout tunnel ${time}`,
  });

describe.skipIf(HAPROXY.path === undefined).each(CLIENTS)("hawser behind HAProxy, with %s,", (_name, io) => {
  test("carries polling, the upgrade and WebSocket, and tells where the client is", async () => {
    await using world = new World();
    const { io: server, port } = await world.serve();
    const { url } = await world.proxy(HAPROXY, documented("haproxy"), { servers: [port] });
    const connections = inbox(server, "connection");
    for (const transports of [["polling"], ["polling", "websocket"], ["websocket"]]) {
      const client = world.connect(io, url, { transports, extraHeaders: { "X-Forwarded-For": "192.0.2.1" } });
      const [socket] = await connections.next();
      // What the client claims comes first, what HAProxy knows comes last.
      expect(socket.handshake.headers["x-forwarded-for"]).toBe("192.0.2.1, 127.0.0.1");
      expect(socket.handshake.address).toBe("127.0.0.1");
      await converse(client);
      await until(() => transportOf(client) === transports.at(-1), `the client to be on ${transports.at(-1)}`);
      await converse(client);
    }
  });

  test("stays on polling where HAProxy takes the header of the upgrade away", async () => {
    await using world = new World();
    const { port } = await world.serve();
    const strict = documented("haproxy", { "bind :80": "bind :80\n  http-request del-header Upgrade" });
    const { url } = await world.proxy(HAPROXY, strict, { servers: [port] });
    const client = world.connect(io, url);
    const failures = inbox(engineOf(client), "upgradeError");
    await inbox(client, "connect").next();
    expect((await failures.next())[0].transport).toBe("websocket");
    await converse(client);
    expect(transportOf(client)).toBe("polling");
  });

  test.each(["polling", "websocket"])("comes back each time HAProxy loses patience with %s", async (transport) => {
    await using world = new World();
    const { port } = await world.serve({ pingInterval: 20_000 });
    const { url } = await world.proxy(HAPROXY, waiting("200ms"), { servers: [port] });
    const client = world.connect(io, url, { transports: [transport] });
    const [connects, losses] = [inbox(client, "connect"), inbox(client, "disconnect")];
    await connects.next();
    for (let round = 0; round < 3; round++) {
      const [reason, details] = await losses.next();
      if (transport === "polling") {
        expect([reason, details.description]).toEqual(["transport error", 504]);
      } else {
        expect(reason).toBe("transport close");
      }
      await connects.next();
    }
    await converseInTheEnd(client, connects);
  });

  test.each(["polling", "websocket"])("keeps a quiet connection by %s with frequent pings", async (transport) => {
    await using world = new World();
    const { io: server, port } = await world.serve({ pingInterval: 200, pingTimeout: 4_000 });
    const { url } = await world.proxy(HAPROXY, waiting("2s"), { servers: [port] });
    const connections = inbox(server, "connection");
    const client = world.connect(io, url, { transports: [transport] });
    const losses = inbox(client, "disconnect");
    const [socket] = await connections.next();
    // Longer than HAProxy waits.
    await inbox(socket.conn, "heartbeat").take(12);
    expect(losses.size).toBe(0);
    await converse(client);
  });

  test("keeps its WebSocket when HAProxy reads its configuration again, until the old workers have to go", async () => {
    await using world = new World();
    const { io: server, port } = await world.serve({ connectionStateRecovery: {} });
    const proxy = await world.proxy(HAPROXY, documented("haproxy"), {
      servers: [port],
      global: "  hard-stop-after 2s",
    });
    const connections = inbox(server, "connection");
    const client = world.connect(io, proxy.url, { transports: ["websocket"] });
    const losses = inbox(client, "disconnect");
    const [{ id }] = await connections.next();
    await converse(client);
    await proxy.reload();
    await converse(client);
    expect(losses.size).toBe(0);
    expect((await losses.next())[0]).toBe("transport close");
    const [again] = await connections.next();
    expect([again.id, again.recovered]).toEqual([id, true]);
    await converse(client);
  });

  test.each(["polling", "websocket"])(
    "comes back by %s, and recovers, when HAProxy was restarted",
    async (transport) => {
      await using world = new World();
      const { io: server, port } = await world.serve({
        pingInterval: 300,
        pingTimeout: 2_000,
        connectionStateRecovery: {},
      });
      const proxy = await world.proxy(HAPROXY, documented("haproxy"), { servers: [port] });
      const connections = inbox(server, "connection");
      const client = world.connect(io, proxy.url, { transports: [transport] });
      const [losses, errors] = [inbox(client, "disconnect"), inbox(client, "connect_error")];
      const [socket] = await connections.next();
      const left = inbox(socket, "disconnect");
      await converse(client);
      await proxy.stop();
      await losses.next();
      await left.next();
      await errors.take(2);
      await proxy.start();
      const [again] = await connections.next();
      expect([again.id, again.recovered]).toEqual([socket.id, true]);
      await converse(client);
    },
  );
});
