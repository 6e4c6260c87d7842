import { AdapterError } from "./adapter-error.ts";
import type { Offset } from "./cluster-message.ts";
import { after } from "./time-limit.ts";

/** For how long a backend that takes no message is waited for, all in all, in milliseconds. */
const PATIENCE = 1_000;

/** Something that this node does once its message is published. */
interface Entry {
  readonly act: (offset: Offset | undefined) => void;
  readonly since: number;
  settled: boolean;
  offset: Offset | undefined;
}

/**
 * What a node publishes, and what it does itself once that is published: in the order of the calls, whatever order the backend
 * finishes in. Waiting for a backend that takes no message uses patience up. When there is none left nothing waits, until the
 * backend takes a message in time.
 */
export class Publications {
  readonly #report: (error: unknown) => void;
  #waiting: Entry[] = [];
  #patience = PATIENCE;
  #timer: NodeJS.Timeout | undefined;

  /** @param report - told of what can't be published, and, each time that patience ends, of that */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /**
   * Follows a publication.
   *
   * @param publication - resolves with the place of the message in a log, or with an empty string
   * @param act - what is to be done then; it is handed undefined if the message has no known place
   */
  follow(publication: Promise<Offset>, act: (offset: Offset | undefined) => void): void {
    const settled = this.#patience <= 0;
    const entry: Entry = { act, since: performance.now(), settled, offset: undefined };
    publication.then(
      (offset) => this.#onTaken(entry, offset),
      (error: unknown) => this.#onRefused(entry, error),
    );
    this.#waiting.push(entry);
    this.#advance();
  }

  /** Nothing is waited for any longer. */
  close(): void {
    this.#release();
  }

  #onTaken(entry: Entry, offset: Offset): void {
    if (age(entry) < PATIENCE) {
      this.#patience = PATIENCE;
    }
    this.#settle(entry, offset);
  }

  #onRefused(entry: Entry, error: unknown): void {
    const waited = age(entry);
    // What took longer has been told.
    if (waited < PATIENCE) {
      this.#report(error);
    }
    if (!entry.settled) {
      this.#patience -= waited;
      this.#settle(entry, undefined);
    }
  }

  #settle(entry: Entry, offset: Offset | undefined): void {
    if (!entry.settled) {
      entry.settled = true;
      entry.offset = offset;
      this.#advance();
    }
  }

  #advance(): void {
    for (let first = this.#waiting[0]; first?.settled; first = this.#waiting[0]) {
      this.#waiting.shift();
      try {
        first.act(first.offset);
      } catch (error) {
        this.#report(error);
      }
    }
    this.#watch();
  }

  /** One timer for all of them: it looks again at whoever comes first when it fires. */
  #watch(): void {
    const [first] = this.#waiting;
    if (first && this.#timer === undefined) {
      this.#timer = after(Math.max(0, this.#patience - age(first)), () => {
        this.#timer = undefined;
        this.#look();
      });
    }
  }

  #look(): void {
    const [first] = this.#waiting;
    if (first && age(first) >= this.#patience) {
      this.#report(new AdapterError("ERR_PUBLISH_TIMEOUT"));
      this.#release();
    } else {
      this.#watch();
    }
  }

  #release(): void {
    this.#patience = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const entry of this.#waiting) {
      entry.settled = true;
    }
    this.#advance();
  }
}

/** For how long a message has been under way, in milliseconds. */
function age({ since }: Entry): number {
  return performance.now() - since;
}
