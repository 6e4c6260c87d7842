import type { IncomingMessage, ServerResponse } from "node:http";
import { runChain } from "../middleware-chain.ts";
import type { UserErrors } from "../user-errors.ts";

/**
 * An Express-style function that runs on every request to the engine. It may be typed by what a framework makes of requests
 * and responses, such as Express: what its other middlewares put there is there.
 */
export type EngineMiddleware = {
  // Parameters of methods, unlike those of functions, may be narrower than what is passed.
  run(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): unknown;
}["run"];

/** A middleware that is typed by something else altogether. */
export type ForeignMiddleware = (...parameters: never[]) => unknown;

/**
 * Runs engine middlewares.
 *
 * @param userErrors - told of what they throw or reject with
 * @param done - called once, with the error of the middleware that had one; not at all if one ended the response
 */
export function runMiddlewares(
  middlewares: readonly EngineMiddleware[],
  request: IncomingMessage,
  response: ServerResponse,
  userErrors: UserErrors,
  done: (error?: unknown) => void,
): void {
  if (middlewares.length === 0) {
    done();
  } else {
    const run = (middleware: EngineMiddleware, next: (error?: unknown) => void): unknown =>
      middleware(request, response, next);
    runChain(middlewares, run, done, userErrors, { phase: "engine", event: "use" });
  }
}
