/** How the delays between attempts grow. */
export interface BackoffOptions {
  /** The first delay, in milliseconds, before jitter. */
  min: number;
  /** The longest delay, in milliseconds. */
  max: number;
  /** How far a delay may stray from its value, as a fraction from 0 (not at all) to 1. */
  jitter: number;
  /** A source of numbers in [0, 1), as `Math.random`. */
  random: () => number;
}

/** After so many doublings any delay is beyond any `max`; further ones would end in `Infinity`, and that in `NaN`. */
const MAX_DOUBLINGS = 50;

/**
 * Exponential backoff with jitter: the delay doubles with each attempt, strays up or down by at most `jitter` of
 * itself so that clients cut off together do not come back together, and never exceeds `max`.
 */
export class Backoff {
  min: number;
  max: number;
  jitter: number;
  /** How many delays were handed out since the last reset. */
  attempts = 0;
  private readonly $random: () => number;

  constructor(options: BackoffOptions) {
    this.min = options.min;
    this.max = options.max;
    this.jitter = options.jitter;
    this.$random = options.random;
  }

  /** The delay before the next attempt, in whole milliseconds. */
  next(): number {
    const base = this.min * 2 ** Math.min(this.attempts++, MAX_DOUBLINGS);
    if (!(this.jitter > 0 && this.jitter <= 1)) {
      return Math.trunc(Math.min(base, this.max));
    }
    const random = this.$random();
    const deviation = Math.floor(random * this.jitter * base);
    // The parity of the first decimal decides the direction: one draw gives both size and sign.
    const strayed = Math.floor(random * 10) % 2 === 0 ? base - deviation : base + deviation;
    return Math.trunc(Math.min(strayed, this.max));
  }

  /** Starts over: the next delay is the first one. */
  reset(): void {
    this.attempts = 0;
  }
}
