/** Runs rows in a process of its own: `child.js official|hawser [row…]`; tells its parent of each. */

import { withTimeout } from "../harness/waiting.ts";
import { hawser, official } from "./implementations.ts";
import { runRow } from "./run-row.ts";
import { runnable } from "./rows.ts";

/** What becomes of one row. */
export interface Outcome {
  readonly id: string;
  readonly lines?: readonly string[];
  readonly error?: string;
  readonly milliseconds: number;
}

/** Milliseconds that a row may take. */
const LIMIT = 20_000;

const [side, ...ids] = process.argv.slice(2);
const implementation = side === "official" ? official : hawser;
let failed: ((error: Error) => void) | undefined;
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error: unknown) => failed?.(new Error(`${event}: ${String(error)}`, { cause: error })));
}

for (const row of runnable.filter(({ id }) => ids.length === 0 || ids.includes(id))) {
  const start = performance.now();
  const uncaught = new Promise<never>((_resolve, reject) => (failed = reject));
  let outcome: Pick<Outcome, "lines" | "error">;
  try {
    outcome = { lines: await Promise.race([withTimeout(runRow(row, implementation), "the row", LIMIT), uncaught]) };
  } catch (error) {
    outcome = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  const told: Outcome = { id: row.id, ...outcome, milliseconds: performance.now() - start };
  await new Promise((resolve) => process.send?.(told, undefined, undefined, resolve));
}
process.exit();
