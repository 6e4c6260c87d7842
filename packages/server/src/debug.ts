/** The one door to `debug`. */

import createDebug from "debug";

/** Writes to stderr when its scope is enabled by the environment variable `DEBUG`. */
export interface Debugger {
  (format: string, ...args: unknown[]): void;
  readonly enabled: boolean;
}

/**
 * The debug output of a part of the library.
 *
 * @param part - the part's name; its scope is `hawser:<part>`
 */
export function debugFor(part: string): Debugger {
  return createDebug(`hawser:${part}`);
}
