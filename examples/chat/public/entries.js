// @ts-check

import { clockTime, make, sizeText } from "./dom.js";

/** @import { Entry } from "../events.d.ts" */

/** How many entries and notices the page keeps. */
const longest = 300;

/**
 * An entry as the page knows it: one of the server's, or a draft of one's own that has no `at` and no sure author yet.
 * @typedef {Omit<Entry, "at" | "author"> & { at?: number, authorName: string, own: boolean }} Shown
 */

/** What was said, in the server's order, and below it what is on its way there. */
export class EntryList {
  #list;
  #scroll;
  /** @type {Map<string, HTMLElement>} one's own entries that the server has not confirmed */
  #pending = new Map();
  /** @type {Set<number>} */
  #shown = new Set();
  /** Whether the end of the list is kept in view: until somebody scrolls up, and again from the end on. */
  #following = true;

  /** The `at` of the newest entry; 0 for none. */
  last = 0;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} scroll the box in which the list scrolls
   */
  constructor(list, scroll) {
    this.#list = list;
    this.#scroll = scroll;
    let lastTop = 0;
    scroll.addEventListener("scroll", () => {
      const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
      // Not at the end without having gone up: the list has grown, which its observer will deal with.
      if (atEnd || scroll.scrollTop < lastTop) this.#following = atEnd;
      lastTop = scroll.scrollTop;
    });
    const observer = new ResizeObserver(() => this.#follow());
    observer.observe(list);
    observer.observe(scroll);
  }

  clear() {
    for (const item of [...this.#list.children]) this.#remove(item);
    this.#pending.clear();
    this.#shown.clear();
    this.last = 0;
  }

  /**
   * Shows an entry that the server sent. One that is shown already, or is one's own, is not shown twice.
   *
   * @param {Entry} entry
   */
  add(entry) {
    if (this.#shown.has(entry.at)) return;
    if (this.#pending.has(entry.key)) return this.confirm(entry.key, entry.at);
    this.#place(makeItem({ ...entry, authorName: entry.author.name, own: false }), entry.at);
  }

  /**
   * Shows a draft that is on its way, at the end.
   *
   * @param {Omit<Shown, "own">} draft
   */
  addPending(draft) {
    const item = makeItem({ ...draft, own: true });
    this.#pending.set(draft.key, item);
    this.#insert(item, null);
    this.#following = true;
  }

  /**
   * @param {string} key
   * @param {string} state shown below one's own entry
   * @param {{ label: string, action: () => void }} [remedy] a button beside it
   */
  mark(key, state, remedy) {
    const item = this.#pending.get(key);
    const line = item?.querySelector(".state");
    if (!item || !line) return;
    item.classList.toggle("failed", remedy !== undefined);
    line.replaceChildren(state);
    if (remedy)
      line.append(" ", make("button", { type: "button", className: "link", onclick: remedy.action }, remedy.label));
  }

  /**
   * The server has accepted a draft: it gets its place among the others.
   *
   * @param {string} key
   * @param {number} at
   */
  confirm(key, at) {
    const item = this.#pending.get(key);
    if (!item) return;
    this.mark(key, `delivered ${clockTime(at)}`);
    item.classList.remove("pending");
    this.#pending.delete(key);
    this.#place(item, at);
  }

  /** @param {string} text */
  addNotice(text) {
    this.#insert(make("li", { className: "notice", dir: "auto" }, text), this.#list.querySelector(".pending"));
  }

  /**
   * @param {HTMLElement} item
   * @param {number} at
   */
  #place(item, at) {
    item.dataset["at"] = String(at);
    this.#shown.add(at);
    this.last = Math.max(this.last, at);
    // Mostly the newest comes last, so the search begins there.
    let previous = this.#list.lastElementChild;
    while (previous && (previous === item || isLater(previous, at))) previous = previous.previousElementSibling;
    this.#insert(item, previous ? previous.nextElementSibling : this.#list.firstElementChild);
  }

  /**
   * @param {HTMLElement} item
   * @param {Element | null} next null for the end
   */
  #insert(item, next) {
    if (next !== item) this.#list.insertBefore(item, next);
    while (this.#list.children.length > longest && this.#list.firstElementChild) {
      this.#remove(this.#list.firstElementChild);
    }
  }

  #follow() {
    if (this.#following) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  /** @param {Element} item */
  #remove(item) {
    if (item instanceof HTMLElement) this.#shown.delete(Number(item.dataset["at"]));
    const picture = item.querySelector("img");
    if (picture) URL.revokeObjectURL(picture.src);
    item.remove();
  }
}

/**
 * @param {Element} item
 * @param {number} at
 */
function isLater(item, at) {
  return item.classList.contains("pending") || Number(item instanceof HTMLElement && item.dataset["at"]) > at;
}

/** @param {Shown} entry */
function makeItem(entry) {
  const item = make("li", { className: entry.own ? "entry own pending" : "entry" });
  const about = make("p", { className: "about" }, make("bdi", { className: "author" }, entry.authorName));
  if (entry.own) about.append(" ", make("span", { className: "state" }));
  else if (entry.at) about.append(" ", make("time", {}, clockTime(entry.at)));
  item.append(about);
  if (entry.text !== undefined) item.append(make("p", { className: "text", dir: "auto" }, entry.text));
  if (entry.picture) item.append(makePicture(entry.picture));
  return item;
}

/** @param {NonNullable<Entry["picture"]>} picture */
function makePicture({ name, type, bytes }) {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const image = make("img", { src: address, alt: `Picture: ${name}` });
  image.addEventListener("error", () => image.remove());
  const caption = make("figcaption", {}, make("a", { href: address, download: name, title: "Save the picture" }, name));
  caption.append(` ${sizeText(bytes.byteLength)}`);
  return make("figure", {}, image, caption);
}
