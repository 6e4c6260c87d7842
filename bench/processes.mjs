import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

// Children also end by themselves when the channel to this process closes (see `answering.mjs`), so none is left
// behind if this handler gets no chance to run.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A child process that answers questions over IPC. */
export class Process {
  /** @type {import("node:child_process").ChildProcess} */
  #child;
  /** @type {Map<number, PromiseWithResolvers>} */
  #questions = new Map();
  #lastQuestion = 0;
  /** Seconds. @type {number} */
  #patience;
  /** What the process has written to its standard error. */
  errors = "";
  /** What the process said when it was ready, such as the port that it listens on. @type {any} */
  ready;

  /**
   * Starts a module in a process of its own and waits until it is ready.
   *
   * @param {string} file path of the module, relative to this one
   * @param {number} patience seconds to wait until it is ready, and for the answer to each question
   * @returns {Promise<Process>}
   * @throws {Error} if the process ends before it is ready, or isn't ready in time; it is then gone
   */
  static async start(file, patience) {
    const started = new Process(file, patience);
    try {
      started.ready = await started.#expect(0, `start of ${file}`);
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /**
   * @param {string} file
   * @param {number} patience
   */
  constructor(file, patience) {
    this.#patience = patience;
    const { DEBUG: _, ...env } = process.env;
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), {
      execArgv: ["--expose-gc"],
      env: { ...env, NODE_ENV: "production" },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    running.add(this.#child);
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => (this.errors += text));
    this.#child.on("message", (/** @type {any} */ message) => {
      const question = this.#questions.get(message.id);
      if ("error" in message) question?.reject(new Error(message.error));
      else question?.resolve(message.answer);
    });
    this.#child.once("close", (code, signal) => {
      running.delete(this.#child);
      const gone = new Error(`${file} ended with ${signal ?? `code ${code}`}\n${this.errors}`.trimEnd());
      for (const question of this.#questions.values()) question.reject(gone);
    });
  }

  /**
   * @param {string} question the name of one of the functions that the process gave to `answerQuestions`
   * @param {object} [details] its argument
   * @returns {Promise<any>} what it returned
   * @throws {Error} what it threw; or that the process ended, or did not answer in time
   */
  async ask(question, details = {}) {
    const id = ++this.#lastQuestion;
    const answer = this.#expect(id, `answer to "${question}"`);
    this.#child.send({ id, question, details }, (error) => {
      if (error) this.#questions.get(id)?.reject(error);
    });
    return answer;
  }

  /** Ends the process at once, and waits until it is gone. */
  async stop() {
    if (!running.has(this.#child)) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }

  /**
   * @param {number} id
   * @param {string} what
   */
  async #expect(id, what) {
    const question = withResolvers();
    this.#questions.set(id, question);
    const timer = setTimeout(() => {
      question.reject(new Error(`no ${what} within ${this.#patience} s`));
    }, this.#patience * 1000);
    try {
      return await question.promise;
    } finally {
      clearTimeout(timer);
      this.#questions.delete(id);
    }
  }
}

/** @typedef {{ promise: Promise<any>, resolve: (value: any) => void, reject: (error: Error) => void }} PromiseWithResolvers */

/** @returns {PromiseWithResolvers} */
function withResolvers() {
  const deferred = /** @type {PromiseWithResolvers} */ ({});
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }));
  return deferred;
}
