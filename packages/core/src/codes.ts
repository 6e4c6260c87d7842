/**
 * What the application can meet, and how things end. Every code here and in `violations.ts` is listed in
 * `docs/protocol.md`; a test compares the two.
 */

import { SENTENCES } from "./violations.ts";

const WORDS = {
  ERR_ACK_TIMEOUT: "operation has timed out",
  ERR_DISCONNECTED: "socket has been disconnected",
  ERR_EVENT_NAME: "reserved event name",
  ERR_CONNECT_TIMEOUT: "timeout",
  ERR_UPGRADE: "probe error",
} as const;

/** The code of an error met by the application. */
export type FailureCode = keyof typeof WORDS | keyof typeof SENTENCES;

/** Errors that an application meets through its own calls. Their messages are part of the public API. */
export const FAILURES: Readonly<Record<FailureCode, string>> = { ...WORDS, ...SENTENCES };

/** Why an Engine.IO session ended; the strings are part of the public API. */
export type CloseReason = "transport error" | "transport close" | "ping timeout" | "parse error" | "forced close";

/** Why a namespace was left although its session may go on; the strings are part of the public API. */
export type LeaveReason =
  | "client namespace disconnect"
  | "server namespace disconnect"
  | "server shutting down"
  | "forced server close"
  | "io server disconnect"
  | "io client disconnect";

/** What a `disconnect` listener is told. */
export type DisconnectReason = CloseReason | LeaveReason;
