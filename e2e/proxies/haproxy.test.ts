/** hawser's server behind HAProxy, with HAProxy as docs/behind-a-proxy.md has it, and with what it warns of. */

import { describe, expect, test } from "vitest";
import { inbox, until } from "../harness/waiting.ts";
import { documented } from "./documented.ts";
import { HAPROXY } from "./programs.ts";
import { CLIENTS, converse, engineOf, transportOf, World } from "./world.ts";

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
});
