/**
 * What a peer can do wrong at the Socket.IO layer. Each violation has one code, listed in `docs/protocol.md`.
 */
export const PACKET_VIOLATIONS = {
  ERR_PACKET_TYPE: "unknown packet type",
  ERR_PACKET_PAYLOAD: "payload does not fit the packet type",
  ERR_RESERVED_EVENT: "reserved event name",
  ERR_ACK_ID: "acknowledgement id missing or too large",
  ERR_ATTACHMENT_COUNT: "illegal attachment count",
  ERR_TOO_MANY_ATTACHMENTS: "too many attachments",
  ERR_PLACEHOLDER: "illegal attachments",
  ERR_TEXT_WITHIN_BINARY: "got plaintext data when reconstructing a packet",
  ERR_BINARY_UNEXPECTED: "got binary data when not reconstructing a packet",
  ERR_NESTING: "data nested too deeply",
} as const;

/** The code of a violation at the Socket.IO layer. */
export type PacketViolation = keyof typeof PACKET_VIOLATIONS;

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
   * @param message - what is wrong, in words
   * @param cause - the error that revealed it, if any
   */
  constructor(code: Code, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ProtocolError";
    this.code = code;
  }
}

/** Builds the error for a violation at the Socket.IO layer. */
export function packetError(code: PacketViolation, cause?: unknown): ProtocolError<PacketViolation> {
  return new ProtocolError(code, PACKET_VIOLATIONS[code], cause);
}
