import type { Clock, TimerHandle } from "@hawser/core";

/** At most this many stacks are printed per second; the rest are counted. */
const STACKS_PER_SECOND = 5;

/** Milliseconds. */
const SECOND = 1000;

/** Prints errors that nobody takes to stderr, as many as one can read, and how many others there were. */
export class ErrorPrinter {
  readonly #clock: Clock;
  #end = -Infinity;
  #printed = 0;
  #suppressed = 0;
  #timer: TimerHandle;
  readonly #flush = (): void => this.flush();

  /** @param clock - whose timers do not keep the process alive */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Prints an error, or counts it.
   *
   * @param origin - what failed
   */
  print(error: unknown, origin: string): void {
    const now = this.#clock.now();
    if (now >= this.#end) {
      this.flush();
      this.#end = now + SECOND;
      this.#printed = 0;
    }
    if (this.#printed < STACKS_PER_SECOND) {
      this.#printed++;
      console.error(`hawser: ${origin} failed; listen for "handler_error" on the server to handle this`, error);
      return;
    }
    this.#suppressed++;
    if (this.#suppressed === 1) {
      this.#timer = this.#clock.setTimer(this.#flush, this.#end - now);
      process.once("exit", this.#flush);
    }
  }

  /** Prints how many errors were not printed, if there were any. It is done anyway when the second is over, or the process ends. */
  flush(): void {
    const count = this.#suppressed;
    if (count > 0) {
      this.#suppressed = 0;
      this.#clock.clearTimer(this.#timer);
      process.off("exit", this.#flush);
      console.error(`hawser: ${count} more ${count === 1 ? "error was" : "errors were"} not printed`);
    }
  }
}
