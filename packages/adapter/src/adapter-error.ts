/** What can go wrong among several nodes, and with what adapters keep. Each failure has one code, listed in `docs/protocol.md`. */
export const ADAPTER_FAILURES = {
  ERR_CLUSTER_TIMEOUT: "timeout reached",
  ERR_PUBLISH_TIMEOUT: "the message to the other nodes was not published in time",
  ERR_ADAPTER_CLOSED: "the adapter was closed",
  ERR_RESTORE_TIMEOUT: "the session was not restored in time",
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
   */
  constructor(code: AdapterFailure, detail?: string) {
    super(detail === undefined ? ADAPTER_FAILURES[code] : `${ADAPTER_FAILURES[code]}: ${detail}`);
    this.name = "AdapterError";
    this.code = code;
  }
}
