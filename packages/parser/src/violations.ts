/**
 * What a peer can do wrong at the Socket.IO layer. Each violation has one code, listed in `docs/protocol.md`.
 * Bundles for pages leave the texts out.
 */
export const PACKET_VIOLATIONS = {
  ERR_PACKET_TYPE: "unknown packet type",
  ERR_PACKET_NAMESPACE: "namespace missing, or not beginning with a slash",
  ERR_PACKET_PAYLOAD: "invalid payload",
  ERR_RESERVED_EVENT: "reserved event name",
  ERR_ACK_ID: "acknowledgement id missing or too large",
  ERR_ATTACHMENT_COUNT: "Illegal attachments",
  ERR_TOO_MANY_ATTACHMENTS: "too many attachments",
  ERR_PLACEHOLDER: "illegal attachments",
  ERR_TEXT_WITHIN_BINARY: "got plaintext data when reconstructing a packet",
  ERR_BINARY_UNEXPECTED: "got binary data when not reconstructing a packet",
  ERR_NESTING: "data nested too deeply",
} as const;

/** The code of a violation at the Socket.IO layer. */
export type PacketViolation = keyof typeof PACKET_VIOLATIONS;
