import type { Clock, TimerHandle } from "@hawser/core";

/** More than any test needs within one instant; whoever gets there calls itself without end. */
const ENDLESS = 10_000;

/** Something that happens at a moment. */
interface Entry {
  readonly due: number;
  readonly callback: () => void;
  /** Whether it is a timer of the code under test, rather than something on its way through a fake device. */
  readonly timer: boolean;
}

/**
 * A clock that stands still until a test moves it. The same calls in the same order always give the same run.
 *
 * An exception thrown by a callback leaves `advance` or `runDeferred` at once; what was due after it stays due.
 */
export class FakeClock implements Clock {
  #now = 0;
  /** By moment; those of one moment in the order in which they were set. */
  #entries: Entry[] = [];
  #deferred: (() => void)[] = [];
  #running = false;

  /** Milliseconds since the clock was made. */
  now(): number {
    return this.#now;
  }

  /** @throws RangeError if `delay` is not a number; a negative one counts as 0 */
  setTimer(callback: () => void, delay: number): TimerHandle {
    return this.#schedule(callback, delay, true);
  }

  clearTimer(handle: TimerHandle): void {
    const index = this.#entries.indexOf(handle as Entry);
    if (index !== -1) {
      this.#entries.splice(index, 1);
    }
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }

  /**
   * For fake devices: what they bring happens like a timer, but is not counted as one.
   *
   * @param callback - called once, with all deferred work done before and after
   * @param delay - milliseconds from now
   */
  deliver(callback: () => void, delay: number): TimerHandle {
    return this.#schedule(callback, delay, false);
  }

  /** How many timers the code under test has armed; 0 when it left none behind. */
  get armedTimers(): number {
    return this.armedDelays.length;
  }

  /** In how many milliseconds each armed timer fires, soonest first. */
  get armedDelays(): number[] {
    return this.#entries.filter((entry) => entry.timer).map((entry) => entry.due - this.#now);
  }

  /** How many callbacks are deferred. */
  get deferredCallbacks(): number {
    return this.#deferred.length;
  }

  /**
   * Moves time on: runs what is deferred, then, one after the other and each at its moment, what falls due,
   * with what each one deferred.
   *
   * @param milliseconds - how far; 0 runs what is due now
   * @throws Error if it is called from a callback, or if time stands still because of an endless loop
   */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0 && milliseconds < Infinity)) {
      throw new RangeError(`time advances by 0 or more milliseconds, not by ${milliseconds}`);
    }
    this.#run(() => {
      const end = this.#now + milliseconds;
      let atThisMoment = 0;
      this.#drain();
      for (let entry = this.#entries[0]; entry && entry.due <= end; entry = this.#entries[0]) {
        atThisMoment = entry.due > this.#now ? 1 : atThisMoment + 1;
        if (atThisMoment > ENDLESS) {
          throw new Error(`more than ${ENDLESS} timers fired at ${this.#now} ms: an endless loop`);
        }
        this.#entries.shift();
        this.#now = entry.due;
        entry.callback();
        this.#drain();
      }
      this.#now = end;
    });
  }

  /**
   * Runs what is deferred, and what that defers in turn. Time stands still.
   *
   * @throws Error if it is called from a callback, or if the callbacks defer without end
   */
  runDeferred(): void {
    this.#run(() => this.#drain());
  }

  #schedule(callback: () => void, delay: number, timer: boolean): Entry {
    if (typeof delay !== "number" || Number.isNaN(delay)) {
      throw new RangeError(`a delay is a number of milliseconds, not ${delay}`);
    }
    const entry: Entry = { due: this.#now + Math.max(0, delay), callback, timer };
    const later = this.#entries.findIndex((other) => other.due > entry.due);
    this.#entries.splice(later === -1 ? this.#entries.length : later, 0, entry);
    return entry;
  }

  #run(steps: () => void): void {
    if (this.#running) {
      throw new Error("only the test itself moves the clock, not a callback that the clock is running");
    }
    this.#running = true;
    try {
      steps();
    } finally {
      this.#running = false;
    }
  }

  #drain(): void {
    let count = 0;
    for (let callback = this.#deferred.shift(); callback; callback = this.#deferred.shift()) {
      if (++count > ENDLESS) {
        throw new Error(`more than ${ENDLESS} deferred callbacks ran in one turn: an endless loop`);
      }
      callback();
    }
  }
}
