import { readFileSync } from "node:fs";
import { format } from "prettier";
import { expect, test } from "vitest";
import { renderDocs } from "./docs.ts";

test("docs/parity.md says what the rows say", async () => {
  const written = readFileSync(new URL("../../docs/parity.md", import.meta.url), "utf8");
  const wanted = await format(renderDocs(), { parser: "markdown", printWidth: 120 });
  expect(written === wanted, "run node e2e/parity/write-docs.mjs").toBe(true);
});
