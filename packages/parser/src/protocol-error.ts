import { PACKET_VIOLATIONS, type PacketViolation } from "./violations.ts";

/**
 * The peer sent something that the protocol does not allow. Input code returns it instead of throwing, so that a bad
 * frame is an ordinary outcome that the caller must look at.
 *
 * @typeParam Code - the violations that the layer at hand can report
 */
export class ProtocolError<Code extends string = string> extends Error {
  /** The stable code of the violation. */
  readonly code: Code;

  /**
   * @param code - the violation
   * @param message - what is wrong, in words. Default: the code
   * @param cause - the error that revealed it, if any
   */
  constructor(code: Code, message: string = code, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ProtocolError";
    this.code = code;
  }
}

/** Builds the error for a violation at the Socket.IO layer. */
export function packetError(code: PacketViolation, cause?: unknown): ProtocolError<PacketViolation> {
  return new ProtocolError(code, PACKET_VIOLATIONS[code], cause);
}
