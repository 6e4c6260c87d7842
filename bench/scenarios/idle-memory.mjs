/** Connections opened before the first mark, so that code which is loaded or compiled on first use isn't counted. */
const WARM_UP = 100;

/**
 * What one more connection that does nothing costs: in V8's heap after a garbage collection, and in the resident set.
 *
 * @type {import("./index.mjs").Scenario}
 */
export const idleMemory = {
  name: "idle-memory",
  title: ({ connections }) => `${connections} idle connections`,
  figures: [
    { key: "heap", label: "heap", unit: "KiB/connection" },
    { key: "rss", label: "resident set", unit: "KiB" },
  ],
  sizes: { quick: { connections: 1000 }, full: { connections: 2000 } },
  async run(server, load, { connections }) {
    const { port } = server.ready;
    await load.ask("connect", { port, count: WARM_UP });
    const before = await server.ask("memory");
    await load.ask("connect", { port, count: connections });
    const after = await server.ask("memory");
    const grown = (/** @type {string} */ key) => (after[key] - before[key]) / 1024 / connections;
    return { heap: grown("heapUsed"), rss: grown("rss"), external: grown("external"), heapTotal: grown("heapTotal") };
  },
};
