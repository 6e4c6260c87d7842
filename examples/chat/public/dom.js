// @ts-check

/**
 * Finds the element of the page with this id.
 *
 * @template {Element} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind] the element's class, to be sure of it
 * @returns {Kind}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!found || (kind && !(found instanceof kind))) throw new Error(`The page has no such element: ${id}`);
  return /** @type {Kind} */ (/** @type {unknown} */ (found));
}

/**
 * Makes an element. Text given as a child becomes a text node: nothing that people write is ever read as markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** @param {number} at milliseconds since 1970 */
export function clockTime(at) {
  return new Date(at).toLocaleTimeString([], { hourCycle: "h23", timeStyle: "medium" });
}

/** @param {number} bytes */
export function sizeText(bytes) {
  return bytes < 1000
    ? `${bytes} bytes`
    : bytes < 1_000_000
      ? `${Math.round(bytes / 1000)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`;
}
