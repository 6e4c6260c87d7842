/**
 * The child's half of `Process`: tells the parent that it may ask, answers, and ends with the parent.
 *
 * @param {Record<string, (details: any) => unknown>} answers by the question's name
 * @param {unknown} ready what the parent is to know before it asks
 */
export function answerQuestions(answers, ready) {
  const send = /** @type {(message: object) => void} */ (process.send?.bind(process));
  process.on("disconnect", () => process.exit());
  process.on("message", async (/** @type {any} */ { id, question, details }) => {
    try {
      send({ id, answer: await answers[question]?.(details) });
    } catch (error) {
      send({ id, error: /** @type {Error} */ (error).stack });
    }
  });
  send({ id: 0, answer: ready });
}

/** @returns {{ user: number, system: number }} CPU time of this process so far, all threads, in microseconds */
export function cpu() {
  return process.cpuUsage();
}
