/** Acknowledgements: answers to one event, and what happens when none comes. */

import { expect } from "vitest";
import { bytes, crowd, flushed, inPlace, pair, scenario, withinSomeLimit, type Scenario } from "../harness/scenario.ts";
import { Inbox, withTimeout } from "../harness/waiting.ts";

const TIMED_OUT = "operation has timed out";
/** Long enough for any answer that does come, in milliseconds. */
const LONG = 8_000;
/** For answers that never come, in milliseconds. */
const SHORT = 50;

type Reply = (...args: unknown[]) => void;

/** Settles with what a promise was rejected with. */
const rejection = async (promise: Promise<unknown>): Promise<any> =>
  withTimeout(
    promise.then(
      (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
      (error: unknown) => error,
    ),
    "a rejection",
  );

export const acknowledgementScenarios: readonly Scenario[] = [
  scenario("the server answers a client's event, with several values", async (context) => {
    const { client, socket } = await pair(context);
    socket.on("sum", (one: number, other: number, reply: Reply) => reply(one + other, { of: [one, other] }));
    const answer = new Inbox("the answer");
    client.emit("sum", 2, 3, answer.put);
    expect(await answer.next()).toEqual([5, { of: [2, 3] }]);
  }),

  scenario("the client answers the server's event, with several values", async (context) => {
    const { client, socket } = await pair(context);
    client.on("sum", (one: number, other: number, reply: Reply) => reply(one + other, { of: [one, other] }));
    await inPlace(client);
    const answer = new Inbox("the answer");
    socket.emit("sum", 2, 3, answer.put);
    expect(await answer.next()).toEqual([5, { of: [2, 3] }]);
  }),

  scenario("emitWithAck() resolves with the answer at both ends", async (context) => {
    const { client, socket } = await pair(context);
    const double = (value: number, reply: Reply): void => reply(value * 2);
    socket.on("double", double);
    client.on("double", double);
    expect(await client.emitWithAck("double", 21)).toBe(42);
    expect(await socket.emitWithAck("double", 34)).toBe(68);
  }),

  scenario("answers and what they answer may be binary", async (context) => {
    const { client, socket } = await pair(context);
    const reverse = (value: unknown, reply: Reply): void => reply({ reversed: Buffer.from(bytes(value).toReversed()) });
    socket.on("reverse", reverse);
    client.on("reverse", reverse);
    expect(bytes((await client.emitWithAck("reverse", Buffer.from([1, 2, 3]))).reversed)).toEqual([3, 2, 1]);
    expect(bytes((await socket.emitWithAck("reverse", Buffer.from([4, 5, 6]))).reversed)).toEqual([6, 5, 4]);
  }),

  scenario("each answer finds its own question, whatever the order of the answers", async (context) => {
    const { client, socket } = await pair(context);
    const waiting: [number, Reply][] = [];
    socket.on("ask", (question: number, reply: Reply) => {
      waiting.push([question, reply]);
      if (waiting.length === 50) for (const [asked, answer] of waiting.reverse()) answer(asked * 10);
    });
    const questions = Array.from({ length: 50 }, (_, index) => index);
    const answers = await Promise.all(questions.map((question) => client.emitWithAck("ask", question)));
    expect(answers).toEqual(questions.map((question) => question * 10));
  }),

  scenario("only the first answer counts", async (context) => {
    const { client, socket } = await pair(context);
    socket.on("ask", (reply: Reply) => {
      reply("first");
      reply("second");
    });
    const answers = new Inbox("answers");
    client.emit("ask", answers.put);
    await flushed({ client, socket });
    expect(answers.drain()).toEqual([["first"]]);
  }),

  scenario("an answer in time comes with a null error, at both ends", async (context) => {
    const { client, socket } = await pair(context);
    const pong = (reply: Reply): void => reply("pong");
    socket.on("call", pong);
    client.on("call", pong);
    await inPlace(client);
    for (const end of [client, socket]) {
      const outcome = new Inbox("the outcome");
      end.timeout(LONG).emit("call", outcome.put);
      expect(await outcome.next()).toEqual([null, "pong"]);
      expect(await end.timeout(LONG).emitWithAck("call")).toBe("pong");
    }
  }),

  scenario("without an answer in time the callback gets an error, at both ends", async (context) => {
    const { client, socket } = await pair(context);
    for (const end of [client, socket]) {
      const outcome = new Inbox("the outcome");
      end.timeout(SHORT).emit("call nobody hears", outcome.put);
      const [error, ...rest] = await outcome.next();
      expect(error).toBeInstanceOf(Error);
      expect(error.message).toBe(TIMED_OUT);
      expect(rest).toEqual([]);
    }
  }),

  scenario("without an answer in time emitWithAck() rejects, at both ends", async (context) => {
    const { client, socket } = await pair(context);
    for (const end of [client, socket]) {
      const error = await rejection(end.timeout(SHORT).emitWithAck("call nobody hears"));
      expect(error.message).toBe(TIMED_OUT);
    }
  }),

  scenario("an answer that comes too late is ignored", async (context) => {
    const { client, socket } = await pair(context);
    const [questions, outcomes] = [new Inbox("the question"), new Inbox("the outcome")];
    socket.on("ask", questions.put);
    client.timeout(SHORT).emit("ask", outcomes.put);
    const [late] = await questions.next();
    const [error] = await outcomes.next();
    expect(error.message).toBe(TIMED_OUT);
    late("too late");
    await flushed({ client, socket });
    expect(outcomes.size).toBe(0);
  }),

  scenario("a client that disconnects fails its pending question at once", async (context) => {
    const { client } = await pair(context);
    const error = rejection(client.timeout(LONG * 2).emitWithAck("call nobody hears"));
    client.disconnect();
    expect((await error).message).toBe("socket has been disconnected");
  }),

  scenario("a broadcast gathers the answers of all who got it", async (context) => {
    const server = await context.createServer();
    const pairs = await crowd(context, server, 3);
    pairs.forEach(({ client }, index) => client.on("roll call", (reply: Reply) => reply(index)));
    await inPlace(...pairs.map(({ client }) => client));
    const outcome = new Inbox("the outcome");
    server.io.timeout(LONG).emit("roll call", outcome.put);
    const [error, answers] = await outcome.next();
    expect(error).toBeNull();
    expect(answers.toSorted()).toEqual([0, 1, 2]);
    expect((await server.io.timeout(LONG).emitWithAck("roll call")).toSorted()).toEqual([0, 1, 2]);
  }),

  scenario("a broadcast that some do not answer in time hands over the answers it has", async (context) => {
    const server = await context.createServer();
    const [first, silent, last] = await crowd(context, server, 3);
    const asked = new Inbox("the question");
    silent!.client.on("roll call", asked.put);
    first!.client.on("roll call", (reply: Reply) => reply("first"));
    last!.client.on("roll call", (reply: Reply) => reply("last"));
    await inPlace(first!.client, silent!.client, last!.client);
    await withinSomeLimit(async (limit) => {
      const outcome = new Inbox("the outcome");
      const rejected = rejection(server.io.timeout(limit).emitWithAck("roll call"));
      server.io.timeout(limit).emit("roll call", outcome.put);
      const [error, answers] = await outcome.next();
      const rejectedWith = await rejected;
      expect(error.message).toBe(TIMED_OUT);
      expect(answers.toSorted()).toEqual(["first", "last"]);
      expect(rejectedWith.message).toBe(TIMED_OUT);
      expect(rejectedWith.responses.toSorted()).toEqual(["first", "last"]);
      expect(await asked.take(2)).toHaveLength(2);
    });
  }),

  scenario("a broadcast to nobody is answered by nobody, at once", async (context) => {
    const { io } = await context.createServer();
    expect(await io.to("an empty room").timeout(LONG).emitWithAck("roll call")).toEqual([]);
  }),
];
