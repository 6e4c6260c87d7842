/** Which pairs differ, and by which entry of `docs/differences.md`. */

import type { Group, PairDifference } from "./groups.ts";
import type { Input, State } from "./pair.ts";
import { possiblePairs, type Seen } from "./walk.ts";

/** What came of one pair, with either implementation. */
interface Pair {
  readonly state: State;
  readonly input: Input;
  readonly theirs: string;
  readonly ours: string;
}

const covers = ({ states, inputs }: PairDifference, { state, input }: Pick<Pair, "state" | "input">): boolean =>
  (states === undefined || states.includes(state.name)) && inputs.includes(input.name);

/** The anchor of the entry that says why a pair differs. */
export function entryOf({ differences }: Group, pair: Pick<Pair, "state" | "input">): string | undefined {
  return differences.find((difference) => covers(difference, pair))?.id;
}

/** What came of all pairs of a walk. */
function pairsOf(group: Group, { theirs, ours }: Seen): Pair[] {
  return possiblePairs(group).map(({ state, input }) => ({
    state,
    input,
    theirs: theirs.get(state)?.get(input) ?? "not walked",
    ours: ours.get(state)?.get(input) ?? "not walked either",
  }));
}

/** Pairs that differ, though no entry says so. */
export function unexplained(group: Group, seen: Seen): string[] {
  return pairsOf(group, seen)
    .filter((pair) => pair.theirs !== pair.ours && entryOf(group, pair) === undefined)
    .map((pair) => `${nameOf(pair)}\n  Socket.IO: ${pair.theirs}\n  hawser: ${pair.ours}`);
}

/** Pairs that are said to differ, and don't in any of the revisions in which they were walked. */
export function unfounded(group: Group, all: readonly Seen[]): string[] {
  const differing = new Set(
    all.flatMap((seen) => pairsOf(group, seen).filter(({ theirs, ours }) => theirs !== ours)).map(nameOf),
  );
  return possiblePairs(group)
    .filter((pair) => entryOf(group, pair) !== undefined && !differing.has(nameOf(pair)))
    .map(nameOf);
}

const nameOf = ({ state, input }: Pick<Pair, "state" | "input">): string => `${input.name} while "${state.name}"`;
