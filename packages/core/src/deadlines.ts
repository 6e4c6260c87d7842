import type { Clock, TimerHandle } from "./ports.ts";

/**
 * A moment by which something must have happened. Arming, re-arming and disarming allocate nothing: a deadline is
 * itself the node of a linked list. Subclasses say in `expire` what it means to be late.
 */
export abstract class Deadline {
  /** When it expires, by the clock; meaningful while armed. */
  due = 0;
  /** @internal */ $list: DeadlineList | undefined = undefined;
  /** @internal */ $previous: Deadline | undefined = undefined;
  /** @internal */ $next: Deadline | undefined = undefined;

  /** Whether it is counting. */
  get armed(): boolean {
    return this.$list !== undefined;
  }

  /** Called once when the moment has come; the deadline is disarmed by then and may be armed anew. */
  abstract expire(): void;
}

/** The longest delay, in milliseconds, that timers can count; longer waits take several. */
const MAX_DELAY = 2 ** 31 - 1;

/** Deadlines of one duration: armed in order, so due in order. */
interface DeadlineList {
  readonly duration: number;
  head: Deadline | undefined;
  tail: Deadline | undefined;
}

/**
 * All deadlines of a server or client on one clock timer. Those of one duration form a queue that is due from the
 * front, and there are few durations, so arming costs O(1) and nothing is ever sorted.
 */
export class Deadlines {
  private readonly $clock: Clock;
  private readonly $lists = new Map<number, DeadlineList>();
  private $timer: TimerHandle;
  /** When the clock timer fires; Infinity while it is not armed. */
  private $wakeAt = Infinity;
  private readonly $onTimer = (): void => this.$wake();

  constructor(clock: Clock) {
    this.$clock = clock;
  }

  /** How many durations have an armed deadline. */
  get size(): number {
    return this.$lists.size;
  }

  /** The present, by the clock. */
  now(): number {
    return this.$clock.now();
  }

  /**
   * Arms `deadline`, or arms it anew if it was counting.
   *
   * @param duration - milliseconds from now; less than 1 counts as 1, and `Infinity` never expires
   */
  start(deadline: Deadline, duration: number): void {
    this.stop(deadline);
    if (duration === Infinity) {
      return;
    }
    const span = duration >= 1 ? duration : 1;
    let list = this.$lists.get(span);
    if (!list) {
      list = { duration: span, head: undefined, tail: undefined };
      this.$lists.set(span, list);
    }
    deadline.due = this.$clock.now() + span;
    deadline.$list = list;
    deadline.$previous = list.tail;
    if (list.tail) {
      list.tail.$next = deadline;
    } else {
      list.head = deadline;
    }
    list.tail = deadline;
    if (deadline.due < this.$wakeAt) {
      this.$schedule(deadline.due);
    }
  }

  /** Disarms `deadline`; a no-op when it is not counting. */
  stop(deadline: Deadline): void {
    const list = deadline.$list;
    if (!list) {
      return;
    }
    const { $previous: previous, $next: next } = deadline;
    if (previous) {
      previous.$next = next;
    } else {
      list.head = next;
    }
    if (next) {
      next.$previous = previous;
    } else {
      list.tail = previous;
    }
    deadline.$list = deadline.$previous = deadline.$next = undefined;
    if (!list.head) {
      this.$lists.delete(list.duration);
      if (this.$lists.size === 0) {
        this.$clock.clearTimer(this.$timer);
        this.$wakeAt = Infinity;
      }
    }
  }

  private $schedule(due: number): void {
    if (this.$wakeAt !== Infinity) {
      this.$clock.clearTimer(this.$timer);
    }
    this.$wakeAt = due;
    const delay = Math.max(1, Math.ceil(due - this.$clock.now()));
    this.$timer = this.$clock.setTimer(this.$onTimer, Math.min(delay, MAX_DELAY));
  }

  private $wake(): void {
    this.$wakeAt = Infinity;
    const now = this.$clock.now();
    try {
      for (const list of this.$lists.values()) {
        for (let head = list.head; head && head.due <= now; head = list.head) {
          this.stop(head);
          head.expire();
        }
      }
    } finally {
      // Even if one of them threw: the others must not wait for ever.
      this.$scheduleNext();
    }
  }

  private $scheduleNext(): void {
    let next = Infinity;
    for (const list of this.$lists.values()) {
      next = Math.min(next, list.head?.due ?? Infinity);
    }
    if (next < this.$wakeAt) {
      this.$schedule(next);
    }
  }
}
