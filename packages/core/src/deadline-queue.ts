import { MAX_DELAY, type Deadline, type Deadlines } from "./deadlines.ts";
import type { Clock, TimerHandle } from "./ports.ts";

/** A deadline as a node of a linked list, so that arming, re-arming and disarming allocate nothing. */
interface DeadlineNode extends Deadline {
  $list?: DeadlineList | undefined;
  $previous?: DeadlineNode | undefined;
  $next?: DeadlineNode | undefined;
}

/** Deadlines of one duration: armed in order, so due in order. */
interface DeadlineList {
  readonly duration: number;
  head: DeadlineNode | undefined;
  tail: DeadlineNode | undefined;
}

/**
 * The deadlines of a server, on one clock timer. Those of one duration form a queue that is due from the front, and
 * there are few durations, so arming costs O(1) and nothing is ever sorted.
 */
export class DeadlineQueue implements Deadlines {
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

  now(): number {
    return this.$clock.now();
  }

  start(deadline: DeadlineNode, duration: number): void {
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
    deadline.$next = undefined;
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

  stop(deadline: DeadlineNode): void {
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
    deadline.due = Infinity;
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
