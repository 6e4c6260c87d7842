/** Writes `docs/parity.md` anew, from the rows. */

import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { root } from "../../scripts/run.mjs";
import { Scratch } from "./scratch.mjs";

const scratch = new Scratch();
try {
  const { renderDocs } = await import(scratch.path("clean/e2e/parity/docs.js"));
  writeFileSync(`${root}docs/parity.md`, await format(renderDocs(), { parser: "markdown", printWidth: 120 }));
} finally {
  scratch.remove();
}
