/**
 * What an application's run brought, told by each who took part: the order of one's own lines is the protocol's promise,
 * that between two is not.
 */

/** Ids, which differ from run to run, and the names that stand for them. An id without a name shows as it is. */
const names = new Map();
const accounts = new Map();

/**
 * Lets a name stand for an id.
 *
 * @param {string} id
 * @param {string} name
 */
export function mask(id, name) {
  names.set(id, `<${name}>`);
}

/**
 * Notes something that `who` met.
 *
 * @param {string} who
 * @param {...unknown} what printed as JSON; `undefined` is shown too
 */
export function note(who, ...what) {
  if (!accounts.has(who)) accounts.set(who, []);
  accounts.get(who).push(what.map((part) => (typeof part === "string" ? part : show(part))).join(" "));
}

function show(part) {
  return part === undefined ? "undefined" : JSON.stringify(part);
}

/** Prints everybody's lines, those of one under the other. */
export function print() {
  for (const [who, lines] of accounts) {
    console.log(`${who}:`);
    for (let line of lines) {
      for (const [id, name] of names) line = line.replaceAll(id, name);
      console.log(`  ${line}`);
    }
  }
}

/**
 * Waits for the next occurrence of an event.
 *
 * @param {{ once(event: string, listener: (...args: any[]) => void): unknown }} source
 * @param {string} event
 * @returns {Promise<any[]>} its arguments
 */
export function next(source, event) {
  return new Promise((resolve) => source.once(event, (...args) => resolve(args)));
}

/**
 * Waits for several occurrences of an event, however close together they come.
 *
 * @param {number} count
 * @param {{ on(event: string, listener: () => void): unknown; off(event: string, listener: () => void): unknown }} source
 * @param {string} event
 * @returns {Promise<void>}
 */
export function times(count, source, event) {
  return new Promise((resolve) => {
    const listener = () => {
      count -= 1;
      if (count === 0) {
        source.off(event, listener);
        resolve();
      }
    };
    source.on(event, listener);
  });
}
