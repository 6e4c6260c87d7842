/** What went wrong with a transport, as `disconnect` listeners are told it. */
export class TransportError extends Error {
  /** Tells it from other errors, as in Socket.IO. */
  readonly type = "TransportError";
  /** The error beneath, if there is one. */
  readonly description: unknown;

  /**
   * @param message - what went wrong
   * @param description - the error beneath, if there is one
   */
  constructor(message: string, description?: unknown) {
    super(message, description === undefined ? undefined : { cause: description });
    this.description = description;
  }
}
