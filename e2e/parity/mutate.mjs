/** Breaks a copy of hawser once for each row, and demands that the row notices: a row that can't turn red proves nothing. */

import { availableParallelism } from "node:os";
import { runInChild } from "./children.mjs";
import { Scratch } from "./scratch.mjs";

/** At most so many copies run at once. */
const WORKERS = Math.min(2, availableParallelism());
/** Milliseconds that a row may take as it is. */
const LIMIT = 15_000;
/** Milliseconds that a broken row gets beyond several times what it takes as it is. */
const GRACE = 3_000;

/**
 * @param {string} filter which rows, by a part of their ids
 * @returns {Promise<boolean>} whether each row noticed its mutation
 */
export async function mutateRows(filter) {
  const scratch = new Scratch();
  try {
    const { runnable } = await import(scratch.path("clean/e2e/parity/rows.js"));
    const rows = runnable.filter(({ id }) => id.includes(filter));
    const clean = await runInChild(
      scratch.path("clean"),
      "hawser",
      rows.map(({ id }) => id),
      LIMIT,
    );
    const queue = [...rows];
    const problems = [];
    const worker = async () => {
      for (let row = queue.shift(); row; row = queue.shift()) {
        const problem = await judge(scratch, row, clean.get(row.id));
        if (problem) problems.push(`${row.id}: ${problem}`);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
    for (const problem of problems.sort()) console.error(problem);
    console.log(`${rows.length - problems.length} mutations were noticed, ${problems.length} were not`);
    return problems.length === 0 && rows.length > 0;
  } finally {
    scratch.remove();
  }
}

/** Says what is wrong with a row; nothing if it noticed its mutation. */
async function judge(scratch, { id, mutation }, clean) {
  const { problem, folder, remove } = scratch.variant(mutation);
  if (problem) return `the mutation does not apply: ${problem}`;
  try {
    if (!clean?.lines) return "the row fails without any mutation";
    const limit = GRACE + 5 * clean.milliseconds;
    const outcome = (await runInChild(folder, "hawser", [id], limit)).get(id);
    const noticed = !outcome?.lines || outcome.lines.join("\n") !== clean.lines.join("\n");
    return noticed ? undefined : "the mutation was not noticed";
  } finally {
    remove();
  }
}
