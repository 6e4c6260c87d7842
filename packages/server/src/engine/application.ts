/** What the application decides about a handshake. */

import type { IncomingMessage } from "node:http";
import type { UserErrors } from "../user-errors.ts";
import type { EngineOptions } from "./options.ts";
import { REJECTIONS, reject, type Rejection } from "./rejection.ts";

/** Makes a session id, at once or by a promise. */
export type IdGenerator = (request: IncomingMessage) => string | Promise<string>;

/**
 * Asks the option `allowRequest` whether a client may begin a session. Only its first answer counts; where it fails, the
 * client is kept out.
 *
 * @param userErrors - told of what it throws or rejects with
 * @param done - told the refusal, if it is one
 */
export function askWhetherAllowed(
  allowRequest: EngineOptions["allowRequest"],
  request: IncomingMessage,
  userErrors: UserErrors,
  done: (rejection?: Rejection) => void,
): void {
  if (!allowRequest) {
    done();
    return;
  }
  let answered = false;
  const answer = (message: string | null | undefined, success: boolean): void => {
    if (!answered) {
      answered = true;
      // Applications pass errors, too, which are not for clients to read.
      const told = typeof message === "string" ? message : undefined;
      done(success ? undefined : reject(REJECTIONS.FORBIDDEN, { message }, told));
    }
  };
  const context = { phase: "engine", event: "allowRequest" } as const;
  userErrors.contain(
    context,
    () => allowRequest(request, answer),
    () => answer(null, false),
  );
}

/**
 * Makes the id of a new session.
 *
 * @param userErrors - told of what `generateId` throws or rejects with
 * @param isTaken - whether a session has this id already: it must not fall into other hands
 * @param done - told the id, or the refusal
 */
export function makeId(
  generateId: IdGenerator,
  request: IncomingMessage,
  userErrors: UserErrors,
  isTaken: (id: string) => boolean,
  done: (outcome: string | Rejection) => void,
): void {
  const fail = (error: unknown): void => done(reject(REJECTIONS.BAD_REQUEST, { name: "ID_GENERATION_ERROR", error }));
  const take = (id: unknown): void => {
    if (typeof id !== "string" || id === "") {
      fail(new TypeError("generateId() made something else than an id"));
    } else if (isTaken(id)) {
      fail(new Error("generateId() made the id of another session"));
    } else {
      done(id);
    }
  };
  const context = { phase: "engine", event: "generateId" } as const;
  let id: string | Promise<string>;
  try {
    id = generateId(request);
  } catch (error) {
    userErrors.report(error, context);
    fail(error);
    return;
  }
  userErrors.watch(context, id);
  if (id instanceof Promise) {
    id.then(take, fail);
  } else {
    take(id);
  }
}
