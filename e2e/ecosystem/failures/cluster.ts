/** Three nodes on one service, a client at each; and between one of the nodes and the service a network that can fail. */

import { ChaosProxy } from "@hawser/testing";
import { io, type Socket } from "hawser-client";
import { expect } from "vitest";
import { until } from "../../harness/waiting.ts";
import { Application } from "../application.ts";
import { Postgres } from "../services/postgres.ts";
import { Redis } from "../services/redis.ts";
import { TestNode, type AdapterKind, type Outcome } from "./node.ts";

/** Milliseconds within which what happens on one node must happen: less than anybody waits for a service. */
const AT_ONCE = 500;
/** How often the machine may stand still for so long. What waits for a service does so each time. */
const PAUSES = 2;

/** A node, and a client that is connected to it. */
export class Member {
  node: TestNode;
  client: Socket;
  /** The numbers of the news that the client has got, in order. */
  readonly news: number[] = [];

  constructor(node: TestNode) {
    this.node = node;
    this.client = this.#connect();
  }

  /** Another process in the place of one that was killed. */
  replace(node: TestNode): void {
    this.client.disconnect();
    this.node = node;
    this.client = this.#connect();
  }

  #connect(): Socket {
    const client = io(this.node.url, { forceNew: true, transports: ["websocket"], reconnectionDelay: 50 });
    client.on("news", (number: number) => this.news.push(number));
    client.on("question", (answer: (value: string) => void) => answer(client.id!));
    return client;
  }
}

type Service = Redis | Postgres;

export class Cluster {
  readonly service: Service;
  /** The network between the last node and the service. */
  readonly network: ChaosProxy;
  readonly members: Member[] = [];
  readonly #kind: AdapterKind;
  readonly #folder: string;
  #published = 0;

  private constructor(kind: AdapterKind, service: Service, network: ChaosProxy, folder: string) {
    this.#kind = kind;
    this.service = service;
    this.network = network;
    this.#folder = folder;
  }

  /** Starts the service and the nodes, and waits until they know of each other. */
  static async start(kind: AdapterKind): Promise<Cluster> {
    const service = await (kind === "postgres" ? Postgres.start() : Redis.start());
    const network = await ChaosProxy.start(service.port);
    const cluster = new Cluster(kind, service, network, new Application("adapters-on-hawser").folder);
    try {
      const nodes = await Promise.all([0, 1, 2].map((index) => cluster.startNode(index)));
      for (const node of nodes) cluster.members.push(new Member(node));
      await cluster.works();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The first node, which nothing happens to but for what happens to all. */
  get first(): Member {
    return this.members[0]!;
  }

  /** The last node, which things happen to. */
  get last(): Member {
    return this.members[2]!;
  }

  /** Starts a node; the last one reaches the service by {@link network}. */
  startNode(index: number): Promise<TestNode> {
    const { url, port } = this.service;
    const own = index === 2 ? url.replace(String(port), String(this.network.port)) : url;
    return TestNode.start(this.#folder, this.#kind, own);
  }

  /** Waits until what each node emits reaches the clients of all, and each finds the sockets of all. */
  async works(): Promise<void> {
    for (const sender of this.members) {
      await until(() => sender.client.connected, "the client to be connected");
      await this.#reaches(sender);
    }
    const ids = this.members.map(({ client }) => client.id).sort();
    await repeat("all sockets to be found", async () => {
      const found = await Promise.all(this.members.map(({ node }) => node.ask("fetchSockets")));
      return found.every(({ value }) => Array.isArray(value) && [...value].sort().join() === ids.join());
    });
  }

  /** What a node emits reaches its own clients at once; the time is in milliseconds. */
  async deliversLocally(member: Member, limit = AT_ONCE): Promise<void> {
    const times: number[] = [];
    do times.push(await this.#timeToDeliver(member));
    while (times.at(-1)! >= limit && times.length <= PAUSES);
    expect(times.at(-1), `after ${times.join(", ")} ms`).toBeLessThan(limit);
  }

  /** Every question that nodes put to each other ends in bounded time: with the answers, or with an error that has a code. */
  async questionsEnd({ node, client }: Member): Promise<Record<string, Outcome>> {
    const questions = ["fetchSockets", "serverSideEmit", "broadcastWithAck"];
    const outcomes = await Promise.all(questions.map((question) => node.ask(question)));
    for (const [index, { error, took }] of outcomes.entries()) {
      expect(took, questions[index]).toBeLessThan(3_000);
      if (error === undefined) continue;
      const codes = index === 2 ? ["ERR_ACK_TIMEOUT"] : ["ERR_CLUSTER_TIMEOUT", "ERR_CLUSTER_UNREACHABLE"];
      expect(codes, `${questions[index]}: ${error.message}`).toContain(error.code);
      if (index !== 1) expect(error.responses, questions[index]).toContain(client.id);
    }
    return Object.fromEntries(outcomes.map((outcome, index) => [questions[index]!, outcome]));
  }

  /** Nobody was handed anything twice, and no node has had a rejection or an exception that nobody took. */
  async isUnharmed(): Promise<void> {
    for (const { node, news } of this.members) {
      expect((await node.ask("problems")).value).toEqual([]);
      expect(news.length).toBe(new Set(news).size);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client } of this.members) client.disconnect();
    await Promise.all(this.members.map(({ node }) => node.kill()));
    await this.network.close();
    await this.service[Symbol.asyncDispose]();
  }

  /** How many milliseconds something takes that a node emits, to one of its own clients. */
  async #timeToDeliver({ node, news }: Member): Promise<number> {
    const number = this.#published++;
    const start = performance.now();
    void node.ask("emit", "news", number);
    await until(() => news.includes(number), "the news of the own node", 5_000);
    return performance.now() - start;
  }

  /** What was emitted while the way was not clear may be lost; so it is emitted until it arrives. */
  async #reaches({ node }: Member): Promise<void> {
    await repeat("the news to reach all clients", async () => {
      const number = this.#published++;
      await node.ask("emit", "news", number);
      return arrives(() => this.members.every(({ news }) => news.includes(number)));
    });
  }
}

/** Waits a little for something that may not happen. */
async function arrives(condition: () => boolean): Promise<boolean> {
  try {
    await until(condition, "", 1_000);
    return true;
  } catch {
    return false;
  }
}

/** Tries until it succeeds. */
async function repeat(what: string, attempt: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await attempt())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`);
  }
}
