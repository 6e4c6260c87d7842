/** What can go wrong among several nodes. Each failure has one code, listed in `docs/protocol.md`. */
export const ADAPTER_FAILURES = {
  ERR_CLUSTER_TIMEOUT: "timeout reached",
  ERR_PUBLISH_TIMEOUT: "the message to the other nodes was not published in time",
  ERR_ADAPTER_CLOSED: "the adapter was closed",
} as const;

/** The code of a failure among several nodes. */
export type AdapterFailure = keyof typeof ADAPTER_FAILURES;

/** The other nodes did not do what they were asked, or could not be asked. */
export class AdapterError extends Error {
  /** The stable code. */
  readonly code: AdapterFailure;
  /** The answers that came nevertheless, if there was a question. */
  responses: unknown[] | undefined;

  /**
   * @param code - the stable code
   * @param detail - more words, which follow those of the code
   */
  constructor(code: AdapterFailure, detail?: string) {
    super(detail === undefined ? ADAPTER_FAILURES[code] : `${ADAPTER_FAILURES[code]}: ${detail}`);
    this.name = "AdapterError";
    this.code = code;
  }
}
