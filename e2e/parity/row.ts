/** What the proof of parity is made of: one row for each piece of behaviour that Socket.IO's users can see. */

import type { World } from "./world.ts";

/** The packages whose built modules a mutation may change. */
export type MutablePackage = "hawser" | "hawser-client" | "@hawser/core" | "@hawser/parser" | "@hawser/adapter";

/** A change of a built module that breaks what a row is about: the row must notice. */
export interface Mutation {
  readonly package: MutablePackage;
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

const inPackage =
  (name: MutablePackage) =>
  (find: string, replace: string): Mutation => ({ package: name, find, replace });

export const inServer: (find: string, replace: string) => Mutation = inPackage("hawser");
export const inClient: (find: string, replace: string) => Mutation = inPackage("hawser-client");
export const inCore: (find: string, replace: string) => Mutation = inPackage("@hawser/core");
export const inParser: (find: string, replace: string) => Mutation = inPackage("@hawser/parser");
export const inAdapter: (find: string, replace: string) => Mutation = inPackage("@hawser/adapter");
