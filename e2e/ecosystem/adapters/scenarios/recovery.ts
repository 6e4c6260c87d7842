/** Clients that lose their connection to one server, and come back to another. */

import { expect } from "vitest";
import { inbox } from "../../../harness/waiting.ts";
import { scenario, type Scenario } from "./scenario.ts";

export const recovery: readonly Scenario[] = [
  scenario("a client comes back to the other server, and receives what it missed", async (world) => {
    const { ann } = await world.connect({ ann: ["here", "red"], ben: ["there", "red"] });
    const { id } = ann;
    await world.here.run((namespace, sid) => {
      namespace.sockets.get(sid)!.data = { name: "ann", scores: [1, 2] };
    }, id!);
    const news = inbox(ann, "news");
    await world.here.run((namespace) => void namespace.to("red").emit("news", "before"));
    expect((await news.next())[0]).toBe("before");

    await world.lose("ann");
    await world.there.run((namespace) => {
      namespace.emit("news", "to all");
      namespace.to("red").emit("news", "to a room", Buffer.from([1, 2]));
      namespace.to("blue").emit("news", "to others");
      namespace.except("red").emit("news", "to all but a room");
    });
    await world.fence();
    await world.here.run((namespace, sid) => {
      namespace.to("red").emit("news", "from here");
      namespace.to(sid).emit("news", "to one");
    }, id!);
    await world.fence();

    await world.comeBack("ann", "there");
    expect(ann.recovered).toBe(true);
    expect(ann.id).toBe(id);
    // The last argument is the place in the log.
    const missed = (await news.take(4)).map((args) => args.slice(0, -1) as unknown[]);
    expect(missed).toEqual([["to all"], ["to a room", Buffer.from([1, 2])], ["from here"], ["to one"]]);
    const found = await world.there.run((namespace, sid) => {
      const { data, rooms, recovered } = namespace.sockets.get(sid)!;
      return { data: data as object, rooms: [...rooms], recovered };
    }, id!);
    expect(found).toEqual({ data: { name: "ann", scores: [1, 2] }, rooms: [id, "red"], recovered: true });

    await world.here.run((namespace) => void namespace.to("red").emit("news", "after"));
    expect((await news.next())[0]).toBe("after");
    expect(news.size).toBe(0);
  }),

  scenario("a client comes back to the server that it has lost", async (world) => {
    const { ann } = await world.connect({ ann: ["here", "red"], ben: ["there"] });
    const { id } = ann;
    await world.lose("ann");
    const news = inbox(ann, "news");
    await world.there.run((namespace) => void namespace.to("red").emit("news", "missed"));
    await world.fence();
    await world.comeBack("ann", "here");
    expect([ann.recovered, ann.id]).toEqual([true, id]);
    expect((await news.next())[0]).toBe("missed");
  }),

  scenario("a session is for whoever comes back first", async (world) => {
    const { ann } = await world.connect({ ann: ["here", "red"], ben: ["there"] });
    await world.lose("ann");
    await world.comeBack("ann", "there");
    await world.lose("ann");
    await world.comeBack("ann", "here");
    expect(ann.recovered).toBe(true);
  }),

  scenario("a session that nobody knows begins anew", async (world) => {
    const { ann } = await world.connect({ ann: ["here", "red"], ben: ["there"] });
    const { id } = ann;
    await world.lose("ann");
    // What the client would show.
    (ann as unknown as { _pid: string })._pid = "unknown";
    await world.comeBack("ann", "there");
    expect(ann.recovered).toBe(false);
    expect(ann.id).not.toBe(id);
  }),
];
