/** Connections that last, behind proxies that lose patience, read their configuration again, or are restarted: the same for all of them. */

import { describe, expect, test } from "vitest";
import { inbox, until } from "../harness/waiting.ts";
import { documented } from "./documented.ts";
import { HAPROXY, NGINX, type ProxyProgram } from "./programs.ts";
import { CLIENTS, converse, converseInTheEnd, transportOf, World } from "./world.ts";

interface Subject {
  readonly program: ProxyProgram;
  /** As docs/behind-a-proxy.md has it. */
  readonly usual: string;
  /** The same, but nothing is waited for longer than so. */
  waiting(time: string): string;
  /** A setting of its own: for how long connections last that were there before the configuration was read again. */
  readonly oldConnections: string;
}

const SUBJECTS: readonly Subject[] = [
  {
    program: NGINX,
    usual: documented("nginx"),
    waiting: (time) => documented("nginx", { "proxy_read_timeout 60s": `proxy_read_timeout ${time}` }),
    oldConnections: "worker_shutdown_timeout 2s;",
  },
  {
    program: HAPROXY,
    usual: documented("haproxy"),
    waiting: (time) =>
      documented("haproxy", {
        "timeout client 60s": `timeout client ${time}`,
        "timeout server 60s": `timeout server ${time}`,
        "timeout tunnel 60s": `timeout tunnel ${time}`,
      }),
    oldConnections: "  hard-stop-after 2s",
  },
];

const CASES = SUBJECTS.flatMap((subject) =>
  CLIENTS.map(([name, io]) => ({ proxy: subject.program.name, name, io, subject })),
);

describe.each(CASES)("hawser behind $proxy, with $name,", ({ io, subject }) => {
  const { program, usual } = subject;

  describe.skipIf(program.path === undefined).each(["polling", "websocket"])("over %s", (transport) => {
    test("comes back each time the proxy loses patience", async () => {
      await using world = new World();
      const { port } = await world.serve({ pingInterval: 20_000 });
      const { url } = await world.proxy(program, subject.waiting("200ms"), { servers: [port] });
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

    test("keeps a quiet connection with pings that are frequent enough", async () => {
      await using world = new World();
      const { io: server, port } = await world.serve({ pingInterval: 200, pingTimeout: 4_000 });
      const { url } = await world.proxy(program, subject.waiting("2s"), { servers: [port] });
      const connections = inbox(server, "connection");
      const client = world.connect(io, url, { transports: [transport] });
      const losses = inbox(client, "disconnect");
      const [socket] = await connections.next();
      // Longer than the proxy waits.
      await inbox(socket.conn, "heartbeat").take(12);
      expect(losses.size).toBe(0);
      await converse(client);
    });

    test("comes back, and recovers, when the proxy was restarted", async () => {
      await using world = new World();
      const { io: server, port } = await world.serve({
        pingInterval: 300,
        pingTimeout: 2_000,
        connectionStateRecovery: {},
      });
      const proxy = await world.proxy(program, usual, { servers: [port] });
      const connections = inbox(server, "connection");
      const client = world.connect(io, proxy.url, { transports: [transport] });
      const [losses, errors, missed] = [
        inbox(client, "disconnect"),
        inbox(client, "connect_error"),
        inbox(client, "missed"),
      ];
      const [socket] = await connections.next();
      const left = inbox(socket, "disconnect");
      await converse(client);
      await proxy.stop();
      // Socket.IO's client does not always notice that its request broke.
      expect(["transport close", "transport error", "ping timeout"]).toContain((await losses.next())[0]);
      await left.next();
      server.emit("missed", "while it was gone");
      await errors.take(2);
      await proxy.start();
      const [again] = await connections.next();
      expect([again.id, again.recovered]).toEqual([socket.id, true]);
      expect((await missed.next())[0]).toBe("while it was gone");
      await converse(client);
    });
  });

  test.skipIf(program.path === undefined)(
    "keeps its WebSocket when the configuration is read again, until old connections have to go",
    async () => {
      await using world = new World();
      const { io: server, port } = await world.serve({ connectionStateRecovery: {} });
      const proxy = await world.proxy(program, usual, { servers: [port], global: subject.oldConnections });
      const connections = inbox(server, "connection");
      const client = world.connect(io, proxy.url);
      const losses = inbox(client, "disconnect");
      await inbox(client, "connect").next();
      await until(() => transportOf(client) === "websocket", "the upgrade");
      const [{ id }] = await connections.next();
      await proxy.reload();
      await converse(client);
      expect(losses.size).toBe(0);
      expect((await losses.next())[0]).toBe("transport close");
      const [again] = await connections.next();
      expect([again.id, again.recovered]).toEqual([id, true]);
      await converse(client);
    },
  );
});
