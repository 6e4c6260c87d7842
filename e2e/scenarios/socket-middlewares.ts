/** `socket.use()`: what may happen to a client's event on its way to the listeners. */

import { expect } from "vitest";
import { flushed, localScenario, pair, type LocalScenario } from "../harness/scenario.ts";
import { inbox, Inbox } from "../harness/waiting.ts";

type Reply = (...args: unknown[]) => void;

export const socketMiddlewareScenarios: readonly LocalScenario[] = [
  localScenario(
    "a socket's middlewares run in order, after the catch-all listeners and before the event's own",
    async (context) => {
      const { client, socket } = await pair(context);
      const steps = new Inbox("steps");
      socket.use(([event], next) => {
        steps.put("first", event);
        setImmediate(next);
      });
      socket.use(([event], next) => {
        steps.put("second", event);
        next();
      });
      socket.onAny((event) => steps.put("any", event));
      socket.on("order", () => steps.put("own", "order"));
      client.emit("order");
      expect((await steps.take(4)).map(([step]) => step)).toEqual(["any", "first", "second", "own"]);
    },
  ),

  localScenario(
    "a middleware that refuses an event spares the later ones, and the next event passes",
    async (context) => {
      const { client, socket } = await pair(context);
      const [reached, errors, received] = [new Inbox("events"), inbox(socket, "error"), inbox(socket, "order")];
      socket.use(([, what], next) => (what === "rum" ? next(new Error("not on duty")) : next()));
      socket.use(([event, what], next) => {
        reached.put(event, what);
        next();
      });
      client.emit("order", "rum");
      client.emit("order", "tea");
      expect(await received.next()).toEqual(["tea"]);
      expect(reached.drain()).toEqual([["order", "tea"]]);
      expect((await errors.next())[0].message).toBe("not on duty");
      await flushed({ client, socket });
      expect([received.size, errors.size]).toEqual([0, 0]);
    },
  ),

  localScenario("a middleware finds the acknowledgement among the arguments and may answer itself", async (context) => {
    const { client, socket } = await pair(context);
    const received = inbox(socket, "question");
    socket.use((event, next) => {
      const reply = event.at(-1);
      if (event[1] !== "cached") return next();
      (reply as Reply)("from the middleware");
    });
    socket.on("question", (_what: string, reply: Reply) => reply("from the listener"));
    expect(await client.emitWithAck("question", "cached")).toBe("from the middleware");
    expect(await client.emitWithAck("question", "new")).toBe("from the listener");
    expect(received.drain().map(([what]) => what)).toEqual(["new"]);
  }),

  localScenario("a middleware sees binary and may put other arguments in its place", async (context) => {
    const { client, socket } = await pair(context);
    const received = inbox(socket, "file");
    socket.use((event, next) => {
      event.splice(1, 1, Buffer.from(event[1]).toString("latin1"), "scanned");
      next();
    });
    client.emit("file", Buffer.from("anchor"));
    expect(await received.next()).toEqual(["anchor", "scanned"]);
  }),
];
