/**
 * Requests that the engine does not accept. The numbers and messages are on the wire (`docs/protocol.md`, "Refused
 * requests").
 */
export const REJECTIONS = {
  UNKNOWN_TRANSPORT: 0,
  UNKNOWN_SID: 1,
  BAD_HANDSHAKE_METHOD: 2,
  BAD_REQUEST: 3,
  FORBIDDEN: 4,
  UNSUPPORTED_PROTOCOL_VERSION: 5,
} as const;

/** The number of a refusal. */
export type RejectionCode = (typeof REJECTIONS)[keyof typeof REJECTIONS];

/** What each number means, in words. */
export const REJECTION_MESSAGES: Record<RejectionCode, string> = {
  0: "Transport unknown",
  1: "Session ID unknown",
  2: "Bad handshake method",
  3: "Bad request",
  4: "Forbidden",
  5: "Unsupported protocol version",
};

/** Why a request was refused, as told to the client and to `connection_error` listeners. */
export interface Rejection {
  readonly code: RejectionCode;
  /** What the client is told; `connection_error` listeners are told what the number means. */
  readonly message: string;
  /** Further details, for the server's eyes only. */
  readonly context: Record<string, unknown>;
}

/**
 * Builds a refusal.
 *
 * @param code - its number
 * @param context - further details for `connection_error` listeners
 * @param message - what the client is told. Default: the message that belongs to `code`
 */
export function reject(
  code: RejectionCode,
  context: Record<string, unknown> = {},
  message: string = REJECTION_MESSAGES[code],
): Rejection {
  return { code, message, context };
}

/** The HTTP status of a refusal. */
export function statusOf(rejection: Rejection): number {
  return rejection.code === REJECTIONS.FORBIDDEN ? 403 : 400;
}
