/** hawser at both ends with a bad network between them. Sizes and delays come from a seed, which every title names. */

import { describe, expect, test } from "vitest";
import { ChaosProxy, SeededRandom, type ChaosProxyOptions } from "@hawser/testing";
import {
  type ClientSocket,
  createContext,
  type ContextSettings,
  TRANSPORT_MODES,
  type DisposableContext,
  type TransportMode,
} from "../harness/context.ts";
import { clients, servers } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { flushed, inboxOfSockets, pair, settled, type ServedPair } from "../harness/scenario.ts";
import { inbox, until, type Inbox } from "../harness/waiting.ts";
import { scenarios } from "../scenarios.ts";

const random = new SeededRandom();

const ends = (transportMode: TransportMode) => ({
  Server: servers.hawser.use,
  io: clients.hawser.use.io,
  transportMode,
});

describeScenarios(
  `hawser and hawser-client through a bad network (${random.replay})`,
  scenarios,
  (transportMode, index) => ({
    ...ends(transportMode),
    detour: (port) => ChaosProxy.start(port, { latency: 1, jitter: 4, slice: 200, random: random.fork(index) }),
  }),
);

/** How a connection may end when the network ends it. */
const CUT = ["transport close", "transport error"];
/** How it may end at the end that notices last. */
const CUT_OR_SILENT = [...CUT, "ping timeout"];

/** Short enough to wait until it is missed, and long enough for a machine that does much else; in milliseconds. */
const HEARTBEAT = { pingInterval: 200, pingTimeout: 1_500 };

interface ChaoticPair extends ServedPair {
  readonly network: ChaosProxy;
  readonly context: DisposableContext;
}

/** Runs a test on one connection through a network that can be made worse. */
async function withNetwork(
  transportMode: TransportMode,
  faults: ChaosProxyOptions,
  run: (pair: ChaoticPair) => Promise<void>,
): Promise<void> {
  let network: ChaosProxy;
  const settings: ContextSettings = {
    ...ends(transportMode),
    serverOptions: HEARTBEAT,
    clientOptions: { timeout: 1_000 },
    detour: async (port) => (network = await ChaosProxy.start(port, { random: random.fork(1_000), ...faults })),
  };
  const context = createContext(settings);
  try {
    const connected = await pair(context);
    await settled(context, connected.socket);
    await flushed(connected);
    await run({ ...connected, context, network: network! });
  } finally {
    await context.dispose();
  }
}

/** Waits until the client is back on a working connection. */
async function expectReturn(client: ClientSocket, connections: Inbox): Promise<void> {
  // An attempt that was under way when the network recovered may come through and be given up at once.
  for (;;) {
    const [socket] = await connections.next();
    await until(() => client.connected || !socket.connected, "the client's return");
    if (client.id === socket.id) return flushed({ client, socket });
  }
}

describe.each(TRANSPORT_MODES)(`when the network fails over %s (${random.replay})`, (transportMode) => {
  test("a reset in the middle of a stream loses events, but neither repeats nor reorders them", () =>
    withNetwork(transportMode, { latency: 2, slice: 100 }, async ({ io, client, socket, network }) => {
      const [left, lost] = [inbox(socket, "disconnect"), inbox(client, "disconnect")];
      const [again, numbers] = [inbox(client, "connect"), inbox(socket, "number")];
      const later = inboxOfSockets(io.of("/"), "number");
      const connections = inbox(io, "connection");

      for (let number = 0; number < 500; number++) client.emit("number", number);
      await numbers.take(1);
      network.reset();
      expect(CUT).toContain((await lost.next())[0]);
      for (let number = 500; number < 600; number++) client.emit("number", number);
      // Between two polls there is nothing by which a server would notice.
      expect(CUT_OR_SILENT).toContain((await left.next())[0]);
      await again.next();
      const [next] = await connections.next();
      await flushed({ client, socket: next });

      const beforeTheReset = numbers.drain().map(([number]) => number as number);
      expect(beforeTheReset).toEqual(beforeTheReset.map((_, index) => index + 1));
      const afterIt = later.drain().map(([number]) => number as number);
      expect(afterIt.slice(-100)).toEqual(Array.from({ length: 100 }, (_, index) => 500 + index));
      const all = [0, ...beforeTheReset, ...afterIt];
      expect(all).toEqual([...new Set(all)].sort((one, other) => one - other));
    }));

  test("many resets in a row leave both ends in agreement", () =>
    withNetwork(transportMode, { latency: 1, jitter: 3, slice: 100 }, async ({ io, client, network }) => {
      const [lost, connected] = [inbox(client, "disconnect"), inbox(client, "connect")];
      for (let round = 0; round < 5; round++) {
        client.emit("in flight", Buffer.alloc(10_000));
        // A reset between two requests, or during an upgrade, is not the end yet.
        await until(() => {
          network.reset();
          return lost.size > round;
        }, "the client to notice a reset");
        await connected.next();
      }
      await until(() => [...io.of("/").sockets.keys()].join() === client.id, "both ends to know one socket");
    }));

  test("a client that hears nothing any more gives up after a ping timeout and comes back", () =>
    withNetwork(transportMode, {}, async ({ io, client, socket, network }) => {
      const [left, lost] = [inbox(socket, "disconnect"), inbox(client, "disconnect")];
      const connections = inbox(io, "connection");
      network.set({ silent: "toClient" });
      expect((await lost.next())[0]).toBe("ping timeout");
      expect(CUT_OR_SILENT).toContain((await left.next())[0]);
      network.set({ silent: "nowhere" });
      await expectReturn(client, connections);
    }));

  test("a server that hears nothing any more gives up after a ping timeout, and the client comes back", () =>
    withNetwork(transportMode, {}, async ({ io, client, socket, network }) => {
      const [left, lost] = [inbox(socket, "disconnect"), inbox(client, "disconnect")];
      const connections = inbox(io, "connection");
      network.set({ silent: "toServer" });
      expect((await left.next())[0]).toBe("ping timeout");
      expect(CUT_OR_SILENT).toContain((await lost.next())[0]);
      network.set({ silent: "nowhere" });
      await expectReturn(client, connections);
    }));

  test("in a black hole both ends give up after a ping timeout; afterwards all that was emitted arrives in order", () =>
    withNetwork(transportMode, {}, async ({ io, client, socket, network }) => {
      const [left, lost] = [inbox(socket, "disconnect"), inbox(client, "disconnect")];
      const connections = inbox(io, "connection");
      const numbers = inboxOfSockets(io.of("/"), "number");
      network.set({ silent: "both" });
      expect((await left.next())[0]).toBe("ping timeout");
      expect((await lost.next())[0]).toBe("ping timeout");
      for (let number = 0; number < 50; number++) client.emit("number", number);
      network.set({ silent: "nowhere" });
      expect(await numbers.take(50)).toEqual(Array.from({ length: 50 }, (_, number) => [number]));
      await expectReturn(client, connections);
      expect(numbers.size).toBe(0);
    }));

  test("while connections are refused the client keeps trying", () =>
    withNetwork(transportMode, {}, async ({ io, client, network }) => {
      const [lost, connections] = [inbox(client, "disconnect"), inbox(io, "connection")];
      const errors = inbox(client, "connect_error");
      network.set({ refuse: true });
      network.reset();
      await lost.next();
      await errors.take(3);
      expect([client.connected, client.active, connections.size]).toEqual([false, true, 0]);
      network.set({ refuse: false });
      await expectReturn(client, connections);
    }));
});
