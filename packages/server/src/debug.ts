/** The one door to `debug`. */

import createDebug from "debug";

/** Says on stderr what a part of the library does, while one of its scopes is enabled. */
export interface Debugger {
  (format: string, ...args: unknown[]): void;
  /** Whether anybody reads it. What happens often, or takes time to tell, asks first. */
  readonly enabled: boolean;
}

/** Nobody has a scope of this name: a pattern that enables it enables everything. */
const ANYTHING = "?";

/**
 * The debug output of a part of the library.
 *
 * What a peer has chosen is to be told by `%o`, which escapes what a terminal would obey, and shows what JSON has no word for.
 *
 * @param part - the part's name; its scope is `hawser:<part>`
 * @param formerScopes - the scopes of the same part in Socket.IO, which enable it too
 */
export function debugFor(part: string, ...formerScopes: string[]): Debugger {
  const scope = `hawser:${part}`;
  const scopes = [scope, ...formerScopes];
  const write = createDebug(scope);
  // What it says has been asked for by one name or another.
  write.enabled = true;
  let patterns: unknown;
  let enabled = false;
  const isEnabled = (): boolean => {
    // A new list comes with each `enable()`.
    if (patterns !== createDebug.names) {
      patterns = createDebug.names;
      // Everything but one of the names: that part is not wanted.
      enabled = createDebug.enabled(ANYTHING) ? scopes.every(createDebug.enabled) : scopes.some(createDebug.enabled);
    }
    return enabled;
  };
  const debug = (format: string, ...args: unknown[]): void => {
    if (isEnabled()) {
      write(format, ...args);
    }
  };
  return Object.defineProperty(debug, "enabled", { get: isEnabled }) as Debugger;
}
