import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff, type BackoffOptions } from "../src/backoff.ts";

const defaults: BackoffOptions = { min: 1000, max: 5000, jitter: 0.5, random: () => 0 };

const delays = (options: Partial<BackoffOptions>, count = 6): number[] => {
  const backoff = new Backoff({ ...defaults, ...options });
  return Array.from({ length: count }, () => backoff.next());
};

describe("without jitter", () => {
  it("the delay doubles with each attempt, up to the longest", () => {
    expect(delays({ jitter: 0 })).toEqual([1000, 2000, 4000, 5000, 5000, 5000]);
  });

  it.each([0, -1, 1.5, NaN])("as for a jitter of %d, the source of randomness does not matter", (jitter) => {
    expect(delays({ jitter, random: () => 0.99 })).toEqual(delays({ jitter: 0 }));
  });

  it("the delay is a whole number of milliseconds", () => {
    expect(delays({ min: 0.7, jitter: 0 }, 3)).toEqual([0, 1, 2]);
  });
});

describe("with the default jitter of a half", () => {
  // The bounds that Socket.IO's clients keep to, whatever the draw.
  const bounds = [
    [500, 1500],
    [1000, 3000],
    [2000, 5000],
    [4000, 5000],
    [5000, 5000],
    [5000, 5000],
  ] as const;

  it("each delay stays within its bounds", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (draw) => {
        for (const [attempt, delay] of delays({ random: () => draw }).entries()) {
          const [least, most] = bounds[attempt] as readonly [number, number];
          expect(delay).toBeGreaterThanOrEqual(least);
          expect(delay).toBeLessThanOrEqual(most);
          expect(Number.isInteger(delay)).toBe(true);
        }
      }),
    );
  });

  it("the delays spread over what lies between, but for a tenth at the lower end, where no even decimal leads", () => {
    const draws = Array.from({ length: 1000 }, (_, index) => index / 1000);
    for (const [attempt, [least, most]] of bounds.entries()) {
      const all = draws.map((draw) => delays({ random: () => draw })[attempt] as number);
      expect(Math.min(...all)).toBeLessThanOrEqual(least * 1.11);
      expect(Math.max(...all)).toBeGreaterThanOrEqual(most * 0.99);
    }
  });

  it("the first decimal of the draw decides whether it is shorter or longer", () => {
    expect(delays({ random: () => 0.2 }, 1)).toEqual([900]);
    expect(delays({ random: () => 0.3 }, 1)).toEqual([1150]);
  });
});

describe("the attempts", () => {
  it("are counted until reset, and the delays start over then", () => {
    const backoff = new Backoff({ ...defaults, jitter: 0 });
    backoff.next();
    backoff.next();
    expect(backoff.attempts).toBe(2);
    backoff.reset();
    expect(backoff.attempts).toBe(0);
    expect(backoff.next()).toBe(1000);
  });

  it("may go on for ever: a client that is cut off for days still waits between them", () => {
    for (const draw of [0, 0.2, 0.3, 0.99]) {
      const backoff = new Backoff({ ...defaults, random: () => draw });
      backoff.attempts = 5000;
      expect(backoff.next()).toBe(5000);
    }
  });

  it("follow a change of the options at once", () => {
    const backoff = new Backoff({ ...defaults, jitter: 0 });
    backoff.next();
    backoff.min = 10;
    backoff.max = 30;
    expect([backoff.next(), backoff.next()]).toEqual([20, 30]);
  });
});
