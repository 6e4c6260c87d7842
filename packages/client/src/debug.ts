/** The one door to `debug`. */

import createDebug from "debug";

/** Says what a part of the library does, while one of its scopes is enabled. */
export type Debugger = (format: string, ...args: unknown[]) => void;

/** Nobody has a scope of this name: a pattern that enables it enables everything. */
const ANYTHING = "?";

/**
 * The debug output of a part of the library: on stderr if the environment variable `DEBUG` names its scope, or on a page's console if
 * `localStorage.debug` does. The bundles that are made small have none.
 *
 * What a peer has chosen is to be told by `%o`, which escapes what a terminal would obey, and shows what JSON has no word for.
 *
 * @param part - the part's name; its scope is `hawser-client:<part>`
 * @param formerScopes - the scopes of the same part in Socket.IO, which enable it too
 */
export function debugFor(part: string, ...formerScopes: string[]): Debugger {
  const scope = `hawser-client:${part}`;
  const scopes = [scope, ...formerScopes];
  const write = createDebug(scope);
  // What it says has been asked for by one name or another.
  write.enabled = true;
  let patterns: unknown;
  let enabled = false;
  return (format, ...args) => {
    // A new list comes with each `enable()`.
    if (patterns !== createDebug.names) {
      patterns = createDebug.names;
      // Everything but one of the names: that part is not wanted.
      enabled = createDebug.enabled(ANYTHING) ? scopes.every(createDebug.enabled) : scopes.some(createDebug.enabled);
    }
    if (enabled) {
      write(format, ...args);
    }
  };
}
