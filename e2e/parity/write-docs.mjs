/** Writes `docs/parity.md` anew, and the last section of `docs/differences.md`, from the rows and the list of tests. */

import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { root } from "../../scripts/run.mjs";
import { Scratch } from "./scratch.mjs";

const write = async (file, text) => writeFileSync(file, await format(text, { parser: "markdown", printWidth: 120 }));

const scratch = new Scratch();
try {
  const load = (module) => import(scratch.path(`clean/e2e/parity/${module}.js`));
  const { renderDocs } = await load("docs");
  await write(`${root}docs/parity.md`, renderDocs());

  const { renderDifferences } = await load("differences-page");
  const { differenceTests } = await load("differences");
  const { topics } = await load("rows");
  const differences = `${root}docs/differences.md`;
  await write(differences, renderDifferences(readFileSync(differences, "utf8"), { topics, tests: differenceTests }));
} finally {
  scratch.remove();
}
