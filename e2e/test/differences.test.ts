import { existsSync, readFileSync } from "node:fs";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { differencesOf, problemsOf, renderDifferences, type Sources } from "../parity/differences-page.ts";
import { differenceTests } from "../parity/differences.ts";
import { topics } from "../parity/rows.ts";

const at = (file: string): URL => new URL(`../../${file}`, import.meta.url);
const read = (file: string): string | undefined => (existsSync(at(file)) ? readFileSync(at(file), "utf8") : undefined);
const page = read("docs/differences.md") ?? "";
const sources: Sources = { topics, tests: differenceTests, read };

describe("docs/differences.md", () => {
  test("gives every difference a reason, and a row or test that shows it", () => {
    expect(differencesOf(page).length).toBeGreaterThan(80);
    expect(problemsOf(page, sources)).toEqual([]);
  });

  test("says where each is tested", async () => {
    const wanted = await format(renderDifferences(page, sources), { parser: "markdown", printWidth: 120 });
    expect(page === wanted, "run node e2e/parity/write-docs.mjs").toBe(true);
  });
});

describe("a page of differences is wrong", () => {
  const small = (...rows: string[]): string =>
    ["| what | Socket.IO | hawser | why |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
  const sound = '| <a id="one"></a>one | a \\| b | c | d |';
  const shown = { id: "one", file: "one.test.ts", test: "is shown" };
  const text = 'it("is shown", () => {});';
  const problems = (written: string, tests = [shown], source: string | undefined = text): string[] =>
    problemsOf(written, { topics: [], tests, read: () => source });

  test("not if all is there", () => {
    expect(problems(small(sound))).toEqual([]);
  });

  test.each([
    ["a reason is missing", small('| <a id="one"></a>one | a | b |')],
    ["a reason is empty", small('| <a id="one"></a>one | a | b | |')],
    ["a table has no reasons", small(sound).replace("| why |", "| |")],
    ["a row has no anchor", small(sound, "| two | a | b | c |")],
    ["an anchor stands twice", small(sound, sound)],
    ["nothing shows a difference", small(sound, '| <a id="two"></a>two | a | b | c |')],
    ["what is shown is not there", small()],
  ])("if %s", (_what, written) => {
    expect(problems(written)).not.toEqual([]);
  });

  test.each([
    ["is not there", undefined],
    ["only speaks of the test", '// "is shown"'],
    ["has another title", 'it("is shown again", () => {});'],
    ["has the title twice", text + text],
  ])("if the file of a test %s", (_what, source) => {
    expect(problemsOf(small(sound), { topics: [], tests: [shown], read: () => source })).toEqual([
      "one: not once in one.test.ts: is shown",
    ]);
  });
});
