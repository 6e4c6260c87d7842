/** Parsers other than the default one, the same at both ends. */

import { createRequire } from "node:module";
import { expect } from "vitest";
import * as messagePack from "socket.io-msgpack-parser";
import type { LocalContext } from "../harness/context.ts";
import { bytes, flushed, join, localScenario, settled, type LocalScenario } from "../harness/scenario.ts";
import { inbox, Inbox, until, type Listenable } from "../harness/waiting.ts";

type Reply = (...args: unknown[]) => void;

/** Socket.IO's own parser, which takes a replacer and a reviver; a dependency of its packages, not of these tests. */
const { Encoder, Decoder } = createRequire(createRequire(import.meta.url).resolve("socket.io"))("socket.io-parser") as {
  Encoder: new (replacer: (key: string, value: unknown) => unknown) => object;
  Decoder: new (reviver: (key: string, value: unknown) => unknown) => object;
};

/** As its documentation shows: JSON that knows of dates and large numbers, with binary beside it. */
const extendedJson = {
  Encoder: class extends Encoder {
    constructor() {
      super(function (this: unknown, key, value) {
        const original = (this as Record<string, unknown>)[key];
        if (original instanceof Date) return `date:${original.getTime()}`;
        return typeof value === "bigint" ? `bigint:${value}` : value;
      });
    }
  },
  Decoder: class extends Decoder {
    constructor() {
      super((_key, value) => {
        const [, kind, digits] = /^(date|bigint):(\d+)$/.exec(typeof value === "string" ? value : "") ?? [];
        if (kind === "date") return new Date(Number(digits));
        return kind === "bigint" ? BigInt(digits!) : value;
      });
    }
  },
};

interface Dialect {
  readonly name: string;
  readonly parser: { Encoder: unknown; Decoder: unknown };
  /** What it carries that the default parser does not. */
  readonly special: readonly unknown[];
}

const DIALECTS: readonly Dialect[] = [
  { name: "MessagePack", parser: messagePack, special: [undefined, new Date(86_400_000), { at: new Date(0) }, -0.5] },
  { name: "extended JSON", parser: extendedJson, special: [new Date(86_400_000), { sum: 12345678901234567890n }] },
];

const binaryTree = () => ({
  list: [Buffer.from([1, 2]), { deep: new Uint8Array([3]) }],
  empty: Buffer.alloc(0),
  text: "ü🚢",
});

const expectBinaryTree = ({ list, empty, text }: any): void => {
  expect([bytes(list[0]), bytes(list[1].deep), bytes(empty), text]).toEqual([[1, 2], [3], [], "ü🚢"]);
};

const scenariosOf = ({ name, parser, special }: Dialect): readonly LocalScenario[] => {
  const serve = (context: LocalContext, options = {}) => context.createServer({ parser, ...options });
  const enter = (context: LocalContext, server: Awaited<ReturnType<typeof serve>>, namespace = "/", options = {}) =>
    join(context, server, namespace, { parser, ...options });

  return [
    localScenario(`${name}: events carry JSON, binary and more, in both directions`, async (context) => {
      const { client, socket } = await enter(context, await serve(context));
      for (const [from, to] of [
        [client, socket],
        [socket, client],
      ] as const) {
        const received = inbox(to, "values");
        from.emit("values", "text", 1, null, true, [], {}, ...special);
        expect(await received.next()).toEqual(["text", 1, null, true, [], {}, ...special]);
        from.emit("values", binaryTree());
        expectBinaryTree((await received.next())[0]);
        from.emit("values");
        expect(await received.next()).toEqual([]);
      }
    }),

    localScenario(`${name}: answers carry the same, in time and out of it`, async (context) => {
      const { client, socket } = await enter(context, await serve(context));
      for (const [from, to] of [
        [client, socket],
        [socket, client],
      ] as const) {
        to.on("echo", (...args: unknown[]) => (args.pop() as Reply)(...args));
        const answer = new Inbox("the answer");
        from.emit("echo", 1, ...special, answer.put);
        expect(await answer.next()).toEqual([1, ...special]);
        expectBinaryTree(await from.emitWithAck("echo", binaryTree()));
        expect(await from.timeout(8_000).emitWithAck("echo", special[0])).toEqual(special[0]);
        expect(await from.timeout(8_000).emitWithAck("echo")).toBeUndefined();
        await expect(from.timeout(20).emitWithAck("call nobody hears")).rejects.toThrow("operation has timed out");
      }
    }),

    localScenario(`${name}: events in great number and of great size arrive in order`, async (context) => {
      const { client, socket } = await enter(context, await serve(context));
      const [atServer, atClient] = [inbox(socket, "part"), inbox(client, "part")];
      for (let number = 0; number < 200; number++) {
        const part = number % 20 === 0 ? Buffer.alloc(10_000, number) : "x".repeat(number);
        client.emit("part", number, part);
        socket.emit("part", number, part);
      }
      for (const box of [atServer, atClient]) {
        const parts = await box.take(200);
        expect(parts.map(([number]) => number)).toEqual(Array.from({ length: 200 }, (_, number) => number));
        expect(bytes(parts[180]![1]).every((byte) => byte === 180)).toBe(true);
      }
      await flushed({ client, socket });
    }),

    localScenario(`${name}: broadcasts reach rooms, and gather answers`, async (context) => {
      const server = await serve(context);
      const { io } = server;
      const pairs = [await enter(context, server), await enter(context, server), await enter(context, server)];
      await pairs[0]!.socket.join("deck");
      await pairs[1]!.socket.join("deck");
      const boxes = pairs.map(({ client }) => inbox(client, "news"));
      pairs.forEach(({ client }, index) => client.on("who?", (value: unknown, reply: Reply) => reply([index, value])));
      io.emit("news", "all", binaryTree());
      io.to("deck").emit("news", ...special);
      pairs[0]!.socket.broadcast.emit("news", "others");
      for (const [index, box] of boxes.entries()) {
        const [to, tree] = await box.next();
        expect(to).toBe("all");
        expectBinaryTree(tree);
        if (index < 2) expect(await box.next()).toEqual(special);
        if (index > 0) expect(await box.next()).toEqual(["others"]);
      }
      const answers: [number, unknown][] = await io.timeout(8_000).emitWithAck("who?", special[0]);
      expect(answers.toSorted(([one], [other]) => one - other)).toEqual([0, 1, 2].map((index) => [index, special[0]]));
      await Promise.all(pairs.map(flushed));
      expect(boxes.map((box) => box.size)).toEqual([0, 0, 0]);
    }),

    localScenario(`${name}: namespaces are joined with auth, refused with data, and left`, async (context) => {
      const server = await serve(context);
      const { io } = server;
      io.of("/bridge").use((socket, next) =>
        socket.handshake.auth["since"]
          ? next()
          : next(Object.assign(new Error("who?"), { data: { rank: ["captain"] } })),
      );
      const main = await enter(context, server, "/", { forceNew: false });
      const refused = context.connect("/bridge", { parser, forceNew: false });
      const [error] = await inbox(refused, "connect_error").next();
      expect([error.message, error.data]).toEqual(["who?", { rank: ["captain"] }]);
      const nowhere = context.connect("/nowhere", { parser, forceNew: false });
      expect((await inbox(nowhere, "connect_error").next())[0].message).toBe("Invalid namespace");
      refused.auth = { since: special[0] ?? 1 };
      const connections = inbox(io.of("/bridge"), "connection");
      refused.connect();
      const [socket] = await connections.next();
      expect(socket.conn).toBe(main.socket.conn);
      await until(() => refused.connected, "the client");
      const left = inbox(socket, "disconnect");
      refused.disconnect();
      expect((await left.next())[0]).toBe("client namespace disconnect");
      await flushed(main);
      const lost = inbox(main.client, "disconnect");
      main.socket.disconnect();
      expect((await lost.next())[0]).toBe("io server disconnect");
    }),

    localScenario(
      `${name}: a lost client recovers, and what was emitted meanwhile follows both ways`,
      async (context) => {
        const server = await serve(context, { connectionStateRecovery: {} });
        const { io } = server;
        const { client, socket } = await enter(context, server, "/", { reconnection: false });
        const received = inbox(client, "news");
        socket.emit("news", 0);
        await received.next();
        await settled(context, socket);
        const { id } = client;
        const [left, lost] = [inbox(socket, "disconnect"), inbox(client, "disconnect")];
        socket.conn.close();
        await left.next();
        await lost.next();
        io.emit("news", binaryTree());
        io.emit("news", special[0]);
        client.emit("report", special[0]);
        const reports = new Inbox("reports");
        io.on("connection", (again) => again.on("report", reports.put));
        client.connect();
        expect((await reports.next())[0]).toEqual(special[0]);
        expectBinaryTree((await received.next())[0]);
        expect((await received.next())[0]).toEqual(special[0]);
        expect([client.recovered, client.id]).toEqual([true, id]);
      },
    ),

    localScenario(`${name}: middlewares and catch-all listeners see events as they were`, async (context) => {
      const { client, socket } = await enter(context, await serve(context));
      const seen = new Inbox("what was seen");
      socket.use((event, next) => {
        seen.put("middleware", ...event);
        next();
      });
      client.onAnyOutgoing((...event: unknown[]) => seen.put("outgoing", ...event));
      socket.onAny((...event: unknown[]) => seen.put("incoming", ...event));
      client.emit("values", ...special);
      expect(await seen.take(3)).toEqual([
        ["outgoing", "values", ...special],
        ["incoming", "values", ...special],
        ["middleware", "values", ...special],
      ]);
    }),
  ];
};

export const parserScenarios: readonly LocalScenario[] = [
  ...DIALECTS.flatMap(scenariosOf),

  localScenario("a client whose parser is another one is not let in, and does no harm", async (context) => {
    const server = await context.createServer({ parser: messagePack });
    const good = await join(context, server, "/", { parser: messagePack });
    const sessions = inbox(server.io.engine as Listenable, "connection");
    const stranger = context.connect("/", { reconnection: false });
    const [session] = await sessions.next();
    await until(() => session.readyState === "closed", "the stranger to be sent away");
    expect(stranger.connected).toBe(false);
    expect(server.io.of("/").sockets.size).toBe(1);
    await flushed(good);
    await flushed(await join(context, server, "/", { parser: messagePack }));
  }),
];
