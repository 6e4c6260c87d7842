/** Walks every pair of a group, in one revision of the protocol. */

import { hawser, official, type Implementation } from "../implementations.ts";
import type { Row } from "../row.ts";
import { World } from "../world.ts";
import { Bench } from "./bench.ts";
import { groups, type Group } from "./groups.ts";
import { outcomeOf, type Input, type State } from "./pair.ts";

/** On how many servers pairs are walked at once. */
const BENCHES = 4;

export interface Walk {
  readonly group: Group;
  readonly revision: 3 | 4;
}

/** What came of the pairs; one that can't be is not among them. */
export type Outcomes = ReadonlyMap<State, ReadonlyMap<Input, string>>;

/** What came of a walk with either implementation. */
export interface Seen {
  readonly theirs: Outcomes;
  readonly ours: Outcomes;
}

export const walks: readonly Walk[] = groups.flatMap((group) => [
  { group, revision: 4 },
  { group, revision: 3 },
]);

const nameOf = ({ group, revision }: Walk): string => `states-${group.id}-${revision}`;

/** The pairs of a group that can be. */
export function possiblePairs({ states, inputs }: Group): { state: State; input: Input }[] {
  return states.flatMap((state) =>
    inputs.filter(({ needs }) => needs === undefined || state.has.includes(needs)).map((input) => ({ state, input })),
  );
}

async function take({ group, revision }: Walk, world: World): Promise<Outcomes> {
  const outcomes = new Map(group.states.map((state) => [state, new Map<Input, string>()]));
  const pairs = possiblePairs(group);
  const worker = async (): Promise<void> => {
    const bench = await Bench.open(world, revision);
    for (let pair = pairs.shift(); pair; pair = pairs.shift()) {
      const { state, input } = pair;
      try {
        outcomes.get(state)?.set(input, await outcomeOf(bench, state, input));
      } catch (error) {
        throw new Error(`${input.name} while "${state.name}": ${String(error)}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: BENCHES }, worker));
  return outcomes;
}

async function takeWith(walk: Walk, implementation: Implementation): Promise<Outcomes> {
  const world = new World(implementation);
  try {
    return await take(walk, world);
  } finally {
    await world.dispose();
  }
}

/** Takes a walk with both implementations. */
async function observe(walk: Walk): Promise<Seen> {
  const [theirs, ours] = await Promise.all([takeWith(walk, official), takeWith(walk, hawser)]);
  return { theirs, ours };
}

/** What came of the walk of a group in a revision. */
export type Lookup = (group: Group, revision: 3 | 4) => Seen;

/** What came of each walk; each is taken once, when it is asked for. */
export class Observations {
  readonly #seen = new Map<Walk, Promise<Seen>>();

  of(walk: Walk): Promise<Seen> {
    const seen = this.#seen.get(walk) ?? observe(walk);
    this.#seen.set(walk, seen);
    return seen;
  }

  /** Takes those that were not taken yet, one after the other. */
  async all(): Promise<Lookup> {
    const all = new Map<string, Seen>();
    for (const walk of walks) all.set(nameOf(walk), await this.of(walk));
    return (group, revision) => all.get(nameOf({ group, revision })) as Seen;
  }
}

/** The walks as rows, so that mutations can be tried on them: the transcript is what came of each pair. */
export const walkRows: readonly Row[] = walks.map((walk) => {
  const { group, revision } = walk;
  return {
    id: nameOf(walk),
    api: `${group.title}, revision ${revision}`,
    how: "As its table in docs/states.md says.",
    async run(world) {
      const outcomes = await take(walk, world);
      for (const { state, input } of possiblePairs(group)) {
        world.note(state.name, `${input.name} → ${outcomes.get(state)?.get(input)}`);
      }
    },
    mutation: group.mutations[revision],
  };
});
