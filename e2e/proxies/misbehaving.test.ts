/** Proxies that nobody would configure so, and that are out there all the same. */

import { describe, expect, test } from "vitest";
import { clients } from "../harness/implementations.ts";
import { inbox, until } from "../harness/waiting.ts";
import { MisbehavingProxy, type UpgradeFate } from "./misbehaving-proxy.ts";
import { CLIENTS, converse, engineOf, transportOf, World } from "./world.ts";

const FATES: readonly UpgradeFate[] = ["swallowed", "answered with 200", "dropped", "muted"];
const NOTICED: readonly UpgradeFate[] = ["answered with 200", "dropped"];

describe.each(CLIENTS)("with %s,", (_name, io) => {
  test.each(FATES)("a session stays on polling where upgrades are %s", async (fate) => {
    await using world = new World();
    const { io: server, port } = await world.serve({ pingInterval: 100, pingTimeout: 2_000 });
    const proxy = world.use(await MisbehavingProxy.start(port, fate));
    const connections = inbox(server, "connection");
    const client = world.connect(io, proxy.url);
    const [losses, failures] = [inbox(client, "disconnect"), inbox(engineOf(client), "upgradeError")];
    const [socket] = await connections.next();
    if (NOTICED.includes(fate)) expect((await failures.next())[0].transport).toBe("websocket");
    else await until(() => proxy.upgrading > 0, "the attempt to upgrade");
    await converse(client);
    await inbox(socket.conn, "heartbeat").take(3);
    await converse(client);
    expect([transportOf(client), losses.size]).toEqual(["polling", 0]);

    client.disconnect();
    if (fate === "swallowed") await until(() => proxy.upgrading === 0, "the client to let go of its upgrade");
  });

  test.each(NOTICED)("tryAllTransports goes on to polling where WebSockets are %s", async (fate) => {
    await using world = new World();
    const { port } = await world.serve();
    const proxy = world.use(await MisbehavingProxy.start(port, fate));
    const client = world.connect(io, proxy.url, { transports: ["websocket", "polling"], tryAllTransports: true });
    await inbox(client, "connect").next();
    await converse(client);
    expect(transportOf(client)).toBe("polling");
  });

  test.each(FATES)("WebSocket alone fails where WebSockets are %s, and is tried again", async (fate) => {
    await using world = new World();
    const { port } = await world.serve();
    const proxy = world.use(await MisbehavingProxy.start(port, fate));
    const noticed = NOTICED.includes(fate);
    const client = world.connect(io, proxy.url, { transports: ["websocket"], ...(noticed ? {} : { timeout: 200 }) });
    const errors = await inbox(client, "connect_error").take(3);
    expect(errors[0]![0].message).toBe(noticed ? "websocket error" : "timeout");
  });

  test("the page of a captive portal is no answer: the client tries until the portal lets it through", async () => {
    await using world = new World();
    const { io: server, port } = await world.serve({ connectionStateRecovery: {} });
    const proxy = world.use(await MisbehavingProxy.start(port, "dropped"));
    const connections = inbox(server, "connection");
    proxy.portal = true;
    const client = world.connect(io, proxy.url);
    const [errors, losses] = [inbox(client, "connect_error"), inbox(client, "disconnect")];
    await errors.take(2);
    proxy.portal = false;
    const [socket] = await connections.next();
    await converse(client);

    proxy.portal = true;
    client.emit("call back", "and lost, for it takes the page for an answer");
    await losses.next();
    await errors.take(2);
    proxy.portal = false;
    const [again] = await connections.next();
    expect(again.id).toBe(socket.id);
    await converse(client);
  });
});

test.each(["swallowed", "muted"] as const)(
  "hawser-client's tryAllTransports goes on to polling where WebSockets are %s",
  async (fate) => {
    await using world = new World();
    const { port } = await world.serve();
    const proxy = world.use(await MisbehavingProxy.start(port, fate));
    const client = world.connect(clients.hawser.use.io, proxy.url, {
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      timeout: 1_500,
    });
    const errors = inbox(client, "connect_error");
    await inbox(client, "connect").next();
    await converse(client);
    expect([transportOf(client), errors.size]).toEqual(["polling", 0]);
  },
);
