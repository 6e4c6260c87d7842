/** Runs the rows whose ids contain a text, against both implementations, and prints what differs. */

import { runInChild } from "./children.mjs";
import { Scratch } from "./scratch.mjs";

const LIMIT = 15_000;

/**
 * @param {string} filter
 * @param {boolean} verbose whether to print the transcripts that are equal too
 */
export async function showRows(filter, verbose) {
  const scratch = new Scratch();
  try {
    const { runnable } = await import(scratch.path("clean/e2e/parity/rows.js"));
    const rows = runnable.filter(({ id }) => id.includes(filter));
    const ids = rows.map(({ id }) => id);
    const clean = scratch.path("clean");
    const [official, hawser] = await Promise.all([
      runInChild(clean, "official", ids, LIMIT, false),
      runInChild(clean, "hawser", ids, LIMIT, false),
    ]);
    let different = 0;
    for (const { id, differs } of rows) {
      const [one, other] = [official, hawser].map((outcomes) => textOf(outcomes.get(id)));
      const [wanted, wantedOther] = differs ? [differs.official.join("\n"), differs.hawser.join("\n")] : [one, one];
      if (one !== wanted || other !== wantedOther || one.startsWith("!")) {
        different++;
        console.log(`── ${id}\n${sideBySide(one, other)}\n`);
      } else if (verbose) {
        console.log(`── ${id} (${Math.round(hawser.get(id).milliseconds)} ms)\n${one}\n`);
      }
    }
    console.log(`${rows.length} rows, ${different} differ`);
  } finally {
    scratch.remove();
  }
}

function textOf(outcome) {
  if (!outcome) return "! it hung, or ended the process";
  return outcome.error ? `! ${outcome.error.split("\n").slice(0, 6).join("\n  ")}` : outcome.lines.join("\n");
}

function sideBySide(official, hawser) {
  const [ours, theirs] = [new Set(hawser.split("\n")), new Set(official.split("\n"))];
  return [
    "  Socket.IO:",
    ...official.split("\n").map((line) => `  ${ours.has(line) ? " " : "-"} ${line}`),
    "  hawser:",
    ...hawser.split("\n").map((line) => `  ${theirs.has(line) ? " " : "+"} ${line}`),
  ].join("\n");
}
