import { ProtocolError } from "@hawser/parser";
import { FAILURES, type FailureCode } from "./codes.ts";
import { VIOLATIONS, type ViolationCode } from "./violations.ts";

/** An error that the application meets; `code` is stable, `message` is as in Socket.IO. */
export class HawserError extends Error {
  /** The stable code, as listed in `docs/protocol.md`. */
  readonly code: string;

  /**
   * @param code - the stable code
   * @param message - what happened. Default: the code
   * @param cause - what brought it about, if anything
   */
  constructor(code: string, message: string = code, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Builds the error for what the application did or met. */
export function failure(code: FailureCode, cause?: unknown): HawserError {
  return new HawserError(code, FAILURES[code], cause);
}

/** Builds the error for what the peer did. */
export function violation(code: ViolationCode, cause?: unknown): ProtocolError<ViolationCode> {
  return new ProtocolError(code, VIOLATIONS[code], cause);
}
