/**
 * Why a transport failed, or was closed by the other end. What `connect_error` and `disconnect` listeners are told.
 */
export class TransportError extends Error {
  readonly type = "TransportError";
  /** Some detail: the status of the HTTP response (0 if there was none), or the event of the WebSocket. */
  readonly description: unknown;
  /** What there is to look into: the HTTP response with its `status` and `responseText`, or the event of the WebSocket. */
  readonly context: unknown;

  constructor(message: string, description?: unknown, context?: unknown) {
    super(message);
    this.description = description;
    this.context = context;
  }
}
