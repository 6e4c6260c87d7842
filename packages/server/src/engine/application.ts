/** What the application decides about requests. */

import type { IncomingMessage } from "node:http";
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
 * @param onError - told of what it throws or rejects with
 */
function consult<Answer extends unknown[]>(
  ask: (answer: (...given: Answer) => void) => unknown,
  take: (...given: Answer) => void,
  refusal: Answer,
  onError: (error: unknown) => void,
): void {
  let answered = false;
  const answer = (...given: Answer): void => {
    if (!answered) {
      answered = true;
      take(...given);
    }
  };
  const fail = (error: unknown): void => {
    onError(error);
    answer(...refusal);
  };
  try {
    const result = ask(answer);
    if (result instanceof Promise) {
      result.catch(fail);
    }
  } catch (error) {
    fail(error);
  }
}

/**
 * Asks the option `allowRequest` whether a client may begin a session. Where it fails, the client is kept out.
 *
 * @param onError - told of what it throws or rejects with
 * @param done - told the refusal, if it is one
 */
export function askWhetherAllowed(
  allowRequest: EngineOptions["allowRequest"],
  request: IncomingMessage,
  onError: (error: unknown) => void,
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
    onError,
  );
}

/**
 * Asks a `verify()` of the application's whether a request may go on. Where it fails, the request is refused.
 *
 * @param onError - told of what it throws or rejects with
 * @param done - told the refusal, if it is one
 */
export function askVerifier(
  verify: (answer: VerifyCallback) => unknown,
  onError: (error: unknown) => void,
  done: (rejection?: Rejection) => void,
): void {
  consult<Parameters<VerifyCallback>>(
    verify,
    (code, context) => {
      const message = textOf(context?.["message"]);
      done(code === undefined ? undefined : reject(code, context ?? {}, message || messageOf(code)));
    },
    [REJECTIONS.FORBIDDEN],
    onError,
  );
}

const textOf = (message: unknown): string | undefined => (typeof message === "string" ? message : undefined);

/** What a number means in words, even if the application made it up. */
const messageOf = (code: RejectionCode): string =>
  REJECTION_MESSAGES[code] ?? REJECTION_MESSAGES[REJECTIONS.BAD_REQUEST];

/**
 * Makes the id of a new session.
 *
 * @param isTaken - whether a session has this id already: it must not fall into other hands
 * @param done - told the id, or the refusal
 */
export function makeId(
  maker: IdMaker,
  request: IncomingMessage,
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
  let id: string | PromiseLike<string>;
  try {
    id = maker.generateId(request);
  } catch (error) {
    fail(error);
    return;
  }
  if (typeof (id as PromiseLike<string> | undefined)?.then === "function") {
    Promise.resolve(id).then(take, fail);
  } else {
    take(id);
  }
}
