/** What the application decides about requests. */

import type { IncomingMessage } from "node:http";
import type { UserErrorContext, UserErrors } from "../user-errors.ts";
import type { EngineOptions } from "./options.ts";
import { REJECTION_MESSAGES, REJECTIONS, reject, type Rejection, type RejectionCode } from "./rejection.ts";

/** Whoever makes the ids of sessions. */
export interface IdMaker {
  generateId(request: IncomingMessage): string | PromiseLike<string>;
}

/**
 * How `verify()` answers: without a number the request may go on.
 *
 * @param errorCode - one of `Server.errors`
 * @param errorContext - what `connection_error` listeners are told; its `message` is what the client is told
 */
export type VerifyCallback = (errorCode?: RejectionCode, errorContext?: Record<string, unknown>) => void;

/**
 * Asks the application for an answer. Only the first counts; where it fails, the answer is `refusal`.
 *
 * @param userErrors - told of what it throws or rejects with
 */
function consult<Answer extends unknown[]>(
  ask: (answer: (...given: Answer) => void) => unknown,
  take: (...given: Answer) => void,
  refusal: Answer,
  context: UserErrorContext,
  userErrors: UserErrors,
): void {
  let answered = false;
  const answer = (...given: Answer): void => {
    if (!answered) {
      answered = true;
      take(...given);
    }
  };
  userErrors.contain(
    context,
    () => ask(answer),
    () => answer(...refusal),
  );
}

/**
 * Asks the option `allowRequest` whether a client may begin a session. Where it fails, the client is kept out.
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
  consult<[string | null | undefined, boolean]>(
    (answer) => allowRequest(request, answer),
    // Applications pass errors, too, which are not for clients to read.
    (message, success) => done(success ? undefined : reject(REJECTIONS.FORBIDDEN, { message }, textOf(message))),
    [null, false],
    { phase: "engine", event: "allowRequest" },
    userErrors,
  );
}

/**
 * Asks a `verify()` of the application's whether a request may go on. Where it fails, the request is refused.
 *
 * @param userErrors - told of what it throws or rejects with
 * @param done - told the refusal, if it is one
 */
export function askVerifier(
  verify: (answer: VerifyCallback) => unknown,
  userErrors: UserErrors,
  done: (rejection?: Rejection) => void,
): void {
  consult<Parameters<VerifyCallback>>(
    verify,
    (code, context) => {
      const message = textOf(context?.["message"]);
      done(code === undefined ? undefined : reject(code, context ?? {}, message || messageOf(code)));
    },
    [REJECTIONS.FORBIDDEN],
    { phase: "engine", event: "verify" },
    userErrors,
  );
}

const textOf = (message: unknown): string | undefined => (typeof message === "string" ? message : undefined);

/** What a number means in words, even if the application made it up. */
const messageOf = (code: RejectionCode): string =>
  REJECTION_MESSAGES[code] ?? REJECTION_MESSAGES[REJECTIONS.BAD_REQUEST];

/**
 * Makes the id of a new session.
 *
 * @param userErrors - told of what `generateId` throws or rejects with
 * @param isTaken - whether a session has this id already: it must not fall into other hands
 * @param done - told the id, or the refusal
 */
export function makeId(
  maker: IdMaker,
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
  let id: string | PromiseLike<string>;
  try {
    id = maker.generateId(request);
  } catch (error) {
    userErrors.report(error, context);
    fail(error);
    return;
  }
  if (typeof (id as PromiseLike<string> | undefined)?.then === "function") {
    const promise = Promise.resolve(id);
    userErrors.watch(context, promise);
    promise.then(take, fail);
  } else {
    take(id);
  }
}
