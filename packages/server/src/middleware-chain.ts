import type { UserErrorContext, UserErrors } from "./user-errors.ts";

/**
 * Runs middlewares one after the other; only the first call of each `next` counts. What one throws or rejects with counts
 * as `next(error)`, unless its `next` was called before, and is reported in any case: unlike what is given to `next`, it
 * may be a bug.
 *
 * @param middlewares - those that were registered when the run began
 * @param run - calls one of them
 * @param done - called once: with the first error, or with nothing when all have passed
 * @param userErrors - told of what one throws or rejects with
 * @param context - where that came from
 */
export function runChain<Middleware>(
  middlewares: readonly Middleware[],
  run: (middleware: Middleware, next: (error?: unknown) => void) => unknown,
  done: (error?: unknown) => void,
  userErrors: UserErrors,
  context: UserErrorContext,
): void {
  const chain = [...middlewares];
  const step = (index: number): void => {
    const middleware = chain[index];
    if (middleware === undefined) {
      done();
      return;
    }
    let settled = false;
    const next = (error?: unknown): void => {
      if (!settled) {
        settled = true;
        if (error) {
          done(error);
        } else {
          step(index + 1);
        }
      }
    };
    try {
      const result = run(middleware, next);
      if (result instanceof Promise) {
        result.catch((reason: unknown) => {
          const error = reason || new Error("a middleware failed");
          userErrors.reportRejection(error, context);
          next(error);
        });
      }
    } catch (exception) {
      const error = exception || new Error("a middleware failed");
      userErrors.report(error, context);
      next(error);
    }
  };
  step(0);
}
