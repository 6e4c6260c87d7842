import { cpuFigures, serverCpu } from "./cpu.mjs";

/**
 * Every connection sends an event, waits for the acknowledgement, which carries the event's argument back, and sends
 * the next.
 *
 * @type {import("./index.mjs").Scenario}
 */
export const echoWithAck = {
  name: "echo-with-ack",
  title: ({ connections, messages }) => `${connections} connections, ${messages} echoes a round`,
  figures: cpuFigures("echo"),
  sizes: {
    quick: { connections: 64, warmUp: 15_000, messages: 30_000 },
    full: { connections: 64, warmUp: 30_000, messages: 100_000 },
  },
  async run(server, load, { connections, warmUp, messages }) {
    await load.ask("connect", { port: server.ready.port, count: connections });
    await load.ask("echo", { messages: warmUp });
    return serverCpu(server, load, messages, () => load.ask("echo", { messages }));
  },
};
