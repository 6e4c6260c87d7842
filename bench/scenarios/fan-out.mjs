import { REDIS_SERVERS } from "../contenders.mjs";
import { cpuFigures, serverCpu } from "./cpu.mjs";

/** One event per tick to a room that all connections are in. The next tick begins when all have received it. */
export const fanOut = scenario("fan-out", 1, {
  quick: { connections: 1000, warmUp: 30, ticks: 60 },
  full: { connections: 1000, warmUp: 60, ticks: 150 },
});

/** The same, with the adapter for Redis, by which other nodes are told. */
export const redisFanOut = {
  ...scenario("fan-out-redis", 1, {
    quick: { connections: 1000, warmUp: 30, ticks: 60 },
    full: { connections: 1000, warmUp: 60, ticks: 150 },
  }),
  servers: REDIS_SERVERS,
};

/** The same, and the event comes from another process, by Redis. */
export const redisFanOutFromAfar = {
  ...scenario(
    "fan-out-from-redis",
    1,
    {
      quick: { connections: 1000, warmUp: 30, ticks: 60 },
      full: { connections: 1000, warmUp: 60, ticks: 150 },
    },
    "tick from afar",
  ),
  servers: REDIS_SERVERS,
};

/** Ten events in the same tick, which a server may send together. */
export const burst = scenario("fan-out-burst", 10, {
  quick: { connections: 1000, warmUp: 6, ticks: 10 },
  full: { connections: 1000, warmUp: 10, ticks: 25 },
});

/**
 * @param {string} name
 * @param {number} eventsPerTick
 * @param {import("./index.mjs").Scenario["sizes"]} sizes
 * @param {string} [request] the event by which a client asks for a tick
 * @returns {import("./index.mjs").Scenario}
 */
function scenario(name, eventsPerTick, sizes, request = "tick") {
  return {
    name,
    title: ({ connections, ticks }) =>
      `${eventsPerTick} ${eventsPerTick === 1 ? "event" : "events"} per tick to ${connections} connections, ${ticks} ticks a round`,
    figures: cpuFigures("delivery"),
    sizes,
    async run(server, load, { connections, warmUp, ticks }) {
      await load.ask("connect", { port: server.ready.port, count: connections });
      await load.ask("join");
      await load.ask("fanOut", { ticks: warmUp, eventsPerTick, request });
      const deliveries = connections * ticks * eventsPerTick;
      return serverCpu(server, load, deliveries, () => load.ask("fanOut", { ticks, eventsPerTick, request }));
    },
  };
}
