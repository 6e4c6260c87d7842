/**
 * Runs middlewares one after the other. A throw or a rejection counts as `next(error)`; only the first call of each
 * `next` counts.
 *
 * @param middlewares - those that were registered when the run began
 * @param run - calls one of them
 * @param done - called once: with the first error, or with nothing when all have passed
 * @param onLateError - told of what one throws or rejects with after its `next` was called; it can't change the outcome
 */
export function runChain<Middleware>(
  middlewares: readonly Middleware[],
  run: (middleware: Middleware, next: (error?: unknown) => void) => unknown,
  done: (error?: unknown) => void,
  onLateError: (error: unknown) => void,
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
    const fail = (error: unknown): void => {
      if (settled) {
        onLateError(error);
      } else {
        next(error ?? new Error("a middleware failed"));
      }
    };
    try {
      const result = run(middleware, next);
      if (result instanceof Promise) {
        result.catch(fail);
      }
    } catch (error) {
      fail(error);
    }
  };
  step(0);
}
