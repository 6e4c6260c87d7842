import type { ServerId } from "./cluster-message.ts";

/** How often silence is looked for, in milliseconds. */
const CHECK_INTERVAL = 1_000;

/**
 * The other nodes, as far as they are heard of. Whoever says nothing for too long counts as gone, and comes back with the next
 * word; whoever has said farewell does not, for what is heard of it then was under way.
 */
export class ClusterNodes {
  readonly #timeout: number;
  readonly #onGone: (uid: ServerId) => void;
  /** When each node was heard last. */
  readonly #heard = new Map<ServerId, number>();
  /** When nodes said farewell; remembered for as long as something of theirs may be under way. */
  readonly #farewells = new Map<ServerId, number>();
  #check: NodeJS.Timeout | undefined;

  /**
   * @param timeout - milliseconds of silence after which a node counts as gone
   * @param onGone - told of each node that has gone
   */
  constructor(timeout: number, onGone: (uid: ServerId) => void) {
    this.#timeout = timeout;
    this.#onGone = onGone;
  }

  /** Which nodes there are. */
  get uids(): Set<ServerId> {
    return new Set(this.#heard.keys());
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#heard.size;
  }

  /** A node has said something. */
  hear(uid: ServerId): void {
    if (!this.#farewells.has(uid)) {
      this.#heard.set(uid, performance.now());
      this.#watch();
    }
  }

  /** A node has said farewell. */
  leave(uid: ServerId): void {
    this.#farewells.set(uid, performance.now());
    this.#watch();
    this.#forget(uid);
  }

  /** Forgets them all. */
  clear(): void {
    this.#heard.clear();
    this.#farewells.clear();
    this.#rest();
  }

  /** A node by itself has nothing to look for. */
  #watch(): void {
    this.#check ??= setInterval(() => this.#findSilent(), CHECK_INTERVAL).unref();
  }

  #rest(): void {
    clearInterval(this.#check);
    this.#check = undefined;
  }

  #findSilent(): void {
    const oldest = performance.now() - this.#timeout;
    for (const [uid, at] of this.#farewells) {
      if (at < oldest) {
        this.#farewells.delete(uid);
      }
    }
    for (const [uid, at] of [...this.#heard]) {
      if (at < oldest) {
        this.#forget(uid);
      }
    }
    if (this.#heard.size === 0 && this.#farewells.size === 0) {
      this.#rest();
    }
  }

  #forget(uid: ServerId): void {
    if (this.#heard.delete(uid)) {
      this.#onGone(uid);
    }
  }
}
