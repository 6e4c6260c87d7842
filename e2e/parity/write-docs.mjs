/** Writes `docs/parity.md` anew, from the rows, and the tables of `docs/states.md`, from what both implementations do. */

import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { root } from "../../scripts/run.mjs";
import { Scratch } from "./scratch.mjs";

const write = async (page, text) => {
  writeFileSync(`${root}docs/${page}`, await format(text, { parser: "markdown", printWidth: 120 }));
};

const scratch = new Scratch();
try {
  const load = (module) => import(scratch.path(`clean/e2e/parity/${module}`));
  const { renderDocs } = await load("docs.js");
  await write("parity.md", renderDocs());

  const { renderPage } = await load("states/page.js");
  const { Observations } = await load("states/walk.js");
  const page = readFileSync(`${root}docs/states.md`, "utf8");
  await write("states.md", renderPage(page, await new Observations().all()));
} finally {
  scratch.remove();
}
