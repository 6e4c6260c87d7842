import { MAX_DELAY, type Deadline, type Deadlines } from "./deadlines.ts";
import type { Clock, TimerHandle } from "./ports.ts";

/** The deadlines of a client: there are a handful, and each has a clock timer of its own. */
export class DeadlineTimers implements Deadlines {
  private readonly $clock: Clock;
  private readonly $timers = new Map<Deadline, TimerHandle>();

  constructor(clock: Clock) {
    this.$clock = clock;
  }

  now(): number {
    return this.$clock.now();
  }

  start(deadline: Deadline, duration: number): void {
    this.stop(deadline);
    deadline.due = this.now() + (duration >= 1 ? duration : 1);
    if (deadline.armed) {
      this.$wait(deadline);
    }
  }

  stop(deadline: Deadline): void {
    deadline.due = Infinity;
    this.$clock.clearTimer(this.$timers.get(deadline));
    this.$timers.delete(deadline);
  }

  private $wait(deadline: Deadline): void {
    const delay = Math.min(Math.ceil(deadline.due - this.now()), MAX_DELAY);
    const onTimer = (): void => {
      if (deadline.due > this.now()) {
        // The timer was early, or could not count that far.
        this.$wait(deadline);
      } else {
        this.stop(deadline);
        deadline.expire();
      }
    };
    this.$timers.set(deadline, this.$clock.setTimer(onTimer, delay));
  }
}
