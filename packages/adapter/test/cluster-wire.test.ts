/** What nodes of hawser say, message for message: the same as those of Socket.IO. */

import { PacketType, type EventData } from "@hawser/parser";
import { expect, it } from "vitest";
import type { BroadcastFlags, BroadcastOptions, Room } from "../src/index.ts";
import { TestCluster, pass, settle, type ClusterTestNode, type Kind } from "./cluster-fixture.ts";

function options(rooms: Room[] = [], except: Room[] = [], flags: BroadcastFlags = {}): BroadcastOptions {
  return { rooms: new Set(rooms), except: new Set(except), flags };
}

const packet = (...data: EventData): { type: typeof PacketType.EVENT; data: EventData } => ({
  type: PacketType.EVENT,
  data,
});

/** All that two nodes say to each other, as JSON, with names in the place of ids. */
async function conversation(kind: Kind): Promise<string[]> {
  const cluster = await TestCluster.of("heartbeats", []);
  const lines: string[] = [];
  const names = new Map<string, string>();
  cluster.bus.faults = ({ from, payload }) => {
    const { uid, nsp, type, data } = payload as { uid: string; nsp: string; type: number; data?: object };
    const line = JSON.stringify({ uid, nsp, type, data }).replace(/[0-9a-f]{16}/g, (id) => {
      names.set(id, names.get(id) ?? `id ${names.size}`);
      return names.get(id)!;
    });
    lines.push(line);
    expect(from).toBe(uid);
    return [0];
  };
  const first = cluster.add(kind);
  const second = cluster.add(kind);
  await settle();
  await act(first, second);
  first.adapter.close();
  await settle();
  return [...lines];
}

async function act(first: ClusterTestNode, second: ClusterTestNode): Promise<void> {
  const steps: (() => unknown)[] = [
    () => first.connect("a1", "red"),
    () => second.connect("b1", "red"),
    () => first.adapter.broadcast(packet("x", 1, { y: [true, null] }), options(["red"], ["b2"], { volatile: true })),
    () => first.adapter.broadcast(packet("x"), options([], [], { compress: false })),
    () => first.adapter.broadcast(packet("x"), options([], [], { local: true })),
    () =>
      first.adapter.broadcastWithAck(
        packet("ask", 1),
        options(["red"], [], { timeout: 50, expectSingleResponse: true }),
        () => {},
        () => {},
      ),
    () => second.sockets.get("b1")?.answer({ of: "b1" }),
    () => first.adapter.addSockets(options(["red"]), ["green", "grey"]),
    () => first.adapter.delSockets(options(["red"], ["a1"]), ["green"]),
    () => first.adapter.serverSideEmit(["moved", "a1", 2]),
    () => (second.reply = () => ["answer"]),
    () => first.adapter.serverSideEmit(["ask", 1, () => {}]),
    () => first.adapter.fetchSockets(options(["red"], [], { timeout: 70 })),
    () => first.adapter.disconnectSockets(options(["red"]), true),
  ];
  for (const step of steps) {
    void step();
    await settle();
    await pass(1);
  }
  await pass(12_000);
}

it("a whole conversation is the same", async () => {
  const official = await conversation("official");
  const hawser = await conversation("hawser");
  expect(hawser).toEqual(official);
  expect(new Set(official.map((line) => (JSON.parse(line) as { type: number }).type)).size).toBe(13);
});
