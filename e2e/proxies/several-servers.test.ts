/** Two servers that know nothing of each other, behind a proxy that finds the one that a session belongs to. */

import { Agent } from "node:http";
import type { ServerOptions } from "socket.io";
import { describe, expect, test } from "vitest";
import type { ClientFactory, ClientSocket, RunningServer } from "../harness/context.ts";
import { DocumentedProgram } from "../harness/documented-program.ts";
import { inbox, until, type Inbox } from "../harness/waiting.ts";
import { documented } from "./documented.ts";
import { HAPROXY, NGINX } from "./programs.ts";
import { CLIENTS, converse, transportOf, World } from "./world.ts";

const POLLING = ["polling"];
const UPGRADE = ["polling", "websocket"];

/** Takes turns without looking at what belongs together. */
const TURNS = `
upstream nodes { server 127.0.0.1:3001; server 127.0.0.1:3002; }
map $http_upgrade $connection_upgrade { default upgrade; "" close; }
server {
  listen 80;
  location / {
    proxy_pass http://nodes;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
  }
}
`;

/** What is often recommended: the handshake, which has no session id yet, goes to another server than what follows it. */
const HASHED = TURNS.replace("upstream nodes {", "upstream nodes { hash $arg_sid consistent;");

/** Clients, half of which go on to WebSocket, that have all been connected without a failure. */
async function crowd(
  world: World,
  io: ClientFactory,
  url: string,
  size: number,
  options: (index: number) => Record<string, unknown> = () => ({}),
): Promise<{ crowd: ClientSocket[]; failures: Inbox[] }> {
  const members = Array.from({ length: size }, (_, index) =>
    world.connect(io, url, { transports: index % 2 === 0 ? POLLING : UPGRADE, ...options(index) }),
  );
  const failures = members.flatMap((client) => [inbox(client, "connect_error"), inbox(client, "disconnect")]);
  await Promise.all(members.map((client) => inbox(client, "connect").next()));
  for (const [index, client] of members.entries()) {
    if (index % 2 === 1) await until(() => transportOf(client) === "websocket", "the upgrade");
  }
  return { crowd: members, failures };
}

const failed = (failures: readonly Inbox[]): unknown[] => failures.flatMap((box) => box.drain());

const socketsOf = ({ io }: RunningServer): number => io.of("/").sockets.size;

for (const [name, io] of CLIENTS) {
  describe.skipIf(NGINX.path === undefined)(`two servers behind nginx, with ${name}`, () => {
    test("need sessions to stay together, except those that are by WebSocket alone", async () => {
      await using world = new World();
      const nodes = [await world.serve(), await world.serve()];
      const ports = nodes.map(({ port }) => port);
      const { url } = await world.proxy(NGINX, TURNS, { servers: ports });
      const refusals = nodes.map((node) => inbox(node.io.engine, "connection_error"));
      const lost = world.connect(io, url, { transports: POLLING, reconnection: false });
      await until(() => refusals.some(({ size }) => size > 0), "a request for another server");
      expect(refusals.flatMap((box) => box.drain()).map(([{ message }]) => message as string)).toContain(
        "Session ID unknown",
      );
      lost.disconnect();
      const well = Array.from({ length: 4 }, () => world.connect(io, url, { transports: ["websocket"] }));
      await Promise.all(well.map(converse));
      // The one that is lost may have had a last turn among them.
      const served = nodes.map(socketsOf);
      expect([Math.min(...served) > 0, served[0]! + served[1]!]).toEqual([true, 4]);
    });

    test("are not told apart by a hash of the session id, which the handshake does not have", async () => {
      await using world = new World();
      const nodes = [await world.serve(), await world.serve()];
      const { url } = await world.proxy(NGINX, HASHED, { servers: nodes.map(({ port }) => port) });
      const refusals = nodes.map((node) => inbox(node.io.engine, "connection_error"));
      for (let index = 0; index < 20; index++) world.connect(io, url, { transports: POLLING });
      await until(() => refusals.some(({ size }) => size > 0), "a request for another server");
      expect(refusals.flatMap((box) => box.drain())[0]![0]).toMatchObject({ message: "Session ID unknown" });
    });

    test("are found by the first letter of the session id, and replace each other", async () => {
      await using world = new World();
      const start = async (name: string): Promise<DocumentedProgram> =>
        world.use(await DocumentedProgram.start("docs/behind-a-proxy.md", "node.mjs", { NODE_NAME: name }));
      const nodes = [await start("a"), await start("b")];
      const ports = nodes.map(({ port }) => port);
      const { url } = await world.proxy(NGINX, documented("nginx by session id"), { servers: ports });
      const { crowd: members, failures } = await crowd(world, io, url, 12);
      const where = (client: ClientSocket): Promise<string> => client.timeout(12_000).emitWithAck("where");
      const places = await Promise.all(members.map(where));
      for (let round = 0; round < 5; round++) expect(await Promise.all(members.map(where))).toEqual(places);
      expect(failed(failures)).toEqual([]);
      expect(new Set(places)).toEqual(new Set(["a", "b"]));

      const moved = members.filter((_, index) => places[index] === "a").map((client) => inbox(client, "connect"));
      await nodes[0]!.kill();
      await Promise.all(moved.map((box) => box.next()));
      expect(await Promise.all(members.map(where))).toEqual(members.map(() => "b"));
    });

    // Elsewhere the loopback interface has one address.
    test.skipIf(process.platform !== "linux")("are found by the address of the client", async () => {
      await using world = new World();
      const nodes = [await world.serve(), await world.serve()];
      const ports = nodes.map(({ port }) => port);
      const { url } = await world.proxy(NGINX, documented("nginx by address"), { servers: ports });
      const address = (index: number): string => `127.0.0.${index + 2}`;
      const { crowd: members, failures } = await crowd(world, io, url, 30, (index) => ({
        agent: new Agent({ localAddress: address(index) }),
      }));
      await Promise.all(members.map(converse));
      expect(failed(failures)).toEqual([]);
      const seen = nodes.map((node) =>
        [...node.io.of("/").sockets.values()].map(({ handshake }) => handshake.headers["x-forwarded-for"]),
      );
      expect(seen.map(({ length }) => length > 0)).toEqual([true, true]);
      expect(new Set(seen.flat())).toEqual(new Set(members.map((_, index) => address(index))));
    });
  });

  describe.skipIf(HAPROXY.path === undefined)(`two servers behind HAProxy, with ${name}`, () => {
    /** Connects a crowd, and then takes a server away. */
    async function serveTogether(
      configuration: string,
      server: Partial<ServerOptions>,
      client: Record<string, unknown>,
    ): Promise<void> {
      await using world = new World();
      const nodes = [await world.serve(server), await world.serve(server)];
      const ports = nodes.map(({ port }) => port);
      const { url } = await world.proxy(HAPROXY, configuration, { servers: ports });
      const { crowd: members, failures } = await crowd(world, io, url, 12, () => client);
      for (let round = 0; round < 3; round++) await Promise.all(members.map(converse));
      expect(failed(failures)).toEqual([]);
      expect(nodes.map(socketsOf)).toEqual([6, 6]);

      const [leaving, staying] = nodes as [RunningServer, RunningServer];
      await leaving.close();
      await until(() => socketsOf(staying) === members.length, "everybody to come to the other server");
      await Promise.all(members.map(converse));
    }

    test("are found by a cookie of HAProxy's, and replace each other", () =>
      serveTogether(documented("haproxy by cookie"), {}, { withCredentials: true }));

    test("are found by the session id, which HAProxy learns from hawser's cookie, and replace each other", () =>
      serveTogether(documented("haproxy by session id"), { cookie: true }, {}));
  });
}
