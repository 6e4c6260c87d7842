// @ts-check

/** @import { Entry } from "./events.d.ts" */

/** What was said lately in all rooms, for those who come later or were away for a moment. Bounded in number and in bytes. */
export class History {
  /** @type {{ room: string, entry: Entry }[]} */
  #records = [];
  #bytes = 0;
  #lastAt = 0;
  #limits;

  /** @param {{ entries: number, bytes: number }} limits The oldest entries are dropped beyond either. */
  constructor(limits) {
    this.#limits = limits;
  }

  /**
   * Gives the entry its time, and keeps it.
   *
   * @param {string} room
   * @param {Omit<Entry, "at">} said
   * @returns {Entry}
   */
  add(room, said) {
    this.#lastAt = Math.max(Date.now(), this.#lastAt + 1);
    const entry = { at: this.#lastAt, ...said };
    this.#records.push({ room, entry });
    this.#bytes += sizeOf(entry);
    while (this.#records.length > this.#limits.entries || this.#bytes > this.#limits.bytes) {
      const oldest = this.#records.shift();
      if (oldest) this.#bytes -= sizeOf(oldest.entry);
    }
    return entry;
  }

  /**
   * @param {string} room
   * @param {number} at
   * @returns {Entry[]} what was said in `room` after `at`, oldest first
   */
  since(room, at) {
    return this.#records.filter((record) => record.room === room && record.entry.at > at).map((record) => record.entry);
  }
}

/** @param {Entry} entry */
function sizeOf(entry) {
  return (entry.text?.length ?? 0) + (entry.picture?.bytes.byteLength ?? 0);
}
