import type { AckCallback, Acks } from "@hawser/core";
import type { AckMap } from "./names.ts";

/**
 * Milliseconds for which an answer is waited for. Whoever leaves a callback here does not say how long it is good for, and a client
 * may never answer: without a limit it would stay until the socket ends.
 */
const LIFE = 10 * 60_000;

/** The acknowledgements that a socket waits for, as a `Map`. */
export class AckTable implements AckMap {
  readonly #acks: Acks;

  constructor(acks: Acks) {
    this.#acks = acks;
  }

  get(id: number): AckCallback | undefined {
    return this.has(id) ? (...args) => this.#acks.settle(id, args) : undefined;
  }

  has(id: number): boolean {
    return this.#acks.has(id);
  }

  set(id: number, callback: AckCallback): this {
    this.#acks.register(id, callback, { errorFirst: false, timeout: LIFE });
    return this;
  }

  delete(id: number): boolean {
    const awaited = this.has(id);
    this.#acks.forget(id);
    return awaited;
  }
}
