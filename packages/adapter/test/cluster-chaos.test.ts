/** A cluster on a bus that loses, delays, repeats and reorders: answers and events may be lost, and nothing else is. */

import { PacketType } from "@hawser/parser";
import { withSeed, type SeededRandom } from "@hawser/testing";
import { describe, expect, it, vi } from "vitest";
import type { BroadcastOptions } from "../src/index.ts";
import { TestCluster, pass, settle, type ClusterTestNode, type Flavour, type Kind } from "./cluster-fixture.ts";

const RUNS: [Flavour, Kind[]][] = [
  ["counted", ["hawser", "hawser", "hawser"]],
  ["counted", ["hawser", "official", "hawser"]],
  ["heartbeats", ["hawser", "hawser", "hawser"]],
  ["heartbeats", ["hawser", "official", "hawser"]],
];

const everybody = (timeout?: number): BroadcastOptions => ({
  rooms: new Set(),
  except: new Set(),
  flags: timeout === undefined ? {} : { timeout },
});

/** One question, and how often it was answered. */
interface Question {
  settled: number;
}

/** A broadcast that asked for answers, and what was told of it. */
interface Poll {
  readonly counts: number[];
  answers: number;
}

/** Does at random what nodes do, and writes down what came of it. */
class Storm {
  readonly questions: Question[] = [];
  readonly polls: Poll[] = [];
  /** The numbers of the events that each node has broadcast. */
  readonly sent = new Map<ClusterTestNode, number[]>();
  readonly #cluster: TestCluster;
  readonly #random: SeededRandom;
  #events = 0;

  constructor(cluster: TestCluster, random: SeededRandom) {
    this.#cluster = cluster;
    this.#random = random;
    const faults = random.fork(1);
    cluster.bus.faults = () => {
      if (faults.chance(0.1)) {
        return [];
      }
      const delay = (): number => (faults.chance(0.5) ? 0 : faults.integer(1, 3_000));
      return faults.chance(0.1) ? [delay(), delay()] : [delay()];
    };
    for (const node of cluster.nodes) {
      this.sent.set(node, []);
      node.reply = () => "reply";
    }
  }

  step(): void {
    const node = this.#hawserNode();
    const { adapter } = node;
    switch (this.#random.integer(0, 4)) {
      case 0: {
        const number = this.#events++;
        this.sent.get(node)!.push(number);
        adapter.broadcast({ type: PacketType.EVENT, data: ["event", number] }, everybody());
        break;
      }
      case 1: {
        const poll: Poll = { counts: [], answers: 0 };
        this.polls.push(poll);
        adapter.broadcastWithAck(
          { type: PacketType.EVENT, data: ["poll"] },
          everybody(this.#random.integer(1, 4_000)),
          (count) => poll.counts.push(count),
          () => poll.answers++,
        );
        break;
      }
      case 2: {
        const question = this.#question();
        void adapter.serverSideEmit(["question", () => question.settled++]);
        break;
      }
      case 3: {
        const question = this.#question();
        const settled = (): unknown => question.settled++;
        adapter.fetchSockets(everybody(this.#random.integer(1, 4_000))).then(settled, settled);
        break;
      }
      default:
        adapter.addSockets(everybody(), [`room ${this.#random.integer(0, 5)}`]);
        for (const { sockets } of this.#cluster.nodes) {
          sockets.forEach((socket) => socket.answer("answer"));
        }
    }
  }

  #question(): Question {
    const question = { settled: 0 };
    this.questions.push(question);
    return question;
  }

  #hawserNode(): ClusterTestNode {
    const nodes = this.#cluster.nodes.filter(({ kind }) => kind === "hawser");
    return nodes[this.#random.integer(0, nodes.length - 1)]!;
  }
}

const eventsOf = (node: ClusterTestNode): number[] =>
  [...node.sockets.values()].flatMap(({ received }) =>
    received.filter(([name]) => name === "event").map(([, number]) => number as number),
  );

describe.each(RUNS)("%s nodes: %s", (flavour, kinds) => {
  it("in a storm, every question ends once, and every event reaches those on its own node once and in order", () =>
    withSeed(async (random) => {
      const cluster = await TestCluster.of(flavour, kinds);
      cluster.nodes.forEach((node, index) => node.connect(`client of ${index}`));
      const storm = new Storm(cluster, random);
      for (let step = 0; step < 300; step++) {
        storm.step();
        await pass(random.integer(0, 100));
      }
      await pass(6_000);

      expect(storm.questions.length).toBeGreaterThan(50);
      expect(storm.questions.filter(({ settled }) => settled !== 1)).toEqual([]);
      for (const { counts, answers } of storm.polls) {
        expect(counts.length).toBeLessThanOrEqual(kinds.length);
        expect(answers).toBeLessThanOrEqual(counts.reduce((sum, count) => sum + count, 0));
      }
      for (const node of cluster.nodes) {
        const own = storm.sent.get(node)!;
        expect(eventsOf(node).filter((number) => own.includes(number))).toEqual(own);
        expect(node.errors).toEqual([]);
      }
    }));
});

it("after a storm nothing is left behind", () =>
  withSeed(async (random) => {
    const cluster = await TestCluster.of("heartbeats", ["hawser", "hawser", "hawser"]);
    const storm = new Storm(cluster, random);
    for (let step = 0; step < 100; step++) {
      storm.step();
      await pass(random.integer(0, 100));
    }
    await Promise.all(cluster.nodes.map(({ adapter }) => adapter.close()));
    await settle();
    expect(storm.questions.filter(({ settled }) => settled !== 1)).toEqual([]);
    // What is under way on the bus still arrives, at nobody.
    await pass(3_000);
    expect(vi.getTimerCount()).toBe(0);
  }));
