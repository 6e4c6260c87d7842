/** The one door to `debug`. */

import createDebug from "debug";

/** Says what the library does, when its scope is enabled. */
export type Debugger = (format: string, ...args: unknown[]) => void;

/**
 * The debug output of a part of the library: on stderr if the environment variable `DEBUG` names its scope, or on a page's console if
 * `localStorage.debug` does. The bundles that are made small have none.
 *
 * @param part - the part's name; its scope is `hawser-client:<part>`
 * @param formerScope - the scope of the same part in Socket.IO, which enables it too
 */
export function debugFor(part: string, formerScope: string): Debugger {
  const debug = createDebug(`hawser-client:${part}`);
  debug.enabled ||= createDebug.enabled(formerScope);
  return debug;
}
