/** A client that sends an event until it is acknowledged, and time limits for all acknowledgements. */

import { expect } from "vitest";
import {
  inboxOfSockets,
  join,
  localScenario,
  pair,
  settled,
  withinSomeLimit,
  type LocalScenario,
} from "../harness/scenario.ts";
import { inbox, Inbox, until } from "../harness/waiting.ts";

const TIMED_OUT = "operation has timed out";
/** Longer than any answer takes, in milliseconds. */
const LONG = 8_000;
/** For answers that never come, in milliseconds. */
const SHORT = 100;

type Reply = (...args: unknown[]) => void;

export const retryScenarios: readonly LocalScenario[] = [
  localScenario("with retries events arrive one at a time, in order, each acknowledged", async (context) => {
    const { client, socket } = await pair(context, {}, { retries: 3, ackTimeout: LONG });
    const waiting = new Inbox("jobs");
    socket.on("job", (number: number, reply: Reply) => waiting.put(number, reply));
    for (let number = 0; number < 5; number++) client.emit("job", number);
    for (let number = 0; number < 5; number++) {
      const [arrived, reply] = await waiting.next();
      expect([arrived, waiting.size]).toEqual([number, 0]);
      (reply as Reply)();
    }
  }),

  localScenario("an event that is not acknowledged in time is sent again, and holds up the next", async (context) => {
    const { client, socket } = await pair(context, {}, { retries: 3, ackTimeout: SHORT });
    await settled(context, socket);
    const arrived: unknown[] = [];
    socket.on("job", (name: string, reply: Reply) => {
      arrived.push(name);
      if (arrived.length > 1) reply(`${name} done`);
    });
    const outcomes = new Inbox("outcomes");
    client.emit("job", "first", outcomes.put);
    client.emit("job", "second", outcomes.put);
    expect(await outcomes.take(2)).toEqual([
      [null, "first done"],
      [null, "second done"],
    ]);
    // What is answered late has been sent once more meanwhile.
    expect(arrived.slice(0, 2)).toEqual(["first", "first"]);
    expect(arrived).toEqual(arrived.toSorted());
  }),

  localScenario(
    "after the last retry the callback gets the error, and the next event has its turn",
    async (context) => {
      const { client, socket } = await pair(context, {}, { retries: 2, ackTimeout: SHORT });
      await settled(context, socket);
      const arrived: unknown[] = [];
      socket.on("job", (name: string, reply: Reply) => {
        arrived.push(name);
        if (name === "possible") reply("done");
      });
      const outcomes = new Inbox("outcomes");
      client.emit("job", "impossible", outcomes.put);
      client.emit("job", "possible", outcomes.put);
      const [[error], second] = (await outcomes.take(2)) as [[Error], unknown[]];
      expect(error.message).toBe(TIMED_OUT);
      expect(second).toEqual([null, "done"]);
      // What is answered late has been sent once more meanwhile.
      expect(arrived.slice(0, 4)).toEqual(["impossible", "impossible", "impossible", "possible"]);
      expect(arrived.slice(4)).not.toContain("impossible");
    },
  ),

  localScenario(
    "an event that was under way when the connection was lost is sent again on the next",
    async (context) => {
      const { io, client, socket } = await pair(context, {}, { retries: 3, ackTimeout: LONG });
      await settled(context, socket);
      const [first, later] = [inbox(socket, "job"), inboxOfSockets(io.of("/"), "job")];
      const outcomes = new Inbox("outcomes");
      client.emit("job", 1, outcomes.put);
      client.emit("job", 2, outcomes.put);
      expect((await first.next())[0]).toBe(1);
      socket.conn.close();
      for (const expected of [1, 2]) {
        const [number, reply] = await later.next();
        expect(number).toBe(expected);
        (reply as Reply)(number * 10);
      }
      expect(await outcomes.take(2)).toEqual([
        [null, 10],
        [null, 20],
      ]);
      expect(first.size).toBe(0);
    },
  ),

  localScenario("what waits in the queue survives a restart of the server", async (context) => {
    const { server, client, socket } = await pair(context, {}, { retries: 3, ackTimeout: LONG });
    await settled(context, socket);
    const lost = inbox(client, "disconnect");
    const closed = server.close();
    await lost.next();
    await closed;
    for (let number = 0; number < 3; number++) client.emit("job", number);
    const { io } = await context.createServer();
    const jobs = inboxOfSockets(io.of("/"), "job");
    for (let number = 0; number < 3; number++) {
      const [arrived, reply] = await jobs.next();
      expect(arrived).toBe(number);
      (reply as Reply)();
    }
  }),

  localScenario("volatile events do not queue", async (context) => {
    const { client, socket } = await pair(context, {}, { retries: 3, ackTimeout: LONG });
    await settled(context, socket);
    const [jobs, positions] = [inbox(socket, "job"), inbox(socket, "position")];
    client.emit("job", 1);
    const [, reply] = await jobs.next();
    client.emit("job", 2);
    await until(() => client.io.engine.transport.writable, "a writable transport");
    client.volatile.emit("position", 3);
    expect(await positions.next()).toEqual([3]);
    expect(jobs.size).toBe(0);
    (reply as Reply)();
    expect((await jobs.next())[0]).toBe(2);
  }),

  localScenario(
    "ackTimeout limits every acknowledgement, whose callback then takes an error first",
    async (context) => {
      const server = await context.createServer();
      await withinSomeLimit(async (limit) => {
        const { client, socket } = await join(context, server, "/", { ackTimeout: limit });
        await settled(context, socket);
        socket.on("question", (reply: Reply) => reply("answer", "more"));
        const [answered, unanswered] = [new Inbox("the answer"), new Inbox("an error")];
        client.emit("question", answered.put);
        client.emit("call nobody hears", unanswered.put);
        const refused = client.emitWithAck("call nobody hears").catch((error: unknown) => error);
        expect(await client.emitWithAck("question")).toBe("answer");
        expect(await answered.next()).toEqual([null, "answer", "more"]);
        expect((await unanswered.next())[0].message).toBe(TIMED_OUT);
        expect(await refused).toMatchObject({ message: TIMED_OUT });
      });
    },
  ),

  localScenario("timeout() of one event is stronger than ackTimeout", async (context) => {
    const server = await context.createServer();
    const patient = await join(context, server, "/", { ackTimeout: LONG });
    await expect(patient.client.timeout(20).emitWithAck("call nobody hears")).rejects.toThrow(TIMED_OUT);
    const impatient = await join(context, server, "/", { ackTimeout: 1 });
    impatient.socket.on("question", (reply: Reply) => void setTimeout(reply, 5, "answer"));
    expect(await impatient.client.timeout(LONG).emitWithAck("question")).toBe("answer");
  }),
];
