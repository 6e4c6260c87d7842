import { AdapterError } from "./adapter-error.ts";
import type { Offset } from "./cluster-message.ts";
import { after } from "./time-limit.ts";

/** For how long a backend that takes no message is waited for, all in all, in milliseconds. */
const PATIENCE = 1_000;

/** Something that this node does once its message is published. */
interface Entry {
  readonly act: (offset: Offset | undefined) => void;
  /** When it was published, by which it is known, too. */
  readonly mark: number;
  settled: boolean;
  offset: Offset | undefined;
}

/**
 * What a node publishes, and what it does itself once that is published: in the order of the calls, whatever order the backend
 * finishes in. If the backend hands a node its own messages back, it is done when the message comes back, so that it keeps its place
 * among those of other nodes.
 *
 * Waiting for a backend uses patience up. When there is none left nothing waits, until the backend is in time again.
 */
export class Publications {
  readonly #report: (error: unknown) => void;
  #waiting: Entry[] = [];
  #patience = PATIENCE;
  #returns = false;
  #lastMark = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param report - told of what can't be published, and, each time that patience ends, of that */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /**
   * Publishes something.
   *
   * @param publish - is handed a mark, by which the message can be recognised, and resolves with the place of the message in a log, or
   * with an empty string
   * @param act - what is to be done then; it is handed undefined if the message has no known place
   */
  publish(publish: (mark: number) => Promise<Offset>, act: (offset: Offset | undefined) => void): void {
    const mark = Math.max(performance.now(), this.#lastMark + 0.001);
    this.#lastMark = mark;
    const entry: Entry = { act, mark, settled: this.#patience <= 0, offset: undefined };
    this.#waiting.push(entry);
    publish(mark).then(
      (offset) => this.#onTaken(entry, offset),
      (error: unknown) => this.#onRefused(entry, error),
    );
    this.#advance();
  }

  /**
   * A message has come back.
   *
   * @param mark - what it was marked with
   * @param offset - its place in the log
   */
  returned(mark: number, offset: Offset): void {
    this.#returns = true;
    this.#onPunctual(mark);
    const entry = this.#waiting.find((waiting) => waiting.mark === mark);
    if (entry) {
      this.#settle(entry, offset);
    }
  }

  /** Nothing is waited for any longer. */
  close(): void {
    this.#release();
  }

  #onTaken(entry: Entry, offset: Offset): void {
    if (this.#returns) {
      entry.offset ??= offset;
    } else {
      this.#onPunctual(entry.mark);
      this.#settle(entry, offset);
    }
  }

  #onPunctual(mark: number): void {
    if (age(mark) < PATIENCE) {
      this.#patience = PATIENCE;
    }
  }

  #onRefused(entry: Entry, error: unknown): void {
    const waited = age(entry.mark);
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
      this.#timer = after(Math.max(0, this.#patience - age(first.mark)), () => {
        this.#timer = undefined;
        this.#look();
      });
    }
  }

  #look(): void {
    const [first] = this.#waiting;
    // Timers count whole milliseconds.
    if (first && age(first.mark) + 1 > this.#patience) {
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
function age(mark: number): number {
  return performance.now() - mark;
}
