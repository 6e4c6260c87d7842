import { AdapterError } from "./adapter-error.ts";
import type { Offset } from "./cluster-message.ts";
import { after } from "./time-limit.ts";

/** How long a backend may take for a message before nothing waits for it any longer, in milliseconds. */
export const PUBLISH_TIMEOUT = 1_000;

/** Something that this node does once its message is published. */
interface Entry {
  readonly act: (offset: Offset | undefined) => void;
  readonly due: number;
  settled: boolean;
  offset: Offset | undefined;
}

/**
 * What a node publishes, and what it does itself once that is published: in the order of the calls, whatever order the backend
 * finishes in. A backend that is late makes nothing wait twice: what waits is done without it, and so is what comes after, until
 * the backend answers in time again.
 */
export class Publications {
  readonly #report: (error: unknown) => void;
  #waiting: Entry[] = [];
  #late = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param report - told of what can't be published, and, once each time, that the backend is late */
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
    const entry: Entry = { act, due: performance.now() + PUBLISH_TIMEOUT, settled: this.#late, offset: undefined };
    publication.then(
      (offset) => {
        this.#answered(entry);
        this.#settle(entry, offset);
      },
      (error: unknown) => {
        if (this.#answered(entry)) {
          this.#report(error);
        }
        this.#settle(entry, undefined);
      },
    );
    this.#waiting.push(entry);
    this.#advance();
  }

  /** Nothing is waited for any longer. */
  close(): void {
    this.#late = true;
    this.#release();
  }

  /** The backend has taken a message, or refused it. Returns whether it did so in time; otherwise that has been told. */
  #answered({ due }: Entry): boolean {
    const inTime = performance.now() < due;
    if (inTime) {
      this.#late = false;
    }
    return inTime;
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
      this.#timer = after(first.due - performance.now(), () => {
        this.#timer = undefined;
        this.#look();
      });
    }
  }

  #look(): void {
    const [first] = this.#waiting;
    if (first && performance.now() >= first.due) {
      this.#late = true;
      this.#report(new AdapterError("ERR_PUBLISH_TIMEOUT"));
      this.#release();
    } else {
      this.#watch();
    }
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const entry of this.#waiting) {
      entry.settled = true;
    }
    this.#advance();
  }
}
