/** Rooms: who is in, and whom an event for a room reaches. */

import { expect } from "vitest";
import { crowd, flushed, inPlace, scenario, type Pair, type Scenario } from "../harness/scenario.ts";
import type { RunningServer, ScenarioContext } from "../harness/context.ts";
import { inbox } from "../harness/waiting.ts";

/** A server with some clients, and a way to see which of them heard `"news"`. */
async function audience(context: ScenarioContext, count: number) {
  const server = await context.createServer();
  const pairs = await crowd(context, server, count);
  const boxes = pairs.map(({ client }) => inbox(client, "news"));
  await inPlace(...pairs.map(({ client }) => client));
  return {
    io: server.io,
    pairs,
    sockets: pairs.map(({ socket }) => socket),
    /** For each client, how often it has heard `"news"` since the last time. */
    async heard(): Promise<number[]> {
      await Promise.all(pairs.map(flushed));
      return boxes.map((box) => box.drain().length);
    },
  } satisfies { io: RunningServer["io"]; pairs: Pair[]; [more: string]: unknown };
}

export const roomScenarios: readonly Scenario[] = [
  scenario("a room reaches those who joined it, until they leave", async (context) => {
    const { io, sockets, heard } = await audience(context, 3);
    await sockets[0]!.join("deck");
    await sockets[1]!.join(["deck", "galley"]);
    io.to("deck").emit("news");
    expect(await heard()).toEqual([1, 1, 0]);
    await sockets[0]!.leave("deck");
    io.in("deck").emit("news");
    expect(await heard()).toEqual([0, 1, 0]);
  }),

  scenario("a union of rooms reaches each member once", async (context) => {
    const { io, sockets, heard } = await audience(context, 4);
    await sockets[0]!.join("deck");
    await sockets[1]!.join(["deck", "galley"]);
    await sockets[2]!.join("galley");
    io.to("deck").to("galley").emit("news");
    expect(await heard()).toEqual([1, 1, 1, 0]);
    io.to(["deck", "galley", "deck"]).emit("news");
    expect(await heard()).toEqual([1, 1, 1, 0]);
  }),

  scenario("except() leaves out the members of a room", async (context) => {
    const { io, sockets, heard } = await audience(context, 3);
    await sockets[0]!.join("deck");
    await sockets[1]!.join(["deck", "asleep"]);
    io.except("asleep").emit("news");
    expect(await heard()).toEqual([1, 0, 1]);
    io.to("deck").except("asleep").emit("news");
    expect(await heard()).toEqual([1, 0, 0]);
  }),

  scenario("a socket's own broadcasts leave it out", async (context) => {
    const { sockets, heard } = await audience(context, 3);
    await sockets[0]!.join("deck");
    await sockets[1]!.join("deck");
    sockets[0]!.to("deck").emit("news");
    expect(await heard()).toEqual([0, 1, 0]);
    sockets[0]!.broadcast.emit("news");
    expect(await heard()).toEqual([0, 1, 1]);
    sockets[0]!.except("deck").emit("news");
    expect(await heard()).toEqual([0, 0, 1]);
  }),

  scenario("each socket is in a room of its own id", async (context) => {
    const { io, sockets, heard } = await audience(context, 3);
    expect([...sockets[1]!.rooms]).toEqual([sockets[1]!.id]);
    io.to(sockets[1]!.id).emit("news");
    expect(await heard()).toEqual([0, 1, 0]);
    io.except(sockets[1]!.id).emit("news");
    expect(await heard()).toEqual([1, 0, 1]);
  }),

  scenario("one who asked for several targets keeps them apart", async (context) => {
    const { io, sockets, heard } = await audience(context, 2);
    await sockets[0]!.join("deck");
    await sockets[1]!.join("galley");
    const deck = io.to("deck");
    const both = deck.to("galley");
    deck.emit("news");
    expect(await heard()).toEqual([1, 0]);
    both.emit("news");
    expect(await heard()).toEqual([1, 1]);
    io.emit("news");
    expect(await heard()).toEqual([1, 1]);
  }),

  scenario("the server moves, lists and disconnects the sockets of a room", async (context) => {
    const { io, pairs, sockets, heard } = await audience(context, 3);
    io.in([sockets[0]!.id, sockets[1]!.id]).socketsJoin("deck");
    io.in(sockets[1]!.id).socketsLeave("deck");
    sockets[0]!.data.name = "ada";
    const listed = await io.in("deck").fetchSockets();
    expect(listed.map(({ id, data, rooms }) => ({ id, data, rooms: [...rooms].toSorted() }))).toEqual([
      { id: sockets[0]!.id, data: { name: "ada" }, rooms: [sockets[0]!.id, "deck"].toSorted() },
    ]);
    io.to("deck").emit("news");
    expect(await heard()).toEqual([1, 0, 0]);

    const gone = inbox(pairs[0]!.client, "disconnect");
    await inPlace(pairs[0]!.client);
    io.in("deck").disconnectSockets();
    expect((await gone.next())[0]).toBe("io server disconnect");
    expect(pairs.map(({ client }) => client.connected)).toEqual([false, true, true]);
    expect((await io.fetchSockets()).map(({ id }) => id).toSorted()).toEqual(
      [sockets[1]!.id, sockets[2]!.id].toSorted(),
    );
  }),

  scenario("rooms come with their first member and go with their last", async (context) => {
    const { io, pairs, sockets } = await audience(context, 2);
    const { adapter } = io.of("/");
    await sockets[0]!.join("deck");
    await sockets[1]!.join("deck");
    expect([...adapter.rooms.get("deck")!].toSorted()).toEqual(sockets.map(({ id }) => id).toSorted());
    await sockets[0]!.leave("deck");
    const [leaving, left] = [inbox(sockets[1]!, "disconnecting"), inbox(sockets[1]!, "disconnect")];
    const roomsWhenLeaving: string[] = [];
    sockets[1]!.on("disconnecting", () => roomsWhenLeaving.push(...sockets[1]!.rooms));
    pairs[1]!.client.disconnect();
    await leaving.next();
    await left.next();
    expect(roomsWhenLeaving.toSorted()).toEqual([sockets[1]!.id, "deck"].toSorted());
    expect(sockets[1]!.rooms.size).toBe(0);
    expect([...adapter.rooms.keys()]).toEqual([sockets[0]!.id]);
  }),
];
