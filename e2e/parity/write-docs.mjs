/**
 * Writes anew what the pages of `docs` say of tests: `parity.md`, from the rows; the last section of `differences.md`, from the rows and
 * the list of tests; the tables of `states.md`, from what both implementations do.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { root } from "../../scripts/run.mjs";
import { Scratch } from "./scratch.mjs";

const read = (page) => readFileSync(`${root}docs/${page}`, "utf8");
const write = async (page, text) => {
  writeFileSync(`${root}docs/${page}`, await format(text, { parser: "markdown", printWidth: 120 }));
};

const scratch = new Scratch();
try {
  const load = (module) => import(scratch.path(`clean/e2e/parity/${module}.js`));
  const { renderDocs } = await load("docs");
  await write("parity.md", renderDocs());

  const { renderDifferences } = await load("differences-page");
  const { differenceTests } = await load("differences");
  const { topics } = await load("rows");
  await write("differences.md", renderDifferences(read("differences.md"), { topics, tests: differenceTests }));

  const { renderPage } = await load("states/page");
  const { Observations } = await load("states/walk");
  await write("states.md", renderPage(read("states.md"), await new Observations().all()));
} finally {
  scratch.remove();
}
