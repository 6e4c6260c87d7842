/**
 * Why a transport failed, or was closed by the other end. What `connect_error` and `disconnect` listeners are told.
 */
export class TransportError extends Error {
  readonly type = "TransportError";
  /** Some detail: the status of the HTTP response (0 if there was none), or the event of the WebSocket. */
  readonly description: unknown;
  /** What there is to look into: the HTTP response with its `status` and `responseText`, or the event of the WebSocket. */
  readonly context: unknown;

  /** @param cause - the error of the platform beneath, where it tells */
  constructor(message: string, description?: unknown, context?: unknown, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.description = description;
    this.context = context;
  }
}
