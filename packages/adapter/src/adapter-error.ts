/** What can go wrong among several nodes, and with what adapters keep. Each failure has one code, listed in `docs/protocol.md`. */
export const ADAPTER_FAILURES = {
  ERR_CLUSTER_TIMEOUT: "timeout reached",
  ERR_CLUSTER_UNREACHABLE: "the other nodes can't be asked",
  ERR_PUBLISH_TIMEOUT: "the message to the other nodes was not published in time",
  ERR_ADAPTER_CLOSED: "the adapter was closed",
  ERR_RESTORED_SESSION: "what was restored is no session that a client can have",
} as const;

/** The code of a failure of an adapter. */
export type AdapterFailure = keyof typeof ADAPTER_FAILURES;

/** The other nodes, or an adapter, did not do what they were asked, or could not be asked. */
export class AdapterError extends Error {
  /** The stable code. */
  readonly code: AdapterFailure;
  /** The answers that came nevertheless, if there was a question. */
  responses: unknown[] | undefined;

  /**
   * @param code - the stable code
   * @param detail - more words, which follow those of the code
   * @param options - `cause`: what it came of
   */
  constructor(code: AdapterFailure, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? ADAPTER_FAILURES[code] : `${ADAPTER_FAILURES[code]}: ${detail}`, options);
    this.name = "AdapterError";
    this.code = code;
  }

  /** What has become of a question that could not be put: an error of the backend gets a code, and stays as the cause. */
  static of(error: unknown): AdapterError {
    if (error instanceof AdapterError) {
      return error;
    }
    const detail = error instanceof Error ? error.message : String(error);
    return new AdapterError("ERR_CLUSTER_UNREACHABLE", detail, { cause: error });
  }
}
