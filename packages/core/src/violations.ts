import { PACKET_VIOLATIONS, type PacketViolation } from "@hawser/parser";

const CONNECTION_VIOLATIONS = {
  ERR_ENGINE_PACKET: "undecodable engine packet",
  ERR_HANDSHAKE: "malformed handshake",
  ERR_HEARTBEAT_DIRECTION: "invalid heartbeat direction",
  ERR_PACKET_ORDER: "packet not allowed in the present state of its namespace",
  ERR_BUDGET_INBOUND: "too much data waiting to be handled",
  ERR_BUDGET_NAMESPACES: "too many namespaces on one connection",
  ERR_ATTACHMENT_TIMEOUT: "the attachments of a packet did not arrive in time",
} as const;

/** The code of a violation by the peer. */
export type ViolationCode = PacketViolation | keyof typeof CONNECTION_VIOLATIONS;

/** What a peer can do wrong, at either layer. Bundles for pages leave the texts out. */
export const VIOLATIONS: Readonly<Record<ViolationCode, string>> = { ...PACKET_VIOLATIONS, ...CONNECTION_VIOLATIONS };

/** What an application is told where it takes a sentence or two. Bundles for pages leave it out, too. */
export const SENTENCES = {
  ERR_V2_SERVER:
    "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible (more information here: https://socket.io/docs/v3/migrating-from-2-x-to-3-0/)",
  ERR_TRANSPORT:
    "a class of the option `transports` is none of ours: import it from `hawser-client` or `hawser-client/engine`, not from `engine.io-client`",
} as const;
