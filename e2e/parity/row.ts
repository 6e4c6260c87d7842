/** What the proof of parity is made of: one row for each piece of behaviour that Socket.IO's users can see. */

import type { World } from "./world.ts";

/** The built modules that a mutation may change, by the names that users import them by. */
export type MutableModule =
  | "hawser"
  | "hawser/engine"
  | "hawser-client"
  | "hawser-client/engine"
  | "@hawser/core"
  | "@hawser/parser"
  | "@hawser/adapter";

/** A change of a built module that breaks what a row is about: the row must notice. */
export interface Mutation {
  readonly module: MutableModule;
  /** Stands exactly once in the module. */
  readonly find: string;
  readonly replace: string;
}

/** A behaviour in which hawser differs on purpose. */
export interface Difference {
  /** The anchor of the entry in `docs/differences.md`. */
  readonly id: string;
  /** What Socket.IO's transcript is. */
  readonly official: readonly string[];
  /** What hawser's transcript is. */
  readonly hawser: readonly string[];
}

export interface Row {
  readonly id: string;
  /** What it covers, by the name that Socket.IO's documentation gives it. */
  readonly api: string;
  /** How hawser does it, in one sentence. */
  readonly how: string;
  /** Notes what an observer sees. It is run against either implementation, and does not learn which. */
  run(world: World): Promise<void>;
  readonly mutation: Mutation;
  /** Where the transcripts are not to be equal. */
  readonly differs?: Difference;
}

/** The rows of one part of the API, which share a file. */
export interface Topic {
  readonly title: string;
  readonly rows: readonly Row[];
}

const inModule =
  (module: MutableModule) =>
  (find: string, replace: string): Mutation => ({ module, find, replace });

export const inServer: (find: string, replace: string) => Mutation = inModule("hawser");
export const inEngine: (find: string, replace: string) => Mutation = inModule("hawser/engine");
export const inClient: (find: string, replace: string) => Mutation = inModule("hawser-client");
export const inEngineClient: (find: string, replace: string) => Mutation = inModule("hawser-client/engine");
export const inCore: (find: string, replace: string) => Mutation = inModule("@hawser/core");
export const inParser: (find: string, replace: string) => Mutation = inModule("@hawser/parser");
export const inAdapter: (find: string, replace: string) => Mutation = inModule("@hawser/adapter");
