/** Catch-all listeners: who is told of what comes in and what goes out, in which order. */

import { expect } from "vitest";
import { crowd, flushed, join, localScenario, pair, type LocalScenario } from "../harness/scenario.ts";
import { inbox, Inbox } from "../harness/waiting.ts";

type Reply = (...args: unknown[]) => void;

export const catchAllScenarios: readonly LocalScenario[] = [
  localScenario(
    "catch-all listeners are listed, put first, and taken off one by one or all, at both ends",
    async (context) => {
      const { client, socket } = await pair(context);
      for (const [from, to] of [
        [client, socket],
        [socket, client],
      ] as const) {
        const heard = new Inbox("what was heard");
        const [first, second, third] = ["first", "second", "third"].map((name) => () => heard.put(name)) as [
          Reply,
          Reply,
          Reply,
        ];
        to.onAny(second);
        to.onAny(third);
        to.prependAny(first);
        expect(to.listenersAny()).toEqual([first, second, third]);
        from.emit("news");
        expect(await heard.take(3)).toEqual([["first"], ["second"], ["third"]]);

        to.offAny(second);
        expect(to.listenersAny()).toEqual([first, third]);
        from.emit("news");
        expect(await heard.take(2)).toEqual([["first"], ["third"]]);

        to.offAny();
        expect(to.listenersAny()).toEqual([]);
        from.emit("news");
        await flushed({ client, socket });
        expect(heard.size).toBe(0);
      }
    },
  ),

  localScenario("a catch-all listener is given the acknowledgement, and may answer, at both ends", async (context) => {
    const { client, socket } = await pair(context);
    for (const [from, to] of [
      [client, socket],
      [socket, client],
    ] as const) {
      to.onAny((event: string, ...args: unknown[]) => (args.at(-1) as Reply)({ event, count: args.length }));
      expect(await from.emitWithAck("question", 1, "two")).toEqual({ event: "question", count: 3 });
      to.offAny();
    }
  }),

  localScenario("outgoing catch-all listeners are listed, put first, and taken off, at both ends", async (context) => {
    const { client, socket } = await pair(context);
    for (const end of [client, socket]) {
      const heard = new Inbox("what was heard");
      const [first, second, third] = ["first", "second", "third"].map(
        (name) =>
          (...event: unknown[]) =>
            heard.put(name, ...event),
      ) as [Reply, Reply, Reply];
      end.onAnyOutgoing(second);
      end.onAnyOutgoing(third);
      end.prependAnyOutgoing(first);
      expect(end.listenersAnyOutgoing()).toEqual([first, second, third]);
      end.emit("news", 1, Buffer.from("two"));
      expect(heard.drain()).toEqual([
        ["first", "news", 1, Buffer.from("two")],
        ["second", "news", 1, Buffer.from("two")],
        ["third", "news", 1, Buffer.from("two")],
      ]);

      end.offAnyOutgoing(second);
      end.send("ahoy");
      expect(heard.drain()).toEqual([
        ["first", "message", "ahoy"],
        ["third", "message", "ahoy"],
      ]);
      end.offAnyOutgoing();
      expect(end.listenersAnyOutgoing()).toEqual([]);
      end.emit("news");
      expect(heard.size).toBe(0);
    }
  }),

  localScenario(
    "outgoing catch-all listeners hear questions without their callback, and no answers",
    async (context) => {
      const { client, socket } = await pair(context);
      for (const [from, to] of [
        [client, socket],
        [socket, client],
      ] as const) {
        const [asked, answering] = [new Inbox("questions"), new Inbox("what the answering end sends")];
        from.onAnyOutgoing(asked.put);
        to.onAnyOutgoing(answering.put);
        to.on("question", (_number: number, reply: Reply) => reply("answer"));
        await from.emitWithAck("question", 1);
        await from.timeout(8_000).emitWithAck("question", 2);
        expect(asked.drain()).toEqual([
          ["question", 1],
          ["question", 2],
        ]);
        expect(answering.size).toBe(0);
        from.offAnyOutgoing();
        to.offAnyOutgoing();
      }
    },
  ),

  localScenario(
    "each recipient's outgoing catch-all listeners hear a broadcast, those of others don't",
    async (context) => {
      const server = await context.createServer();
      const { io } = server;
      const sockets = (await crowd(context, server, 3)).map(({ socket }) => socket);
      io.of("/other");
      const other = await join(context, server, "/other");
      await sockets[0]!.join("deck");
      await sockets[1]!.join("deck");
      const boxes = [...sockets, other.socket].map((socket, index) => {
        const box = new Inbox(`what leaves for ${index}`);
        socket.onAnyOutgoing(box.put);
        return box;
      });
      const heard = (): unknown[][] => boxes.map((box) => box.drain().map(([event]) => event));

      io.emit("to all", 1, Buffer.from("x"));
      expect(boxes.map((box) => box.drain())).toEqual([...sockets.map(() => [["to all", 1, Buffer.from("x")]]), []]);
      io.to("deck").emit("to a room");
      io.except("deck").emit("to the others");
      sockets[0]!.broadcast.emit("to all but one");
      sockets[0]!.to("deck").emit("to the rest of a room");
      io.to("deck").volatile.emit("now or never");
      io.of("/other").send("elsewhere");
      expect(heard().map((events) => events.filter((event) => event !== "now or never"))).toEqual([
        ["to a room"],
        ["to a room", "to all but one", "to the rest of a room"],
        ["to the others", "to all but one"],
        ["message"],
      ]);
    },
  ),

  localScenario("outgoing catch-all listeners hear a broadcast that wants to be answered", async (context) => {
    const { io, client, socket } = await pair(context);
    client.on("roll call", (_ship: string, reply: Reply) => reply("aye"));
    const heard = new Inbox("what leaves");
    socket.onAnyOutgoing(heard.put);
    expect(await io.timeout(8_000).emitWithAck("roll call", "hawser")).toEqual(["aye"]);
    expect(heard.drain()).toEqual([["roll call", "hawser"]]);
  }),

  localScenario("a client's outgoing catch-all listeners hear what had to wait when it leaves", async (context) => {
    const server = await context.createServer();
    const client = context.connect("/", { autoConnect: false });
    const heard = new Inbox("what leaves");
    client.onAnyOutgoing(heard.put);
    client.on("connect", () => heard.put("connect"));
    client.emit("early", 1);
    client.volatile.emit("dropped");
    expect(heard.size).toBe(0);
    const connections = inbox(server.io, "connection");
    client.connect();
    await connections.next();
    expect(await heard.take(2)).toEqual([["early", 1], ["connect"]]);
  }),
];
