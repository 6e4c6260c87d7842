/** Sockets of all nodes, found and managed from one. */

import { expect } from "vitest";
import { inbox } from "../../../harness/waiting.ts";
import { scenario, type Scenario } from "./scenario.ts";

export const sockets: readonly Scenario[] = [
  scenario("the sockets of all nodes are found, with what is known of them", async (world) => {
    const { ann, ben } = await world.connect({ ann: ["here", "red"], ben: ["there", "blue"] });
    await world.there.run((namespace, id) => {
      namespace.sockets.get(id)!.data = { name: "ben", scores: [1, 2] };
    }, ben.id!);
    const found = await world.here.run(async (namespace) =>
      (await namespace.fetchSockets()).map(({ id, rooms, data, handshake }) => ({
        id,
        rooms: [...rooms].sort(),
        data: data as object,
        query: handshake.query.name,
        auth: handshake.auth,
        hasAddress: handshake.address !== "",
        host: handshake.headers.host,
        time: typeof handshake.time,
        secure: handshake.secure,
      })),
    );
    const { host: hereHost } = new URL(world.here.url);
    const { host: thereHost } = new URL(world.there.url);
    const same = { hasAddress: true, time: "string", secure: false };
    expect(found.sort((a, b) => (a.auth.name < b.auth.name ? -1 : 1))).toEqual([
      {
        id: ann.id,
        rooms: [ann.id, "red"].sort(),
        data: {},
        query: "ann",
        auth: { name: "ann" },
        host: hereHost,
        ...same,
      },
      {
        id: ben.id,
        rooms: [ben.id, "blue"].sort(),
        data: { name: "ben", scores: [1, 2] },
        query: "ben",
        auth: { name: "ben" },
        host: thereHost,
        ...same,
      },
    ]);
  }),

  scenario("sockets are found by their rooms", async (world) => {
    await world.connect({
      ann: ["here", "red"],
      ben: ["there", "red", "blue"],
      cat: ["there", "blue"],
      dan: ["there"],
    });
    const names = await world.here.run(async (namespace) => {
      const of = async (found: Promise<{ handshake: { auth: Record<string, unknown> } }[]>): Promise<string> =>
        (await found)
          .map(({ handshake }) => handshake.auth.name as string)
          .sort()
          .join();
      return {
        red: await of(namespace.in("red").fetchSockets()),
        either: await of(namespace.in("red").in("blue").fetchSockets()),
        notBlue: await of(namespace.except("blue").fetchSockets()),
        redNotBlue: await of(namespace.in("red").except("blue").fetchSockets()),
        local: await of(namespace.local.fetchSockets()),
        none: await of(namespace.in("none").fetchSockets()),
      };
    });
    expect(names).toEqual({
      red: "ann,ben",
      either: "ann,ben,cat",
      notBlue: "ann,dan",
      redNotBlue: "ann",
      local: "ann",
      none: "",
    });
  }),

  scenario("a socket that was found on the other node can be sent to, moved and disconnected", async (world) => {
    const { ben } = await world.connect({ ann: ["here"], ben: ["there", "red"], cat: ["there", "red"] });
    await world.expectHeard(
      "news",
      () =>
        world.here.run(async (namespace, id) => {
          const [remote] = await namespace.in(id).fetchSockets();
          remote!.emit("news", 1);
        }, ben.id!),
      { ben: [[1]] },
    );
    await world.here.run(async (namespace, id) => {
      const [remote] = await namespace.in(id).fetchSockets();
      remote!.join("green");
      remote!.leave("red");
    }, ben.id!);
    await world.reach("green", "ben");
    await world.fence();
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.to("red").emit("news", 2)), {
      cat: [[2]],
    });
    const ends = inbox(ben, "disconnect");
    await world.here.run(async (namespace, id) => {
      const [remote] = await namespace.in(id).fetchSockets();
      remote!.disconnect();
    }, ben.id!);
    expect((await ends.next())[0]).toBe("io server disconnect");
  }),

  scenario("sockets of all nodes join rooms", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there"], cat: ["there"] });
    await world.here.run((namespace) => namespace.socketsJoin(["green", "yellow"]));
    await world.reach("green", "ann", "ben", "cat");
    await world.reach("yellow", "ann", "ben", "cat");
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.to("green").emit("news", 1)), {
      ann: [[1]],
      ben: [[1]],
      cat: [[1]],
    });
  }),

  scenario("the sockets of a room join another, but for those that are excepted", async (world) => {
    await world.connect({
      ann: ["here", "red"],
      ben: ["there", "red"],
      cat: ["there", "red", "blue"],
      dan: ["there"],
    });
    await world.here.run((namespace) => namespace.in("red").except("blue").socketsJoin("green"));
    await world.reach("green", "ann", "ben");
    await world.expectHeard("news", () => world.there.run((namespace) => void namespace.to("green").emit("news", 1)), {
      ann: [[1]],
      ben: [[1]],
    });
  }),

  scenario("sockets of all nodes leave rooms", async (world) => {
    await world.connect({ ann: ["here", "red", "blue"], ben: ["there", "red", "blue"], cat: ["there", "red"] });
    await world.here.run((namespace) => namespace.in("blue").socketsLeave("red"));
    await world.fence();
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.to("red").emit("news", 1)), {
      cat: [[1]],
    });
  }),

  scenario("what is local manages the node's own sockets", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["there", "red"] });
    await world.here.run((namespace) => {
      namespace.local.socketsJoin("green");
      namespace.local.socketsLeave("red");
    });
    await world.reach("green", "ann");
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.to("green").emit("news", 1)), {
      ann: [[1]],
    });
    await world.expectHeard("news", () => world.there.run((namespace) => void namespace.to("red").emit("news", 2)), {
      ben: [[2]],
    });
  }),

  scenario("sockets of all nodes are disconnected", async (world) => {
    const { ann, ben } = await world.connect({ ann: ["here"], ben: ["there"] });
    // A client closes a connection that it has no use for.
    for (const { io } of [ann, ben]) await inbox(io.socket("/"), "connect").next();
    const ends = [inbox(ann, "disconnect"), inbox(ben, "disconnect")];
    await world.here.run((namespace) => namespace.disconnectSockets());
    for (const end of ends) expect((await end.next())[0]).toBe("io server disconnect");
    for (const { io } of [ann, ben]) expect(io.engine.readyState).toBe("open");
  }),

  scenario("sockets of a room are disconnected with their connections", async (world) => {
    const { ann, ben, cat } = await world.connect({ ann: ["here", "red"], ben: ["there", "red"], cat: ["there"] });
    const ends = [ann, ben].map(({ io }) => inbox(io.engine, "close"));
    await world.here.run((namespace) => namespace.in("red").disconnectSockets(true));
    for (const end of ends) await end.next();
    expect([ann.connected, ben.connected, cat.connected]).toEqual([false, false, true]);
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.emit("news", 1)), {
      cat: [[1]],
    });
  }),
];
