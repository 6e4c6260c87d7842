/** Events from one server to the others. */

import { expect } from "vitest";
import { scenario, type Scenario } from "./scenario.ts";

export const serverSide: readonly Scenario[] = [
  scenario("a server's event reaches the other servers, and not itself", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there"] });
    for (const node of [world.here, world.there]) {
      await node.run((namespace) => {
        namespace.on("word", (...args: unknown[]) => namespace.local.emit("told", ...args));
      });
    }
    await world.expectHeard(
      "told",
      () => world.here.run((namespace) => void namespace.serverSideEmit("word", "a", { b: [1, null] })),
      { ben: [["a", { b: [1, null] }]] },
    );
    await world.expectHeard("told", () => world.there.run((namespace) => void namespace.serverSideEmit("word")), {
      ann: [[]],
    });
  }),

  scenario("the other servers answer", async (world) => {
    for (const [name, node] of Object.entries({ here: world.here, there: world.there })) {
      await node.run((namespace, mine) => {
        namespace.on("sum", (a: number, b: number, reply: (answer: object) => void) => reply({ sum: a + b, by: mine }));
      }, name);
    }
    const answers = await world.here.run((namespace) => namespace.serverSideEmitWithAck("sum", 1, 2));
    expect(answers).toEqual([{ sum: 3, by: "there" }]);
    const outcome = await world.there.run(
      (namespace) =>
        new Promise<unknown[]>((resolve) => {
          namespace.serverSideEmit("sum", 3, 4, (error: unknown, list: unknown[]) => resolve([error, list]));
        }),
    );
    expect(outcome).toEqual([null, [{ sum: 7, by: "here" }]]);
  }),
];
