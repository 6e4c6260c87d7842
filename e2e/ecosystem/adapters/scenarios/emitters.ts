/** What a process that is no server can do to all nodes. */

import { expect } from "vitest";
import { inbox } from "../../../harness/waiting.ts";
import { scenario, type Scenario } from "./scenario.ts";

export const emitters: readonly Scenario[] = [
  scenario("an emitter's event reaches everybody", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there"] });
    await world.expectHeard("news", () => world.emitter.emit("news", "hello", { a: [1] }), {
      ann: [["hello", { a: [1] }]],
      ben: [["hello", { a: [1] }]],
    });
  }),

  scenario("an emitter's event reaches whoever is in its rooms, and not in excepted ones", async (world) => {
    await world.connect({
      ann: ["here", "red"],
      ben: ["there", "red"],
      cat: ["there", "blue"],
      dan: ["here", "red", "blue"],
      eve: ["there"],
    });
    await world.expectHeard("news", () => world.emitter.to("red").emit("news", 1), {
      ann: [[1]],
      ben: [[1]],
      dan: [[1]],
    });
    await world.expectHeard("news", () => world.emitter.in(["red", "blue"]).emit("news", 2), {
      ann: [[2]],
      ben: [[2]],
      cat: [[2]],
      dan: [[2]],
    });
    await world.expectHeard("news", () => world.emitter.to("red").except("blue").emit("news", 3), {
      ann: [[3]],
      ben: [[3]],
    });
    await world.expectHeard("news", () => world.emitter.except(["red", "blue"]).emit("news", 4), { eve: [[4]] });
  }),

  scenario("an emitter's flags and binary data arrive", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["there", "red"] });
    await world.expectInTheEnd("news", () => world.emitter.volatile.emit("news"), "ann", "ben");
    await world.expectHeard("plain", () => world.emitter.compress(false).to("red").emit("plain", 2), {
      ann: [[2]],
      ben: [[2]],
    });
    const bytes = [[{ deep: Buffer.from([1, 2, 255]) }]];
    await world.expectHeard("bytes", () => world.emitter.emit("bytes", { deep: Buffer.from([1, 2, 255]) }), {
      ann: bytes,
      ben: bytes,
    });
  }),

  scenario("an emitter moves sockets between rooms", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["there", "red"], cat: ["there"] });
    world.emitter.in("red").socketsJoin(["green", "yellow"]);
    await world.reach("green", "ann", "ben");
    await world.expectHeard("news", () => world.emitter.to("green").emit("news", 1), { ann: [[1]], ben: [[1]] });
    world.emitter.except("yellow").socketsJoin("green");
    await world.reach("green", "cat");
    world.emitter.in("yellow").socketsLeave("green");
    await world.expectHeard("news", () => world.emitter.to("green").emit("news", 2), { cat: [[2]] });
  }),

  scenario("an emitter disconnects sockets", async (world) => {
    const { ann, ben, cat } = await world.connect({ ann: ["here", "red"], ben: ["there", "red"], cat: ["there"] });
    // A client closes a connection that it has no use for.
    for (const { io } of [ann, ben]) await inbox(io.socket("/"), "connect").next();
    const ends = [ann, ben].map((client) => inbox(client, "disconnect"));
    world.emitter.in("red").disconnectSockets();
    for (const end of ends) expect((await end.next())[0]).toBe("io server disconnect");
    for (const { io } of [ann, ben]) expect(io.engine.readyState).toBe("open");
    expect(cat.connected).toBe(true);
    const closed = inbox(cat.io.engine, "close");
    world.emitter.disconnectSockets(true);
    await closed.next();
  }),

  scenario("an emitter's event for servers reaches all of them", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there"] });
    for (const node of [world.here, world.there]) {
      await node.run((namespace) => {
        namespace.on("word", (...args: unknown[]) => namespace.local.emit("told", ...args));
      });
    }
    await world.expectHeard("told", () => world.emitter.serverSideEmit("word", "a", { b: 1 }), {
      ann: [["a", { b: 1 }]],
      ben: [["a", { b: 1 }]],
    });
  }),
];
