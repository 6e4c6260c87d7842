/** Nodes of hawser and of Socket.IO in one cluster. The first mix is Socket.IO alone: it shows that the tests are right. */

import { PacketType, type EventData } from "@hawser/parser";
import { describe, expect, it } from "vitest";
import { MessageType, type BroadcastFlags, type BroadcastOptions, type Room } from "../src/index.ts";
import { TestCluster, pass, settle, type ClusterTestNode, type Flavour, type Kind } from "./cluster-fixture.ts";

const MIXES: readonly [string, readonly Kind[]][] = [
  ["Socket.IO alone", ["official", "official", "official"]],
  ["hawser alone", ["hawser", "hawser", "hawser"]],
  ["hawser asks, one of Socket.IO beside it", ["hawser", "official", "hawser"]],
  ["hawser asks Socket.IO", ["hawser", "official", "official"]],
  ["Socket.IO asks, one of hawser beside it", ["official", "hawser", "official"]],
  ["Socket.IO asks hawser", ["official", "hawser", "hawser"]],
];

const FLAVOURS: readonly Flavour[] = ["counted", "heartbeats"];

function options(rooms: Room[] = [], except: Room[] = [], flags: BroadcastFlags = {}): BroadcastOptions {
  return { rooms: new Set(rooms), except: new Set(except), flags };
}

const packet = (...data: EventData): { type: typeof PacketType.EVENT; data: EventData } => ({
  type: PacketType.EVENT,
  data,
});

for (const flavour of FLAVOURS) {
  describe.each(MIXES)(`%s (${flavour})`, (_name, kinds) => {
    let cluster: TestCluster;
    let first: ClusterTestNode;
    let second: ClusterTestNode;
    let third: ClusterTestNode;

    async function start(): Promise<void> {
      cluster = await TestCluster.of(flavour, kinds);
      [first, second, third] = cluster.nodes as [ClusterTestNode, ClusterTestNode, ClusterTestNode];
      first.connect("a1", "red");
      first.connect("a2", "blue");
      second.connect("b1", "red", "blue");
      second.connect("b2");
      third.connect("c1", "blue");
    }

    /** What each client received, as `client:event`. */
    function received(): string[] {
      return cluster.nodes.flatMap(({ sockets }) =>
        [...sockets.values()].flatMap(({ id, received: events }) => events.map((data) => `${id}:${data.join(",")}`)),
      );
    }

    it("counts its nodes", async () => {
      await start();
      for (const { adapter } of cluster.nodes) {
        expect(await adapter.serverCount()).toBe(3);
      }
    });

    it("broadcasts to everybody, on every node", async () => {
      await start();
      first.adapter.broadcast(packet("x", 1), options());
      await settle();
      expect(received()).toEqual(["a1:x,1", "a2:x,1", "b1:x,1", "b2:x,1", "c1:x,1"]);
    });

    it("broadcasts to rooms, once to each who is in several of them, and not to those in a room that is excepted", async () => {
      await start();
      first.adapter.broadcast(packet("x"), options(["red", "blue"]));
      await settle();
      expect(received()).toEqual(["a1:x", "a2:x", "b1:x", "c1:x"]);
      first.adapter.broadcast(packet("y"), options(["blue"], ["red"]));
      first.adapter.broadcast(packet("z"), options([], ["a1", "b2", "c1"]));
      await settle();
      expect(received().filter((line) => !line.endsWith("x"))).toEqual(["a2:y", "a2:z", "b1:z", "c1:y"]);
    });

    it("broadcasts within one node if that is wished", async () => {
      await start();
      first.adapter.broadcast(packet("x"), options([], [], { local: true }));
      await settle();
      expect(received()).toEqual(["a1:x", "a2:x"]);
    });

    it("broadcasts binary data", async () => {
      await start();
      first.adapter.broadcast(packet("x", Buffer.from("rope")), options(["c1"]));
      await settle();
      expect(third.sockets.get("c1")?.received).toEqual([["x", Buffer.from("rope")]]);
    });

    it("collects the answers of all clients, and the number of those who were asked", async () => {
      await start();
      const counts: number[] = [];
      const answers: unknown[] = [];
      first.adapter.broadcastWithAck(
        packet("x"),
        options(["blue"], [], { timeout: 1000 }),
        (count) => counts.push(count),
        (answer) => answers.push(answer),
      );
      await settle();
      expect(counts.sort()).toEqual([1, 1, 1]);
      expect(received()).toEqual(["a2:x", "b1:x", "c1:x"]);
      for (const { sockets } of cluster.nodes) {
        sockets.forEach((socket) => socket.answer(`of ${socket.id}`));
      }
      await settle();
      expect(answers.sort()).toEqual(["of a2", "of b1", "of c1"]);
    });

    it("hears no answers that come after the timeout", async () => {
      await start();
      const answers: unknown[] = [];
      first.adapter.broadcastWithAck(
        packet("x"),
        options([], ["a1", "a2"], { timeout: 1000 }),
        () => {},
        (answer) => answers.push(answer),
      );
      await settle();
      second.sockets.get("b1")?.answer("early");
      await pass(1500);
      third.sockets.get("c1")?.answer("late");
      await settle();
      expect(answers).toEqual(["early"]);
    });

    it("finds the sockets of all nodes, with what is known of them", async () => {
      await start();
      const found = (await first.adapter.fetchSockets(options(["blue"]))) as { id: string; rooms: Iterable<Room> }[];
      expect(found.map(({ id }) => id).sort()).toEqual(["a2", "b1", "c1"]);
      expect(found[0]).toBe(first.sockets.get("a2"));
      expect(found.find(({ id }) => id === "b1")).toEqual({
        id: "b1",
        handshake: { address: "address of b1" },
        rooms: ["b1", "red", "blue"],
        data: { name: "data of b1" },
      });
    });

    it("finds the sockets of one node if that is wished", async () => {
      await start();
      const found = (await first.adapter.fetchSockets(options([], [], { local: true }))) as { id: string }[];
      expect(found.map(({ id }) => id)).toEqual(["a1", "a2"]);
    });

    it("gives up finding sockets when a node does not answer in time", async () => {
      await start();
      cluster.bus.faults = ({ to }) => (to === uidOf(third) ? [] : [0]);
      const error = failureOf(first.adapter.fetchSockets(options()));
      await pass(4_999);
      expect(error.message).toBeUndefined();
      await pass(1);
      expect(error.message).toBe(
        flavour === "counted"
          ? "timeout reached: only 1 responses received out of 2"
          : "timeout reached: missing 1 responses",
      );
    });

    it("gives up finding sockets when it is told to", async () => {
      await start();
      cluster.bus.faults = () => [];
      const error = failureOf(first.adapter.fetchSockets(options([], [], { timeout: 200 })));
      await pass(200);
      expect(error.message).toMatch("timeout reached");
    });

    it("makes sockets of all nodes join and leave rooms", async () => {
      await start();
      first.adapter.addSockets(options(["blue"]), ["green", "grey"]);
      await settle();
      expect(cluster.nodes.map(({ adapter }) => [...(adapter.rooms.get("green") ?? [])])).toEqual([
        ["a2"],
        ["b1"],
        ["c1"],
      ]);
      first.adapter.delSockets(options(["green"], ["b1"]), ["green", "blue"]);
      await settle();
      expect(cluster.nodes.map(({ adapter }) => [...(adapter.rooms.get("green") ?? [])])).toEqual([[], ["b1"], []]);
      expect(cluster.nodes.map(({ adapter }) => [...(adapter.rooms.get("grey") ?? [])])).toEqual([
        ["a2"],
        ["b1"],
        ["c1"],
      ]);
    });

    it("makes sockets of one node join and leave rooms if that is wished", async () => {
      await start();
      first.adapter.addSockets(options([], [], { local: true }), ["green"]);
      await settle();
      first.adapter.delSockets(options(["a1"], [], { local: true }), ["green"]);
      await settle();
      expect(cluster.nodes.map(({ adapter }) => [...(adapter.rooms.get("green") ?? [])])).toEqual([["a2"], [], []]);
    });

    it("disconnects sockets of all nodes, with their connections or without", async () => {
      await start();
      const sockets = cluster.nodes.flatMap((node) => [...node.sockets.values()]);
      first.adapter.disconnectSockets(options(["red"]), true);
      first.adapter.disconnectSockets(options(["c1"]), false);
      await settle();
      expect(Object.fromEntries(sockets.map(({ id, disconnections }) => [id, disconnections]))).toEqual({
        a1: [true],
        a2: [],
        b1: [true],
        b2: [],
        c1: [false],
      });
    });

    it("sends events to the other servers", async () => {
      await start();
      first.adapter.serverSideEmit(["x", 1, { deep: ["y"] }]);
      await settle();
      expect(cluster.nodes.map(({ serverSideEvents }) => serverSideEvents)).toEqual([
        [],
        [["x", 1, { deep: ["y"] }]],
        [["x", 1, { deep: ["y"] }]],
      ]);
    });

    it("collects the answers of the other servers", async () => {
      await start();
      second.reply = (_event, value) => `second: ${String(value)}`;
      third.reply = (_event, value) => `third: ${String(value)}`;
      const outcome = serverSideEmit(first, "x", 1);
      await settle();
      expect(outcome).toEqual([[null, ["second: 1", "third: 1"]]]);
    });

    it("gives the answers that came, when a server does not answer in time", async () => {
      await start();
      second.reply = () => "second";
      const outcome = serverSideEmit(first, "x");
      await pass(4_999);
      expect(outcome).toEqual([]);
      await pass(1);
      expect(outcome).toEqual([
        [expect.objectContaining({ message: expect.stringMatching(/^timeout reached: /) }), ["second"]],
      ]);
    });

    it("ends what is sent by offsets, if clients may recover; but not what is volatile, or asks for answers", async () => {
      await start();
      cluster.nodes.forEach((node) => node.offerRecovery());
      const before = cluster.bus.published.length;
      first.adapter.broadcast(packet("x"), options(["a1", "b1"]));
      first.adapter.broadcast(packet("y", 1), options(["a1", "b1"], [], { volatile: true }));
      first.adapter.broadcastWithAck(
        packet("z"),
        options(["b1"], [], { timeout: 10 }),
        () => {},
        () => {},
      );
      first.adapter.broadcast(packet("last"), options(["a1", "b1"]));
      await settle();
      const offset = (index: number): string => String(before + index);
      expect(first.sockets.get("a1")?.received).toEqual([
        ["x", offset(1)],
        ["y", 1],
        ["last", offset(4)],
      ]);
      expect(second.sockets.get("b1")?.received).toEqual([["x", offset(1)], ["y", 1], ["z"], ["last", offset(4)]]);
    });

    it("still delivers on its own node what can't be published", async () => {
      await start();
      cluster.bus.refusal = new Error("the bus is down");
      first.adapter.broadcast(packet("x"), options());
      first.adapter.addSockets(options(["a1"]), ["green"]);
      first.adapter.delSockets(options(["a1"]), ["red"]);
      await settle();
      expect(received()).toEqual(["a1:x", "a2:x"]);
      expect([...(first.adapter.sids.get("a1") ?? [])]).toEqual(["a1", "green"]);
    });

    it("takes orders of those who only send", async () => {
      await start();
      const opts = { rooms: ["red"], except: ["b1"], flags: {} };
      await cluster.bus.publish({
        uid: "emitter",
        nsp: "/",
        type: MessageType.BROADCAST,
        data: { opts, packet: { type: 2, data: ["x"], nsp: "/" } },
      } as never);
      await settle();
      expect(received()).toEqual(["a1:x"]);
      expect(await first.adapter.serverCount()).toBe(3);
    });
  });
}

describe.each(MIXES)("%s: nodes that come and go", (_name, kinds) => {
  async function start(): Promise<[TestCluster, ClusterTestNode, ClusterTestNode, ClusterTestNode]> {
    const cluster = await TestCluster.of("heartbeats", kinds);
    return [cluster, ...(cluster.nodes as [ClusterTestNode, ClusterTestNode, ClusterTestNode])];
  }

  const counts = (...nodes: ClusterTestNode[]): Promise<number[]> =>
    Promise.all(nodes.map(({ adapter }) => adapter.serverCount()));

  it("know of each other for as long as they say that they are there", async () => {
    const [, first, second, third] = await start();
    await pass(60_000);
    expect(await counts(first, second, third)).toEqual([3, 3, 3]);
  });

  it("notice one that comes", async () => {
    const [cluster, first, second, third] = await start();
    const fourth = cluster.add("hawser");
    const fifth = cluster.add("official");
    await settle();
    expect(await counts(first, second, third, fourth, fifth)).toEqual([5, 5, 5, 5, 5]);
  });

  it("notice one that closes", async () => {
    const [, first, second, third] = await start();
    third.adapter.close();
    await settle();
    expect(await counts(first, second)).toEqual([2, 2]);
  });

  it("notice one that falls silent", async () => {
    const [cluster, first, second, third] = await start();
    cluster.bus.leave(uidOf(third));
    cluster.bus.faults = ({ from }) => (from === uidOf(third) ? [] : [0]);
    await pass(9_000);
    expect(await counts(first, second)).toEqual([3, 3]);
    await pass(7_000);
    expect(await counts(first, second)).toEqual([2, 2]);
  });

  it("do not wait for one that closes meanwhile", async () => {
    const [cluster, first, second, third] = await start();
    second.reply = () => "second";
    second.connect("b1");
    cluster.bus.faults = ({ from, payload }) => (from === uidOf(third) && typeOf(payload) !== 13 ? [] : [0]);
    const outcome = serverSideEmit(first, "x");
    const sockets = first.adapter.fetchSockets(options());
    await pass(100);
    expect(outcome).toEqual([]);
    third.adapter.close();
    await settle();
    expect(outcome).toEqual([[null, ["second"]]]);
    expect(await sockets).toMatchObject([{ id: "b1" }]);
  });

  it("do not wait for one that falls silent meanwhile", async () => {
    const cluster = await TestCluster.of("heartbeats", kinds, { heartbeatInterval: 500, heartbeatTimeout: 1000 });
    const [first, second, third] = cluster.nodes as [ClusterTestNode, ClusterTestNode, ClusterTestNode];
    second.reply = () => "second";
    cluster.bus.faults = ({ from }) => (from === uidOf(third) ? [] : [0]);
    const outcome = serverSideEmit(first, "x");
    await pass(3000);
    expect(outcome).toEqual([[null, ["second"]]]);
  });
});

/** What is told of a server-side event that asks for answers. */
function serverSideEmit({ adapter }: ClusterTestNode, ...event: unknown[]): unknown[][] {
  const outcomes: unknown[][] = [];
  void adapter.serverSideEmit([...event, (...outcome: unknown[]) => outcomes.push(outcome)]);
  return outcomes;
}

/** The message of what a promise is rejected with, once it is. */
function failureOf(promise: Promise<unknown>): { message?: string } {
  const outcome: { message?: string } = {};
  promise.catch((error: Error) => {
    outcome.message = error.message;
  });
  return outcome;
}

const uidOf = ({ adapter }: ClusterTestNode): string => (adapter as unknown as { uid: string }).uid;

const typeOf = (message: unknown): number => (message as { type: number }).type;
