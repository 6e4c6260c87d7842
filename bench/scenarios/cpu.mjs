/** @typedef {import("../processes.mjs").Process} Process */

/**
 * @param {string} operation
 * @returns {import("./index.mjs").Figure[]} what `serverCpu` measures
 */
export function cpuFigures(operation) {
  return [
    { key: "cpu", label: "CPU", unit: `us/${operation}` },
    { key: "system", label: "of it kernel", unit: "us" },
  ];
}

/**
 * Measures the CPU time that the server process, with all its threads, spends on some work.
 *
 * @param {Process} server
 * @param {Process} load
 * @param {number} operations how many the work consists of
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Record<string, number>>} microseconds per operation; beside them the operations per second, and
 *   which part of the time the load generator was busy: at 1 it, and not the server, sets the pace
 */
export async function serverCpu(server, load, operations, work) {
  const loadBefore = await load.ask("cpu");
  const serverBefore = await server.ask("cpu");
  const start = performance.now();
  await work();
  const microseconds = (performance.now() - start) * 1000;
  const serverAfter = await server.ask("cpu");
  const loadAfter = await load.ask("cpu");
  const user = serverAfter.user - serverBefore.user;
  const system = serverAfter.system - serverBefore.system;
  return {
    cpu: (user + system) / operations,
    user: user / operations,
    system: system / operations,
    perSecond: (operations / microseconds) * 1e6,
    serverBusy: (user + system) / microseconds,
    loadBusy: (loadAfter.user + loadAfter.system - loadBefore.user - loadBefore.system) / microseconds,
  };
}
