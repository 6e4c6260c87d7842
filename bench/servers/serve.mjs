import { setTimeout as wait } from "node:timers/promises";
import { answerQuestions, cpu } from "../answering.mjs";

/**
 * Listens on a free port of the loopback interface and answers the runner's questions.
 *
 * @param {import("node:http").Server} httpServer
 */
export function serve(httpServer) {
  httpServer.listen(0, "127.0.0.1", () => {
    const { port } = /** @type {import("node:net").AddressInfo} */ (httpServer.address());
    answerQuestions({ cpu, memory }, { port });
  });
}

/** @returns {Promise<NodeJS.MemoryUsage>} in bytes, once nothing is left to collect */
async function memory() {
  // Several times, because finalisers and what a closed request still holds are freed in later turns.
  for (let pass = 0; pass < 4; pass += 1) {
    await wait(50);
    globalThis.gc?.();
  }
  return process.memoryUsage();
}
