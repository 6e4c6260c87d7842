import { EventEmitter } from "node:events";
import type { UserErrorContext } from "../user-errors.ts";

/** Takes what a handler of the application threw or rejected with. */
export type UserErrorReporter = (error: unknown, context: UserErrorContext) => void;

/** An emitter of the engine. Its listeners run amid the engine's own work, which goes on whatever they throw. */
export class GuardedEmitter extends EventEmitter {
  readonly #onError: UserErrorReporter;

  /** @param onError - told of the listeners' exceptions and rejections */
  constructor(onError: UserErrorReporter) {
    super({ captureRejections: true });
    this.#onError = onError;
  }

  /** Calls the listeners of an event of the library. */
  protected tell(event: string, ...args: unknown[]): void {
    try {
      this.emit(event, ...args);
    } catch (error) {
      this.#onError(error, { phase: "engine", event });
    }
  }

  /** @internal The promise of an `async` listener was rejected. */
  [EventEmitter.captureRejectionSymbol](error: unknown, event: string): void {
    this.#onError(error, { phase: "engine", event });
  }
}
