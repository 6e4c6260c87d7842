/**
 * A moment by which something must have happened. Subclasses say in `expire` what it means to be late.
 */
export abstract class Deadline {
  /** When it expires, by the clock; Infinity while it does not count. */
  due: number = Infinity;

  /** Whether it is counting. */
  get armed(): boolean {
    return this.due !== Infinity;
  }

  /** Called once when the moment has come; the deadline is disarmed by then and may be armed anew. */
  abstract expire(): void;
}

/** What counts deadlines: a queue of them on a server, a timer for each on a client. */
export interface Deadlines {
  /** The present, by the clock. */
  now(): number;
  /**
   * Arms `deadline`, or arms it anew if it was counting.
   *
   * @param duration - milliseconds from now; less than 1 counts as 1, and `Infinity` never expires
   */
  start(deadline: Deadline, duration: number): void;
  /** Disarms `deadline`; a no-op when it is not counting. */
  stop(deadline: Deadline): void;
}

/** The longest delay, in milliseconds, that timers can count; longer waits take several. */
export const MAX_DELAY: number = 2 ** 31 - 1;
