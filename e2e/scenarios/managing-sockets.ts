/** What a server does to its sockets from outside: it lists, moves, addresses and disconnects them. */

import { expect } from "vitest";
import type { RemoteSocket } from "socket.io";
import { crowd, flushed, join, localScenario, settled, type LocalScenario } from "../harness/scenario.ts";
import type { LocalContext } from "../harness/context.ts";
import { inbox, until } from "../harness/waiting.ts";

/** Three clients, of which the first two are on deck. */
async function crew(context: LocalContext) {
  const server = await context.createServer();
  const pairs = await crowd(context, server, 3);
  await pairs[0]!.socket.join("deck");
  await pairs[1]!.socket.join("deck");
  const sockets = pairs.map(({ socket }) => socket);
  const ids = sockets.map(({ id }) => id);
  return { io: server.io, server, pairs, sockets, ids };
}

const idsOf = (sockets: readonly { readonly id: string }[]): string[] => sockets.map(({ id }) => id).toSorted();
/** A socket of any node. */
type Listed = RemoteSocket<any, any>;

export const managingScenarios: readonly LocalScenario[] = [
  localScenario("fetchSockets() lists those that the operators select", async (context) => {
    const { io, server, sockets, ids } = await crew(context);
    const [first, second, third] = ids as [string, string, string];
    io.of("/other");
    const other = await join(context, server, "/other");
    for (const [selected, expected] of [
      [io, ids],
      [io.in("deck"), [first, second]],
      [io.to("deck").except(second), [first]],
      [io.except("deck"), [third]],
      [io.local.in(["deck", third]), ids],
      [io.of("/other"), [other.socket.id]],
      [sockets[0]!.broadcast, [second, third]],
      [sockets[0]!.to("deck"), [second]],
      [io.in("nowhere"), []],
    ] as const) {
      expect(idsOf(await selected.fetchSockets())).toEqual([...expected].toSorted());
    }
  }),

  localScenario("a listed socket says who it is, and can be told to do what a socket does", async (context) => {
    const { io, pairs, sockets, ids } = await crew(context);
    sockets[0]!.data = { name: "ada" };
    const [listed] = (await io.in(ids[0]!).fetchSockets()) as unknown as [Listed];
    expect([listed.id, listed.data, [...listed.rooms].toSorted()]).toEqual([
      ids[0],
      { name: "ada" },
      [ids[0], "deck"].toSorted(),
    ]);
    expect(listed.handshake.headers.host).toMatch(/^127\.0\.0\.1:\d+$/);
    listed.join(["bridge", "galley"]);
    listed.leave("deck");
    expect([...sockets[0]!.rooms].toSorted()).toEqual([ids[0], "bridge", "galley"].toSorted());

    const heard = inbox(pairs[0]!.client, "order");
    listed.emit("order", 1, Buffer.from("two"));
    expect((await heard.next())[0]).toBe(1);
    pairs[0]!.client.on("question", (reply: (answer: string) => void) => reply("aye"));
    expect(await listed.timeout(8_000).emitWithAck("question")).toBe("aye");

    const lost = inbox(pairs[0]!.client, "disconnect");
    listed.disconnect();
    expect((await lost.next())[0]).toBe("io server disconnect");
  }),

  localScenario("socketsJoin() and socketsLeave() move those that the operators select", async (context) => {
    const { io, sockets, ids } = await crew(context);
    const rooms = (): string[][] =>
      sockets.map((socket) => [...socket.rooms].filter((room) => !ids.includes(room)).toSorted());
    io.socketsJoin("ship");
    expect(rooms()).toEqual([["deck", "ship"], ["deck", "ship"], ["ship"]]);
    io.in("deck").except(ids[1]!).socketsJoin(["bridge", "galley"]);
    expect(rooms()[0]).toEqual(["bridge", "deck", "galley", "ship"]);
    io.in("bridge").socketsLeave(["bridge", "ship"]);
    expect(rooms()).toEqual([["deck", "galley"], ["deck", "ship"], ["ship"]]);
    sockets[0]!.broadcast.socketsJoin("hold");
    expect(rooms()).toEqual([
      ["deck", "galley"],
      ["deck", "hold", "ship"],
      ["hold", "ship"],
    ]);
    io.of("/").socketsLeave("ship");
    expect(rooms()).toEqual([["deck", "galley"], ["deck", "hold"], ["hold"]]);
    expect(io.of("/").adapter.rooms.has("ship")).toBe(false);
  }),

  localScenario("disconnectSockets() ends those that the operators select, in one namespace", async (context) => {
    const { io, server, pairs } = await crew(context);
    io.of("/other");
    const other = await join(context, server, "/other");
    const boxes = pairs.map(({ client }) => inbox(client, "disconnect"));
    const left = pairs.map(({ socket }) => inbox(socket, "disconnect"));
    io.in("deck").disconnectSockets();
    for (const box of boxes.slice(0, 2)) expect((await box.next())[0]).toBe("io server disconnect");
    for (const box of left.slice(0, 2)) expect((await box.next())[0]).toBe("server namespace disconnect");
    expect(pairs.map(({ client }) => client.active)).toEqual([false, false, true]);
    await flushed(pairs[2]!);
    await flushed(other);
  }),

  localScenario("disconnectSockets(true) ends whole connections", async (context) => {
    const server = await context.createServer();
    const { io } = server;
    io.of("/other");
    const main = await join(context, server, "/", { forceNew: false });
    const other = await join(context, server, "/other", { forceNew: false });
    const apart = await join(context, server, "/other");
    expect(other.socket.conn).toBe(main.socket.conn);
    await settled(context, main.socket);
    const boxes = [main, other].map(({ client }) => inbox(client, "disconnect"));
    const closed = inbox(main.socket.conn, "close");
    io.of("/").disconnectSockets(true);
    for (const box of boxes) expect((await box.next())[0]).toBe("io server disconnect");
    await closed.next();
    await until(() => io.of("/other").sockets.size === 1, "the other socket to go");
    await flushed(apart);
  }),
];
