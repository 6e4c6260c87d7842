/** Events from one node to the clients of all. */

import type { Namespace } from "socket.io";
import { scenario, type Scenario } from "./scenario.ts";

export const broadcasts: readonly Scenario[] = [
  scenario("an event reaches everybody", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there"], cat: ["there"] });
    const once = [["hello", { nested: [1, null, true, "é😀"] }]];
    await world.expectHeard(
      "news",
      () => world.here.run((namespace) => void namespace.emit("news", "hello", { nested: [1, null, true, "é😀"] })),
      { ann: once, ben: once, cat: once },
    );
  }),

  scenario("an event without arguments arrives without arguments", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there"] });
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.emit("news")), {
      ann: [[]],
      ben: [[]],
    });
  }),

  scenario("events arrive in the order in which they were sent", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["there", "red"] });
    const numbers = Array.from({ length: 50 }, (_, index) => [index]);
    await world.expectHeard(
      "number",
      () =>
        world.here.run((namespace) => {
          for (let number = 0; number < 50; number++) namespace.to("red").emit("number", number);
        }),
      { ann: numbers, ben: numbers },
    );
  }),

  scenario("an event for a room reaches its members", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["here"], cat: ["there", "red"], dan: ["there", "blue"] });
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.to("red").emit("news", 1)), {
      ann: [[1]],
      cat: [[1]],
    });
  }),

  scenario("an event for a room that only the other node has reaches its members", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there", "red"] });
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.in("red").emit("news", 1)), {
      ben: [[1]],
    });
  }),

  scenario("an event for several rooms reaches whoever is in any of them, once", async (world) => {
    await world.connect({
      ann: ["here", "red", "blue"],
      ben: ["there", "red", "blue"],
      cat: ["there", "blue"],
      dan: ["there", "green"],
    });
    await world.expectHeard(
      "news",
      () => world.here.run((namespace) => void namespace.to("red").to("blue").emit("news", 1)),
      { ann: [[1]], ben: [[1]], cat: [[1]] },
    );
    await world.expectHeard(
      "news",
      () => world.here.run((namespace) => void namespace.to(["blue", "green"]).emit("news", 2)),
      { ann: [[2]], ben: [[2]], cat: [[2]], dan: [[2]] },
    );
  }),

  scenario("whoever is in an excepted room is left out", async (world) => {
    await world.connect({
      ann: ["here", "red"],
      ben: ["here", "red", "blue"],
      cat: ["there", "red"],
      dan: ["there", "red", "blue"],
      eve: ["there", "green"],
    });
    await world.expectHeard(
      "news",
      () => world.here.run((namespace) => void namespace.except("blue").emit("news", 1)),
      {
        ann: [[1]],
        cat: [[1]],
        eve: [[1]],
      },
    );
    await world.expectHeard(
      "news",
      () => world.here.run((namespace) => void namespace.to("red").except("blue").emit("news", 2)),
      { ann: [[2]], cat: [[2]] },
    );
    await world.expectHeard(
      "news",
      () => world.here.run((namespace) => void namespace.except(["red", "blue"]).emit("news", 3)),
      { eve: [[3]] },
    );
  }),

  scenario("a client at the other node is reached by its id", async (world) => {
    const { ben } = await world.connect({ ann: ["here"], ben: ["there"] });
    await world.reach(ben.id!, "ben");
    await world.expectHeard(
      "news",
      () => world.here.run((namespace, id) => void namespace.to(id).emit("news", 1), ben.id!),
      { ben: [[1]] },
    );
  }),

  scenario("a client's id may be excepted", async (world) => {
    const { ben } = await world.connect({ ann: ["here"], ben: ["there"], cat: ["there"] });
    await world.expectHeard(
      "news",
      () => world.here.run((namespace, id) => void namespace.except(id).emit("news", 1), ben.id!),
      { ann: [[1]], cat: [[1]] },
    );
  }),

  scenario("what is local stays", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["there", "red"] });
    await world.expectHeard(
      "news",
      () =>
        world.here.run((namespace) => {
          namespace.local.emit("news", 1);
          namespace.to("red").local.emit("news", 2);
        }),
      { ann: [[1], [2]] },
    );
  }),

  scenario("volatile events arrive, unless a client can't take them", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["there", "red"], cat: ["there"] });
    const emit = (): Promise<void> => world.here.run((namespace) => void namespace.volatile.emit("news"));
    await world.expectInTheEnd("news", emit, "ann", "ben", "cat");
  }),

  scenario("events that are not to be compressed arrive", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["there", "red"] });
    await world.expectHeard(
      "news",
      () => world.here.run((namespace) => void namespace.compress(false).to("red").emit("news", 1)),
      { ann: [[1]], ben: [[1]] },
    );
  }),

  scenario("binary data arrives as such", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["there", "red"], cat: ["there"] });
    const expected = [[Buffer.from([0, 123, 255]), { deep: [Buffer.from([7]), "text"] }]];
    const send = (): Promise<void> =>
      world.here.run((namespace) => {
        namespace.to("red").emit("bytes", Buffer.from([0, 123, 255]), { deep: [Buffer.from([7]), "text"] });
      });
    await world.expectHeard("bytes", send, { ann: expected, ben: expected });
  }),

  scenario("large events arrive whole", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there"] });
    const large = [["x".repeat(100_000)]];
    await world.expectHeard(
      "large",
      () => world.here.run((namespace) => void namespace.emit("large", "x".repeat(100_000))),
      { ann: large, ben: large },
    );
  }),

  scenario("a socket's broadcast reaches everybody else", async (world) => {
    const { ann } = await world.connect({ ann: ["here", "red"], ben: ["here"], cat: ["there", "red"], dan: ["there"] });
    await world.expectHeard(
      "news",
      () => world.here.run((namespace, id) => void namespace.sockets.get(id)!.broadcast.emit("news", 1), ann.id!),
      { ben: [[1]], cat: [[1]], dan: [[1]] },
    );
    await world.expectHeard(
      "news",
      () => world.here.run((namespace, id) => void namespace.sockets.get(id)!.to("red").emit("news", 2), ann.id!),
      { cat: [[2]] },
    );
    await world.expectHeard(
      "news",
      () => world.here.run((namespace, id) => void namespace.sockets.get(id)!.except("red").emit("news", 3), ann.id!),
      { ben: [[3]], dan: [[3]] },
    );
  }),

  scenario("a room may be a number", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there"], cat: ["there"] });
    const join = (namespace: Namespace, id: string): unknown =>
      namespace.sockets.get(id)!.join(42 as unknown as string);
    await world.here.run(join, world.socket("ann").id!);
    await world.there.run(join, world.socket("ben").id!);
    await world.reach(42 as unknown as string, "ann", "ben");
    await world.expectHeard(
      "news",
      () => world.here.run((namespace) => void namespace.to(42 as unknown as string).emit("news", 1)),
      { ann: [[1]], ben: [[1]] },
    );
  }),

  scenario("who has left a room is not reached by it", async (world) => {
    const { ben } = await world.connect({ ann: ["here", "red"], ben: ["there", "red"], cat: ["there", "red"] });
    await world.there.run((namespace, id) => namespace.sockets.get(id)!.leave("red"), ben.id!);
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.to("red").emit("news", 1)), {
      ann: [[1]],
      cat: [[1]],
    });
  }),
];
