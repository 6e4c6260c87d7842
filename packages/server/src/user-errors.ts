import type { UserCodePhase } from "@hawser/core";
import { backgroundClock } from "./engine/node-clock.ts";
import { ErrorPrinter } from "./error-printer.ts";

/**
 * What becomes of an exception or rejection in a handler of the application: `contain` tells the server's `handler_error`
 * listeners, or prints the stack where there are none; `throw` lets it end the process, as any uncaught one does.
 */
export type HandlerErrorPolicy = "contain" | "throw";

/** Where in the application an error came from. */
export interface UserErrorContext {
  /** What was running. */
  readonly phase: UserCodePhase;
  /** The socket on whose behalf it ran, if any. */
  readonly socket?: unknown;
  /** The event that was handled, if any. */
  readonly event?: string | number | symbol | undefined;
}

/** Receives errors; returns whether anybody was there to take it. */
export type UserErrorListener = (error: unknown, context: UserErrorContext) => boolean;

/**
 * What becomes of an exception or a rejection in the application's handlers: a `handler_error` listener is told, or,
 * where there is none, the stack goes to stderr. It is never swallowed, and ends the process only if the application
 * asked for that.
 */
export class UserErrors {
  readonly #policy: HandlerErrorPolicy;
  readonly #listener: UserErrorListener;
  readonly #printer = new ErrorPrinter(backgroundClock);

  constructor(policy: HandlerErrorPolicy, listener: UserErrorListener) {
    this.#policy = policy;
    this.#listener = listener;
  }

  /** Takes an error of the application. */
  report(error: unknown, context: UserErrorContext): void {
    if (this.#policy === "throw") {
      // In a turn of its own, so that it harms nobody else's packets before it becomes an uncaught exception.
      process.nextTick(() => {
        throw error;
      });
      return;
    }
    this.#tell(error, context);
  }

  /** Takes what a promise of the application was rejected with. */
  reportRejection(error: unknown, context: UserErrorContext): void {
    if (this.#policy === "throw") {
      // Whoever handles unhandled rejections finds it there.
      void Promise.reject(error);
      return;
    }
    this.#tell(error, context);
  }

  #tell(error: unknown, context: UserErrorContext): void {
    try {
      if (this.#listener(error, context)) {
        return;
      }
    } catch (listenerError) {
      this.reportListener(listenerError);
    }
    const { phase, event } = context;
    this.#printer.print(
      error,
      event === undefined ? `the ${phase} handler` : `the ${phase} handler of "${String(event)}"`,
    );
  }

  /**
   * Calls a function of the application: what it throws, or rejects with later, is reported.
   *
   * @param failed - told of it, too
   */
  contain(context: UserErrorContext, call: () => unknown, failed?: (error: unknown) => void): void {
    try {
      const result = call();
      this.watch(context, result);
      if (failed && result instanceof Promise) {
        result.catch(failed);
      }
    } catch (error) {
      this.report(error, context);
      failed?.(error);
    }
  }

  /** Reports the rejection of what a function of the application returned, if it is a promise. */
  watch(context: UserErrorContext, result: unknown): void {
    if (result instanceof Promise) {
      result.catch((error: unknown) => this.reportRejection(error, context));
    }
  }

  /** Takes an error of a `handler_error` listener: telling the listener again could go on for ever. */
  reportListener(error: unknown): void {
    this.#printer.print(error, "a handler_error listener");
  }

  /** Prints how many errors were counted instead of being printed; done when the server closes. */
  flush(): void {
    this.#printer.flush();
  }
}
