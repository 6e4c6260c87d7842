import type { ProtocolError } from "@hawser/parser";
import type { ViolationCode } from "../violations.ts";
import { violation } from "../errors.ts";

/** What the server tells the client in the OPEN packet. */
export interface Handshake {
  /** The session id, to be sent with every further request. */
  sid: string;
  /** The transports to which the session may be upgraded. */
  upgrades: string[];
  /** Milliseconds between a pong and the next ping. */
  pingInterval: number;
  /** Milliseconds within which a ping must be answered. */
  pingTimeout: number;
  /** The largest payload, in bytes, that the server takes. */
  maxPayload: number;
}

/** The data of an OPEN packet; clients of other languages have come to rely on the order of its keys. */
export function encodeHandshake(handshake: Handshake): string {
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload } = handshake;
  return JSON.stringify({ sid, upgrades, pingInterval, pingTimeout, maxPayload });
}

/** A time or a size, or 0. It may be text: Socket.IO's server sends its settings on, and some of them come from an environment. */
function amount(value: unknown): number {
  const number = Number(String(value));
  return number > 0 && number < Infinity ? number : 0;
}

/** Reads the data of an OPEN packet. */
export function decodeHandshake(data: unknown): Handshake | ProtocolError<ViolationCode> {
  let fields: Partial<Handshake> | null;
  try {
    fields = JSON.parse(data as string) as Partial<Handshake> | null;
  } catch (error) {
    return violation("ERR_HANDSHAKE", error);
  }
  const { sid, upgrades, maxPayload } = fields ?? {};
  const pingInterval = amount(fields?.pingInterval);
  const pingTimeout = amount(fields?.pingTimeout);
  if (typeof sid !== "string" || !sid || !pingInterval || !pingTimeout) {
    return violation("ERR_HANDSHAKE");
  }
  return {
    sid,
    upgrades: Array.isArray(upgrades) ? upgrades : [],
    pingInterval,
    pingTimeout,
    // Servers before 4.6 do not announce it.
    maxPayload: amount(maxPayload) || Infinity,
  };
}
