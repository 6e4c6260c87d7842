/**
 * The example under load while its parts are killed in turn, with every message counted. `HAWSER_SOAK_SECONDS` has it go on for
 * longer than one round.
 */

import { SeededRandom } from "@hawser/testing";
import { expect, test } from "vitest";
import { findProgram, programs } from "../../../scripts/programs.mjs";
import { until } from "../../harness/waiting.ts";
import { count, type Trouble } from "./count.ts";
import { Load } from "./load.ts";
import { ThreeNodes, type Part } from "./three-nodes.ts";

const SECONDS = Number(process.env.HAWSER_SOAK_SECONDS ?? 0);
const CLIENTS = 18;
const NODES = ["node a", "node b", "node c"] as const;

const pass = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

/** One thing after the other, with times in between in which all is well. */
class Round {
  readonly troubles: Trouble[] = [];
  readonly kills = new Map<string, number>();
  readonly #nodes: ThreeNodes;
  readonly #load: Load;

  constructor(nodes: ThreeNodes, load: Load) {
    this.#nodes = nodes;
    this.#load = load;
  }

  async run([first, second]: [Part, Part]): Promise<void> {
    await this.#during(first, () => this.#kill(first));
    await pass(6);
    await this.#during("Redis", () => this.#kill("Redis"));
    await pass(6);
    await this.#loseConnections();
    await pass(5);
    await this.#during(second, async () => {
      this.#nodes.pause(second);
      await pass(4);
      this.#nodes.resume(second);
    });
    await pass(6);
    await this.#during("Redis", async () => {
      this.#nodes.pause("Redis");
      await pass(2);
      this.#nodes.resume("Redis");
    });
    await pass(6);
    await this.#loseConnections();
    await pass(4);
  }

  async #during(part: Part, happen: () => Promise<void>): Promise<void> {
    const trouble: Trouble = { part, since: performance.now(), until: Infinity };
    this.troubles.push(trouble);
    await happen();
    await until(() => this.#load.complete, "all clients to be back", 20_000);
    trouble.until = performance.now();
  }

  async #kill(part: Part): Promise<void> {
    this.kills.set(part, (this.kills.get(part) ?? 0) + 1);
    await this.#nodes.kill(part);
  }

  async #loseConnections(): Promise<void> {
    const losers = this.#load.speakers.filter(({ index }) => index % 3 === 0);
    const before = losers.map(({ stays }) => stays.length);
    for (const speaker of losers) speaker.loseConnection();
    const back = (): boolean => losers.every(({ stays }, index) => stays.length > before[index]!);
    await until(() => back() && this.#load.complete, "those who lost their connections to be back", 20_000);
    expect(losers.map(({ stay }) => stay?.recovered)).toEqual(losers.map(() => true));
  }
}

test.skipIf(findProgram(programs.haproxy) === undefined)(
  "what is promised holds, message by message, while nodes and Redis fail",
  { timeout: (SECONDS + 120) * 1_000 },
  async () => {
    await using nodes = await ThreeNodes.start();
    await using load = new Load(nodes.url, CLIENTS);
    await until(() => load.complete, "all clients to connect", 20_000);
    load.start();
    const random = new SeededRandom();
    const round = new Round(nodes, load);
    const start = performance.now();
    do {
      const first = random.integer(0, 2);
      const second = (first + random.integer(1, 2)) % 3;
      await round.run([NODES[first]!, NODES[second]!]);
    } while (performance.now() - start < SECONDS * 1_000);
    load.stop();
    await until(() => load.complete, "all clients to be connected");
    await pass(3);

    const { said, taken, heard, promises, ...failures } = count(load, round.troubles);
    console.log({ said, taken, heard, promises });
    expect(failures, random.replay).toEqual({
      repeated: [],
      disordered: [],
      lostOnNode: [],
      lostBetweenNodes: [],
      lostInRecovery: [],
      unanswered: [],
    });
    for (const part of Object.values(promises)) expect(part).toBeGreaterThan(100);
    expect(nodes.ends).toEqual(round.kills);
  },
);
