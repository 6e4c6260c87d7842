import { expect, it } from "vitest";
import { generateId } from "../../src/engine/ids.ts";

it("ids are 20 URL-safe characters, and no two are alike", () => {
  const ids = Array.from({ length: 20_000 }, generateId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[\w-]{20}$/.test(id))).toEqual([]);
});

it("the first 16 characters are random: each takes every value, about equally often", () => {
  const count = 12_800;
  const tallies = Array.from({ length: 16 }, () => new Map<string, number>());
  for (let index = 0; index < count; index++) {
    const id = generateId();
    tallies.forEach((tally, place) => tally.set(id.charAt(place), (tally.get(id.charAt(place)) ?? 0) + 1));
  }
  const expected = count / 64;
  for (const tally of tallies) {
    expect(tally.size).toBe(64);
    // Ten standard deviations: a fair generator never gets there.
    const extreme = [...tally.values()].filter((times) => Math.abs(times - expected) > 10 * Math.sqrt(expected));
    expect(extreme).toEqual([]);
  }
});
