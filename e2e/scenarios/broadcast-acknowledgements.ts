/** Broadcasts that want to be answered: in all their forms, by all, by some and by nobody. */

import { expect } from "vitest";
import { bytes, crowd, join, localScenario, withinSomeLimit, type LocalScenario } from "../harness/scenario.ts";
import type { LocalContext } from "../harness/context.ts";
import { Inbox } from "../harness/waiting.ts";

const TIMED_OUT = "operation has timed out";
/** Long enough for any answer that does come, in milliseconds. */
const LONG = 8_000;

type Reply = (...args: unknown[]) => void;

/** Three clients that answer with their number, of which the first two are on deck. */
async function crew(context: LocalContext) {
  const server = await context.createServer();
  const pairs = await crowd(context, server, 3);
  pairs.forEach(({ client }, index) =>
    client.on("who?", (...args: unknown[]) => (args.at(-1) as Reply)(index, "more")),
  );
  await pairs[0]!.socket.join("deck");
  await pairs[1]!.socket.join("deck");
  return { io: server.io, server, pairs, sockets: pairs.map(({ socket }) => socket) };
}

export const broadcastAcknowledgementScenarios: readonly LocalScenario[] = [
  localScenario(
    "every operator that selects sockets gathers their answers, the first value of each",
    async (context) => {
      const { io, server, sockets } = await crew(context);
      io.of("/other");
      const other = await join(context, server, "/other");
      other.client.on("who?", (reply: Reply) => reply("other"));
      const [first] = sockets;
      for (const [selected, who] of [
        [io.timeout(LONG), [0, 1, 2]],
        [io.to("deck").timeout(LONG), [0, 1]],
        [io.timeout(LONG).to("deck").except(sockets[0]!.id), [1]],
        [io.except("deck").timeout(LONG), [2]],
        [io.local.timeout(LONG).in([sockets[1]!.id, sockets[2]!.id]), [1, 2]],
        [first!.broadcast.timeout(LONG), [1, 2]],
        [first!.to("deck").timeout(LONG), [1]],
        [io.compress(false).timeout(LONG).to("deck"), [0, 1]],
        [io.of("/other").timeout(LONG), ["other"]],
        [io.to("nobody").timeout(LONG), []],
      ] as const) {
        const answers: unknown[] = await selected.emitWithAck("who?");
        expect(answers.toSorted()).toEqual(who);
        const outcome = new Inbox("the outcome");
        selected.emit("who?", outcome.put);
        const [error, again] = await outcome.next();
        expect([error, again.toSorted()]).toEqual([null, who]);
      }
    },
  ),

  localScenario("questions to many, and their answers, may be binary, and answers may be empty", async (context) => {
    const { io, pairs } = await crew(context);
    pairs.forEach(({ client }, index) =>
      client.on("sum", (values: unknown, reply: Reply) =>
        index === 2 ? reply() : reply(Buffer.from([index, bytes(values).reduce((sum, value) => sum + value)])),
      ),
    );
    const answers: unknown[] = await io.timeout(LONG).emitWithAck("sum", Buffer.from([1, 2, 3]));
    const empty = answers.filter((answer) => answer === undefined);
    const sums = answers.filter((answer) => answer !== undefined).map(bytes);
    expect(sums.toSorted()).toEqual([
      [0, 6],
      [1, 6],
    ]);
    expect(empty).toHaveLength(1);
  }),

  localScenario(
    "answers that are missing when the time is over come as an error, with those that did come",
    async (context) => {
      const { io, pairs, sockets } = await crew(context);
      pairs[1]!.client.off("who?");
      await withinSomeLimit(async (limit) => {
        const [outcome, inRoom] = [new Inbox("the outcome"), new Inbox("the outcome in a room")];
        io.timeout(limit).emit("who?", outcome.put);
        io.to("deck").timeout(limit).emit("who?", inRoom.put);
        const rejected = io
          .timeout(limit)
          .emitWithAck("who?")
          .catch((error: unknown) => error);
        const fromSocket = sockets[2]!.broadcast
          .timeout(limit)
          .emitWithAck("who?")
          .catch((error: unknown) => error);
        const [error, answers] = await outcome.next();
        expect([error.message, answers.toSorted()]).toEqual([TIMED_OUT, [0, 2]]);
        const [roomError, roomAnswers] = await inRoom.next();
        expect([roomError.message, roomAnswers]).toEqual([TIMED_OUT, [0]]);
        const { message, responses } = (await rejected) as Error & { responses: unknown[] };
        expect([message, responses.toSorted()]).toEqual([TIMED_OUT, [0, 2]]);
        expect(await fromSocket).toMatchObject({ message: TIMED_OUT, responses: [0] });
      });
    },
  ),

  localScenario("a client that leaves without an answer is missed, the others count", async (context) => {
    const { io, server, pairs } = await crew(context);
    pairs[1]!.client.off("who?");
    await withinSomeLimit(async (limit) => {
      const { client } = await join(context, server);
      client.on("who?", () => client.disconnect());
      const error = await io
        .except(pairs[1]!.socket.id)
        .timeout(limit)
        .emitWithAck("who?")
        .catch((reason: unknown) => reason);
      expect((error as Error).message).toBe(TIMED_OUT);
      expect((error as { responses: unknown[] }).responses.toSorted()).toEqual([0, 2]);
    });
  }),

  localScenario("several questions to many at once don't get each other's answers", async (context) => {
    const { io, pairs } = await crew(context);
    pairs.forEach(({ client }, index) =>
      client.on("add", (number: number, reply: Reply) => reply(number * 10 + index)),
    );
    const rounds = Array.from({ length: 20 }, (_, round) => round);
    const answers = await Promise.all(rounds.map((round) => io.timeout(LONG).emitWithAck("add", round)));
    const expected = rounds.map((round) => [round * 10, round * 10 + 1, round * 10 + 2]);
    expect(answers.map((of: number[]) => of.toSorted((one, other) => one - other))).toEqual(expected);
  }),
];
