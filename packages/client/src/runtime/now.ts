const origin = Date.now() - performance.now();

/**
 * Milliseconds since the page or process began. It never stands still: `performance.now()` does on many platforms while
 * the machine sleeps, and the wall clock may be set back.
 */
export function now(): number {
  return Math.max(performance.now(), Date.now() - origin);
}
