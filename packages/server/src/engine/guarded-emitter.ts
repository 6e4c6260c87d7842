import { EventEmitter } from "node:events";
import type { UserErrors } from "../user-errors.ts";

/** An emitter of the engine. Its listeners run amid the engine's own work, which goes on whatever they throw. */
export class GuardedEmitter extends EventEmitter {
  /** @internal What becomes of exceptions in the application's handlers. */
  readonly userErrors: UserErrors;

  /** @param userErrors - told of the listeners' exceptions and rejections */
  constructor(userErrors: UserErrors) {
    super({ captureRejections: true });
    this.userErrors = userErrors;
  }

  /** Calls the listeners of an event of the library. */
  protected tell(event: string, ...args: unknown[]): void {
    try {
      this.emit(event, ...args);
    } catch (error) {
      this.userErrors.report(error, { phase: "engine", event });
    }
  }

  /** @internal The promise of an `async` listener was rejected. */
  onRejection(error: unknown, event: string): void {
    this.userErrors.reportRejection(error, { phase: "engine", event });
  }
}

// Node calls this method of an emitter that watches its listeners' promises.
Object.defineProperty(GuardedEmitter.prototype, EventEmitter.captureRejectionSymbol, {
  configurable: true,
  writable: true,
  value(this: GuardedEmitter, error: unknown, event: string): void {
    this.onRejection(error, event);
  },
});
