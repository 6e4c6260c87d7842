/** Events from one server to the others. */

import { expect } from "vitest";
import { scenario, type Scenario } from "./scenario.ts";

export const serverSide: readonly Scenario[] = [
  scenario("servers know how many they are", async (world) => {
    for (const node of [world.here, world.there]) {
      expect(await node.run((namespace) => namespace.adapter.serverCount())).toBe(2);
    }
  }),

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

/** For adapters that can be told how long to wait: not long. */
export const unanswered: readonly Scenario[] = [
  scenario("servers that do not answer in time are given up", async (world) => {
    await world.there.run((namespace) => void namespace.on("silent", () => {}));
    const outcome = await world.here.run(
      (namespace) =>
        new Promise<[message: string, answers: unknown[]]>((resolve) => {
          namespace.serverSideEmit("silent", (error: Error, answers: unknown[]) => resolve([error.message, answers]));
        }),
    );
    expect(outcome).toEqual([expect.stringContaining("timeout reached: only 0 responses"), []]);
  }),
];
