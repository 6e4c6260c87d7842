/**
 * What differs between the revisions of the Engine.IO protocol. One object is chosen at the handshake and asked from
 * then on; nothing else compares revision numbers.
 */
export interface Revision {
  /** As in the `EIO` query parameter. */
  readonly protocol: number;
  /** Which end sends the pings. */
  readonly pinger: "server" | "client";
}

/** Engine.IO protocol 4: the server sends the pings. */
export const REVISION_4: Revision = { protocol: 4, pinger: "server" };
