import type { UserErrors } from "../user-errors.ts";
import { askVerifier, askWhetherAllowed, makeId, type IdMaker, type VerifyCallback } from "./application.ts";
import type { ResolvedEngineOptions } from "./options.ts";
import type { Rejection } from "./rejection.ts";
import type { EngineRequest } from "./request.ts";
import { verifyRequest, verifyRevision, type Admission, type SessionHolder } from "./verify.ts";

/** What admissions need of the engine. */
export interface AdmissionPort extends IdMaker {
  readonly opts: ResolvedEngineOptions;
  readonly userErrors: UserErrors;
  /** Why nobody is let in at present. */
  refusal(): Rejection | undefined;
  /** The gate of a class that extends the engine, if it has one. */
  ownGate(): ((request: EngineRequest, upgrade: boolean, done: VerifyCallback) => unknown) | undefined;
}

/**
 * Decides whether a request may go on, and gives a handshake its session id:
 *
 * ```
 *  the request itself ──► allowRequest, of a handshake ──► its revision ──► generateId
 *  └───────── verify(), which may be overridden ─────┘
 * ```
 */
export class Admissions {
  readonly #port: AdmissionPort;
  readonly #connections: ReadonlyMap<string, SessionHolder>;

  /** @param connections - the sessions, by their ids */
  constructor(port: AdmissionPort, connections: ReadonlyMap<string, SessionHolder>) {
    this.#port = port;
    this.#connections = connections;
  }

  /**
   * Decides on a request.
   *
   * @param upgrade - whether it asks for a WebSocket
   * @param refuse - told why it may not go on
   * @param proceed - told what it is for, and the id of its session
   */
  admit(
    request: EngineRequest,
    upgrade: boolean,
    refuse: (rejection: Rejection) => void,
    proceed: (admission: Admission, id: string) => void,
  ): void {
    this.#judge(request, upgrade, (verdict) => {
      if ("code" in verdict) {
        refuse(verdict);
        return;
      }
      if (verdict.session) {
        proceed(verdict, verdict.session.id);
        return;
      }
      const { opts, userErrors } = this.#port;
      const rejection = verifyRevision(request, opts.allowEIO3);
      if (rejection) {
        refuse(rejection);
        return;
      }
      const isTaken = (id: string): boolean => this.#connections.has(id);
      makeId(this.#port, request, userErrors, isTaken, (id) => {
        // The application may have taken its time.
        const outcome = this.#port.refusal() ?? id;
        if (typeof outcome === "string") {
          proceed(verdict, outcome);
        } else {
          refuse(outcome);
        }
      });
    });
  }

  /** What the engine itself thinks of a request, and, of a handshake, the option `allowRequest`. */
  verify(request: EngineRequest, upgrade: boolean, done: (verdict: Admission | Rejection) => void): void {
    const verdict = this.#look(request, upgrade);
    if ("code" in verdict || verdict.session) {
      done(verdict);
      return;
    }
    const { opts, userErrors } = this.#port;
    askWhetherAllowed(opts.allowRequest, request, userErrors, (forbidden) => done(forbidden ?? verdict));
  }

  #look(request: EngineRequest, upgrade: boolean): Admission | Rejection {
    return verifyRequest(request, upgrade, this.#port.opts, this.#connections);
  }

  /** Asks the gate that is in force. */
  #judge(request: EngineRequest, upgrade: boolean, done: (verdict: Admission | Rejection) => void): void {
    const closed = this.#port.refusal();
    const gate = this.#port.ownGate();
    if (closed) {
      done(closed);
    } else if (gate) {
      const ask = (answer: VerifyCallback): unknown => gate(request, upgrade, answer);
      askVerifier(ask, this.#port.userErrors, (rejection) => {
        // It may not have asked its superclass, or have taken its time.
        done(rejection ?? this.#port.refusal() ?? this.#look(request, upgrade));
      });
    } else {
      this.verify(request, upgrade, done);
    }
  }
}
