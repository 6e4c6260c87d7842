// @ts-check

import { make } from "./dom.js";

/** @import { Person } from "../events.d.ts" */

/** Shows who is in the room, and tells who came and went since the list before. */
export class PeopleList {
  #list;
  #tell;
  /** @type {Map<string, string> | undefined} the names by id; undefined until the room's first list */
  #known;

  /**
   * @param {HTMLElement} list
   * @param {(notice: string) => void} tell
   */
  constructor(list, tell) {
    this.#list = list;
    this.#tell = tell;
  }

  /** The next list is the first of its room: nobody in it has just come. */
  forget() {
    this.#known = undefined;
  }

  /**
   * @param {Person[]} people
   * @param {string | undefined} ownId
   */
  show(people, ownId) {
    const now = new Map(people.map((person) => [person.id, person.name]));
    if (this.#known) this.#tellChanges(this.#known, now);
    this.#known = now;
    this.#list.replaceChildren(
      ...people.map(({ id, name }) =>
        make("li", { className: id === ownId ? "own" : "" }, make("bdi", {}, name), id === ownId ? " (you)" : ""),
      ),
    );
  }

  /**
   * @param {Map<string, string>} before
   * @param {Map<string, string>} now
   */
  #tellChanges(before, now) {
    for (const [id, name] of before) {
      if (!now.has(id)) this.#tell(`${name} left`);
    }
    for (const [id, name] of now) {
      const earlier = before.get(id);
      if (earlier === undefined) this.#tell(`${name} joined`);
      else if (earlier !== name) this.#tell(`${earlier} is now ${name}`);
    }
  }
}
