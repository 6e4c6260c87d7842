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
 * @param formerScope - the scope of the same part in Socket.IO, which enables it too
 */
export function debugFor(part: string, formerScope: string): Debugger {
  const debug = createDebug(`hawser:${part}`);
  debug.enabled ||= createDebug.enabled(formerScope);
  return debug;
}
