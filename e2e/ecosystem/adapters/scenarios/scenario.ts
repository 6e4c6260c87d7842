import type { World } from "../world.ts";

/** One piece of what an adapter is for. Where not said otherwise, it begins `here`. */
export interface Scenario {
  readonly name: string;
  run(world: World): Promise<void>;
  /** Whether it is true only where it begins at a server of hawser: a row of `docs/differences.md` says why. */
  readonly beginsAtHawser?: boolean;
}

export const scenario = (name: string, run: Scenario["run"]): Scenario => ({ name, run });

/** What hawser's servers do and those of Socket.IO do not. */
export const scenarioOfHawser = (name: string, run: Scenario["run"]): Scenario => ({ name, run, beginsAtHawser: true });
