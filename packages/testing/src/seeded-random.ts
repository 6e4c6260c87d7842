/** The environment variable that replays a run. */
const SEED_VARIABLE = "HAWSER_SEED";

/**
 * The seed of this run: the environment variable `HAWSER_SEED` if it is set, else a fresh one.
 *
 * @throws RangeError if the variable is not an integer from 0 to 2^32 - 1
 */
export function chooseSeed(): number {
  const text = process.env[SEED_VARIABLE];
  if (text === undefined || text === "") {
    return Math.floor(Math.random() * 0x1_0000_0000);
  }
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw new RangeError(`${SEED_VARIABLE} must be an integer from 0 to 4294967295, not "${text}"`);
  }
  return seed;
}

/** Random numbers that a seed repeats exactly (mulberry32). */
export class SeededRandom {
  /** What repeats this sequence. */
  readonly seed: number;
  #state: number;

  /** @param seed - an integer from 0 to 2^32 - 1; default: {@link chooseSeed} */
  constructor(seed: number = chooseSeed()) {
    this.seed = seed >>> 0;
    this.#state = this.seed;
  }

  /** How to repeat the run; for failure messages. */
  get replay(): string {
    return `${SEED_VARIABLE}=${this.seed} replays this run`;
  }

  /** A number from 0 (included) to 1 (excluded). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** An integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /**
   * A generator of its own for one part of a test, so that the number of draws elsewhere does not change what it draws.
   *
   * @param part - which part; the same one gives the same sequence
   */
  fork(part: number): SeededRandom {
    return new SeededRandom(Math.floor(new SeededRandom(this.seed ^ Math.imul(part + 1, 0x9e3779b1)).next() * 2 ** 32));
  }
}

/**
 * Runs a randomised test. If it fails, the error says which seed repeats it.
 *
 * @param run - the test
 * @param seed - default: {@link chooseSeed}
 */
export async function withSeed<Result>(
  run: (random: SeededRandom) => Result | Promise<Result>,
  seed?: number,
): Promise<Result> {
  const random = new SeededRandom(seed);
  try {
    return await run(random);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
    error.message += `\n(${random.replay})`;
    throw error;
  }
}
