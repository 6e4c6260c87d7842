import { afterEach, describe, expect, it, vi } from "vitest";
import { SeededRandom, chooseSeed, withSeed } from "../src/index.ts";

afterEach(() => vi.unstubAllEnvs());

const draw = (random: SeededRandom, count: number): number[] => Array.from({ length: count }, () => random.next());

describe("SeededRandom", () => {
  it("repeats its sequence for the same seed, and gives another one for another seed", () => {
    expect(draw(new SeededRandom(7), 100)).toEqual(draw(new SeededRandom(7), 100));
    expect(draw(new SeededRandom(7), 100)).not.toEqual(draw(new SeededRandom(8), 100));
  });

  it("draws mulberry32, so that a seed means the same in years to come", () => {
    expect(draw(new SeededRandom(1), 2)).toEqual([0.6270739405881613, 0.002735721180215478]);
  });

  it("draws integers of the whole range and of no other", () => {
    const random = new SeededRandom(3);
    const drawn = new Set(Array.from({ length: 200 }, () => random.integer(-1, 2)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
  });

  it("draws chances by their probability", () => {
    const random = new SeededRandom(3);
    const hits = Array.from({ length: 1000 }, () => random.chance(0.25)).filter(Boolean).length;
    expect(hits).toBeGreaterThan(200);
    expect(hits).toBeLessThan(300);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
  });

  it("forks generators that do not depend on what else was drawn, and differ by part", () => {
    const fresh = new SeededRandom(5);
    const used = new SeededRandom(5);
    draw(used, 10);
    expect(draw(used.fork(2), 5)).toEqual(draw(fresh.fork(2), 5));
    expect(draw(fresh.fork(0), 5)).not.toEqual(draw(fresh.fork(1), 5));
    expect(draw(fresh.fork(0), 5)).not.toEqual(draw(fresh, 5));
  });
});

describe("the seed of a run", () => {
  it("is HAWSER_SEED if that is set", () => {
    vi.stubEnv("HAWSER_SEED", "4294967295");
    expect(chooseSeed()).toBe(4294967295);
    expect(new SeededRandom().seed).toBe(4294967295);
  });

  it.each(["abc", "-1", "1.5", "4294967296"])("is refused if HAWSER_SEED is %s", (value) => {
    vi.stubEnv("HAWSER_SEED", value);
    expect(() => chooseSeed()).toThrow(RangeError);
  });

  it("is new each time if HAWSER_SEED is not set", () => {
    vi.stubEnv("HAWSER_SEED", undefined);
    expect(new Set(Array.from({ length: 20 }, chooseSeed)).size).toBeGreaterThan(1);
  });

  it("is named by the error of a failing test", async () => {
    const failing = withSeed((random) => {
      throw new Error(`drew ${random.integer(0, 0)}`);
    }, 42);
    await expect(failing).rejects.toThrow("drew 0\n(HAWSER_SEED=42 replays this run)");
  });

  it("does not change the outcome of a passing test", async () => {
    await expect(withSeed((random) => Promise.resolve(random.seed), 42)).resolves.toBe(42);
  });
});
