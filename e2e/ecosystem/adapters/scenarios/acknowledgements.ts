/** Events from one node whose answers come from the clients of all. */

import { expect } from "vitest";
import { withinSomeLimit } from "../../../harness/scenario.ts";
import { scenario, scenarioOfHawser, type Scenario } from "./scenario.ts";

/** Milliseconds that are enough for an answer. */
const ENOUGH = 5_000;

type Reply = (answer?: unknown) => void;

export const acknowledgements: readonly Scenario[] = [
  scenario("all clients' answers come together", async (world) => {
    const { ann, ben, cat } = await world.connect({ ann: ["here"], ben: ["there"], cat: ["there"] });
    ann.on("ask", (question: string, reply: Reply) => reply(`${question} ann`));
    ben.on("ask", (question: string, reply: Reply) => reply(`${question} ben`));
    cat.on("ask", (question: string, reply: Reply) => reply(`${question} cat`));
    const answers = await world.here.run(
      (namespace, limit) => namespace.timeout(limit).emitWithAck("ask", "who?") as Promise<string[]>,
      ENOUGH,
    );
    expect(answers.sort()).toEqual(["who? ann", "who? ben", "who? cat"]);
  }),

  scenario("a callback is told of the answers", async (world) => {
    const { ann, ben } = await world.connect({ ann: ["here", "red"], ben: ["there", "red"], cat: ["there"] });
    ann.on("ask", (reply: Reply) => reply(1));
    ben.on("ask", (reply: Reply) => reply(2));
    const outcome = await world.here.run(
      (namespace, limit) =>
        new Promise<{ error: unknown; answers: number[] }>((resolve) => {
          namespace
            .timeout(limit)
            .to("red")
            .emit("ask", (error: unknown, answers: number[]) => resolve({ error, answers }));
        }),
      ENOUGH,
    );
    expect(outcome.error).toBeNull();
    expect(outcome.answers.sort()).toEqual([1, 2]);
  }),

  scenarioOfHawser("answers are waited for without a time limit, too", async (world) => {
    const { ann, ben } = await world.connect({ ann: ["here"], ben: ["there"] });
    for (const [name, client] of Object.entries({ ann, ben })) client.on("ask", (reply: Reply) => reply(name));
    const answers = await world.here.run(
      (namespace) =>
        new Promise<string[]>((resolve, reject) => {
          namespace.emit("ask", (error: Error | null, list: string[]) => (error ? reject(error) : resolve(list)));
        }),
    );
    expect(answers.sort()).toEqual(["ann", "ben"]);
  }),

  scenario("answers come from the members of a room on the other node alone", async (world) => {
    const { ann, ben } = await world.connect({ ann: ["here"], ben: ["there", "red"] });
    for (const client of [ann, ben]) client.on("ask", (reply: Reply) => reply("yes"));
    const answers = await world.here.run(
      (namespace, limit) => namespace.timeout(limit).to("red").emitWithAck("ask") as Promise<string[]>,
      ENOUGH,
    );
    expect(answers).toEqual(["yes"]);
  }),

  scenario("of a room that nobody is in come no answers", async (world) => {
    await world.connect({ ann: ["here"], ben: ["there"] });
    const answers = await world.here.run(
      (namespace, limit) => namespace.timeout(limit).to("empty").emitWithAck("ask") as Promise<unknown[]>,
      ENOUGH,
    );
    expect(answers).toEqual([]);
  }),

  scenario("whoever does not answer in time is given up, and the answers that came are told", async (world) => {
    const { ann, ben } = await world.connect({ ann: ["here"], ben: ["there"], cat: ["there"] });
    ann.on("ask", (reply: Reply) => reply("ann"));
    ben.on("ask", (reply: Reply) => reply("ben"));
    await withinSomeLimit(async (time) => {
      const outcome = await world.here.run(
        (namespace, limit) =>
          new Promise<{ message: string; answers: string[] }>((resolve) => {
            namespace
              .timeout(limit)
              .emit("ask", (error: Error, answers: string[]) => resolve({ message: error.message, answers }));
          }),
        time,
      );
      expect(outcome.message).toBe("operation has timed out");
      expect(outcome.answers.sort()).toEqual(["ann", "ben"]);
    });
  }),

  scenario("a promise of answers is rejected with those that came", async (world) => {
    const { ann } = await world.connect({ ann: ["here"], ben: ["there"] });
    ann.on("ask", (reply: Reply) => reply("ann"));
    await withinSomeLimit(async (time) => {
      const outcome = await world.here.run(
        (namespace, limit) =>
          namespace
            .timeout(limit)
            .emitWithAck("ask")
            .then(
              () => "resolved",
              (error: { responses: unknown[] }) => error.responses,
            ),
        time,
      );
      expect(outcome).toEqual(["ann"]);
    });
  }),

  scenario("answers may be binary", async (world) => {
    const { ann, ben } = await world.connect({ ann: ["here"], ben: ["there"] });
    for (const client of [ann, ben]) {
      client.on("double", (bytes: Uint8Array, reply: Reply) => reply(Buffer.from(bytes.map((byte) => byte * 2))));
    }
    const answers = await world.here.run(async (namespace, limit) => {
      const buffers = (await namespace.timeout(limit).emitWithAck("double", Buffer.from([1, 2]))) as Uint8Array[];
      return buffers.map((buffer) => (ArrayBuffer.isView(buffer) ? [...buffer] : buffer));
    }, ENOUGH);
    expect(answers).toEqual([
      [2, 4],
      [2, 4],
    ]);
  }),

  scenario("a socket's broadcast is answered by everybody else", async (world) => {
    const { ann, ben, cat } = await world.connect({ ann: ["here"], ben: ["here"], cat: ["there"] });
    for (const [name, client] of Object.entries({ ann, ben, cat })) client.on("ask", (reply: Reply) => reply(name));
    const answers = await world.here.run(
      (namespace, id, limit) =>
        namespace.sockets.get(id)!.timeout(limit).broadcast.emitWithAck("ask") as Promise<string[]>,
      ann.id!,
      ENOUGH,
    );
    expect(answers.sort()).toEqual(["ben", "cat"]);
  }),

  scenarioOfHawser("local questions are answered by the node's own clients", async (world) => {
    const { ann, ben } = await world.connect({ ann: ["here"], ben: ["there"] });
    for (const [name, client] of Object.entries({ ann, ben })) client.on("ask", (reply: Reply) => reply(name));
    const answers = await world.here.run(
      (namespace, limit) => namespace.local.timeout(limit).emitWithAck("ask") as Promise<string[]>,
      ENOUGH,
    );
    expect(answers).toEqual(["ann"]);
  }),

  scenario("one client at the other node answers with one answer", async (world) => {
    const { ben } = await world.connect({ ann: ["here"], ben: ["there"] });
    ben.on("ask", (number: number, reply: Reply) => reply({ twice: 2 * number }));
    const answer = await world.here.run(
      async (namespace, id, limit) => {
        const [remote] = await namespace.in(id).fetchSockets();
        return (await remote!.timeout(limit).emitWithAck("ask", 21)) as unknown;
      },
      ben.id!,
      ENOUGH,
    );
    expect(answer).toEqual({ twice: 42 });
  }),
];
