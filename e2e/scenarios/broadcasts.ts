/** Broadcasts: one event for many, and its place among the events of each. */

import { expect } from "vitest";
import { bytes, crowd, flushed, inPlace, scenario, settled, type Scenario } from "../harness/scenario.ts";
import { inbox } from "../harness/waiting.ts";

export const broadcastScenarios: readonly Scenario[] = [
  scenario("a broadcast carries text and binary to everybody", async (context) => {
    const server = await context.createServer();
    const pairs = await crowd(context, server, 3);
    const boxes = pairs.map(({ client }) => inbox(client, "chart"));
    await inPlace(...pairs.map(({ client }) => client));
    server.io.emit("chart", { title: "harbour 🗺", pixels: Buffer.from([0, 128, 255]) });
    for (const box of boxes) {
      const [chart] = await box.next();
      expect(chart.title).toBe("harbour 🗺");
      expect(bytes(chart.pixels)).toEqual([0, 128, 255]);
    }
  }),

  scenario("broadcasts and a socket's own events arrive in the order they were sent", async (context) => {
    const server = await context.createServer();
    const pairs = await crowd(context, server, 2);
    const boxes = pairs.map(({ client }) => inbox(client, "step"));
    await inPlace(...pairs.map(({ client }) => client));
    await Promise.all([
      ...pairs.map(({ socket }) => settled(context, socket)),
      (async () => {
        for (let step = 0; step < 300; step += 3) {
          server.io.emit("step", step);
          for (const { socket } of pairs) socket.emit("step", step + 1, Buffer.from("binary"));
          server.io.to(pairs.map(({ socket }) => socket.id)).emit("step", step + 2);
          if (step % 60 === 0) await Promise.all(pairs.map(flushed));
        }
      })(),
    ]);
    for (const box of boxes) {
      const steps = (await box.take(300)).map(([step]) => step);
      expect(steps).toEqual(Array.from({ length: 300 }, (_, step) => step));
    }
  }),

  scenario("what the connection handler emits is the first thing a client hears", async (context) => {
    const { io } = await context.createServer();
    io.on("connection", (socket) => {
      socket.emit("news", "welcome");
      io.emit("news", "somebody came");
    });
    const client = context.connect();
    const news = inbox(client, "news");
    expect(await news.take(2)).toEqual([["welcome"], ["somebody came"]]);
  }),

  scenario("a volatile broadcast reaches clients at most once and spares nobody the lasting ones", async (context) => {
    const server = await context.createServer();
    const pairs = await crowd(context, server, 2);
    const boxes = pairs.map(({ client }) => inbox(client, "tick"));
    await inPlace(...pairs.map(({ client }) => client));
    for (let tick = 0; tick < 20; tick++) {
      server.io.volatile.emit("tick", `volatile ${tick}`);
      server.io.emit("tick", `lasting ${tick}`);
    }
    await Promise.all(pairs.map(flushed));
    for (const box of boxes) {
      const ticks = box.drain().map(([tick]) => tick as string);
      expect(new Set(ticks).size).toBe(ticks.length);
      expect(ticks.filter((tick) => tick.startsWith("lasting"))).toEqual(
        Array.from({ length: 20 }, (_, tick) => `lasting ${tick}`),
      );
    }
  }),
];
