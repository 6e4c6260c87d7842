/** Namespaces share an adapter's connections, and nothing else. */

import { expect } from "vitest";
import { inbox } from "../../../harness/waiting.ts";
import { scenario, type Scenario } from "./scenario.ts";

export const namespaces: readonly Scenario[] = [
  scenario("another namespace, with rooms of the same names, hears nothing", async (world) => {
    await world.connect({ ann: ["here", "red"], ben: ["there", "red"] });
    const other = `${world.name}-other`;
    for (const node of [world.here, world.there]) {
      await node.run((namespace, name) => {
        namespace.server.of(name).on("connection", (socket) => socket.join("red"));
      }, other);
    }
    const strangers = [await world.connectElsewhere("here", other), await world.connectElsewhere("there", other)];
    const news = strangers.map((stranger) => inbox(stranger, "news"));
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.emit("news", 1)), {
      ann: [[1]],
      ben: [[1]],
    });
    await world.expectHeard("news", () => world.here.run((namespace) => void namespace.to("red").emit("news", 2)), {
      ann: [[2]],
      ben: [[2]],
    });
    expect(news.map(({ size }) => size)).toEqual([0, 0]);
  }),

  scenario("namespaces that clients bring about are joined, too", async (world) => {
    for (const node of [world.here, world.there]) {
      await node.run((namespace, prefix) => {
        namespace.server.of((name, _auth, next) => next(null, name.startsWith(prefix)));
      }, `${world.name}-child-`);
    }
    const child = `${world.name}-child-1`;
    const clients = [await world.connectElsewhere("here", child), await world.connectElsewhere("there", child)];
    const news = clients.map((client) => inbox(client, "news"));
    const tell = (): Promise<void> =>
      world.here.run((namespace, name) => {
        namespace.server.of(name).emit("news", "from a child");
      }, child);
    // An adapter subscribes in its own time.
    const timer = setInterval(tell, 20);
    try {
      for (const box of news) expect(await box.next()).toEqual(["from a child"]);
    } finally {
      clearInterval(timer);
    }
  }),
];
