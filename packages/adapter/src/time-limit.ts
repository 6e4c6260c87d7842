import { AdapterError, type AdapterFailure } from "./adapter-error.ts";

/** The longest delay, in milliseconds, that timers can count. */
const MAX_DELAY = 2 ** 31 - 1;

/** Calls `callback` once, `duration` milliseconds from now; longer waits than timers can count end with the longest. */
export function after(duration: number, callback: () => void): NodeJS.Timeout {
  return setTimeout(callback, Math.min(duration, MAX_DELAY));
}

/**
 * Settles as `promise` does, or rejects once the time is up.
 *
 * @param duration - milliseconds
 * @param code - says what was late
 */
export async function within<T>(promise: Promise<T>, duration: number, code: AdapterFailure): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = after(duration, () => reject(new AdapterError(code)));
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
