/** Adapters wait for their service, some of them for ever. Whoever asks one waits no longer than the option `adapterTimeout` says. */

import { AdapterError } from "@hawser/adapter";
import { Deadline, type Deadlines } from "@hawser/core";
import type { BroadcastAckCallback } from "./broadcast-ack.ts";

/** How `socket.io-adapter`, and adapters that stand on it, say that answers did not come in time. */
const LATE = /^timeout reached/;

/** What an adapter has failed with, as an error that has a code. */
export function adapterErrorOf(error: unknown): Error {
  return isLate(error) ? asTimeout(error) : AdapterError.of(error);
}

function isLate(error: unknown): error is Error {
  return error instanceof Error && LATE.test(error.message);
}

function asTimeout(error: Error): Error {
  return Object.assign(error, { code: "ERR_CLUSTER_TIMEOUT" });
}

/** Until when an adapter may answer. */
class AdapterDeadline extends Deadline {
  readonly #onLate: (error: AdapterError) => void;

  constructor(onLate: (error: AdapterError) => void) {
    super();
    this.#onLate = onLate;
  }

  override expire(): void {
    this.#onLate(new AdapterError("ERR_CLUSTER_TIMEOUT"));
  }
}

/**
 * Settles as an adapter's promise does, or rejects with `ERR_CLUSTER_TIMEOUT`.
 *
 * @param limit - milliseconds
 */
export function withinLimit<T>(deadlines: Deadlines, work: Promise<T>, limit: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = new AdapterDeadline(reject);
    deadlines.start(deadline, limit);
    work.then(resolve, reject).finally(() => deadlines.stop(deadline));
  });
}

/**
 * Hands an adapter a callback, which is called once: by the adapter, with what the adapter's promise rejects with, or when the time is up.
 *
 * @param limit - milliseconds
 * @param ask - asks the adapter
 * @throws what `ask` throws; the callback is then not called
 */
export function askWithinLimit(
  deadlines: Deadlines,
  limit: number,
  callback: BroadcastAckCallback,
  ask: (callback: BroadcastAckCallback) => unknown,
): void {
  let settled = false;
  const settle: BroadcastAckCallback = (error, responses) => {
    if (!settled) {
      settled = true;
      deadlines.stop(deadline);
      callback(isLate(error) ? asTimeout(error) : error, responses);
    }
  };
  const deadline = new AdapterDeadline((error) => settle(error, []));
  const result = ask(settle);
  if (result instanceof Promise) {
    result.catch((error: unknown) => settle(adapterErrorOf(error), []));
  }
  if (!settled) {
    deadlines.start(deadline, limit);
  }
}
