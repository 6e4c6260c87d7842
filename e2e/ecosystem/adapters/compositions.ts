/** Which servers make up a cluster, and the scenarios that each has to pass. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ManagerOptions, SocketOptions } from "socket.io-client";
import { Application } from "../application.ts";
import type { ApplicationName, Cluster } from "./cluster.ts";
import { acknowledgements } from "./scenarios/acknowledgements.ts";
import { broadcasts } from "./scenarios/broadcasts.ts";
import { namespaces } from "./scenarios/namespaces.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { serverSide } from "./scenarios/server-side.ts";
import { sockets } from "./scenarios/sockets.ts";
import { World } from "./world.ts";

/** The one that acts in most scenarios comes first. */
export type Composition = readonly [here: ApplicationName, there: ApplicationName];

/** Servers of hawser alone, of hawser and Socket.IO, and of Socket.IO alone: what the scenarios say is true of Socket.IO. */
export const COMPOSITIONS: readonly Composition[] = [
  ["adapters", "adapters"],
  ["adapters-on-hawser", "adapters-on-hawser"],
  ["adapters", "official"],
  ["official", "adapters"],
  ["adapters-on-hawser", "official"],
  ["official", "adapters-on-hawser"],
  ["official", "official"],
];

/** The title of a composition, which says on which base hawser's adapters are. */
const TITLES: Record<ApplicationName, string> = {
  adapters: "hawser with socket.io-adapter",
  "adapters-on-hawser": "hawser with @hawser/adapter",
  official: "Socket.IO",
};

/** What each application gets for the packages' names. */
const LOADED: Record<ApplicationName, { server: string; base: string }> = {
  adapters: { server: "hawser", base: "socket.io-adapter" },
  "adapters-on-hawser": { server: "hawser", base: "@hawser/adapter" },
  official: { server: "socket.io", base: "socket.io-adapter" },
};

/** What all adapters can do. */
export const scenarios: readonly Scenario[] = [
  ...broadcasts,
  ...acknowledgements,
  ...sockets,
  ...serverSide,
  ...namespaces,
];

/**
 * Tells that applications load what they are meant to.
 *
 * @param adapter - the package whose base is looked at
 */
export function testLoaded(adapter: string): void {
  test.each(Object.entries(LOADED))("%s loads what it is meant to", (name, { server, base }) => {
    const application = new Application(name);
    expect(application.nameOf("socket.io")).toBe(server);
    expect(application.nameOf("socket.io-adapter", adapter)).toBe(base);
  });
}

/** Runs scenarios on a cluster of each composition, each in a namespace of its own. */
export function testCompositions(
  start: (composition: Composition) => Promise<Cluster>,
  list: readonly Scenario[] = scenarios,
  clientOptions: Partial<ManagerOptions & SocketOptions> = {},
  compositions: readonly Composition[] = COMPOSITIONS,
): void {
  for (const composition of compositions) {
    const [here, there] = composition.map((name) => TITLES[name]);
    describe(`${here}, and ${there}`, () => {
      let cluster: Cluster;
      beforeAll(async () => {
        cluster = await start(composition);
      });
      afterAll(() => cluster.close());

      for (const [index, { name, run, beginsAtHawser = false }] of list.entries()) {
        if (beginsAtHawser && composition[0] === "official") continue;
        // Most of their time is waiting.
        test.concurrent(name, async () => {
          const world = new World(cluster, `/scenario-${index}`, clientOptions);
          try {
            await world.open();
            await run(world);
          } finally {
            world.close();
          }
        });
      }
    });
  }
}
