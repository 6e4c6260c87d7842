/** What docs/other-languages.md says of Python: its client runs, with the versions that it tells. */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { DocumentedProgram } from "../../harness/documented-program.ts";
import { pythonPath } from "./python-client.ts";

const run = promisify(execFile);
const DOCUMENT = "docs/other-languages.md";
const page = readFileSync(new URL(`../../../${DOCUMENT}`, import.meta.url), "utf8");
const [, program = ""] = /^```python\n([^]*?)^```$/m.exec(page)!;

/** Runs a program in Python to its end, and gives the lines it printed. */
async function python(source: string): Promise<string[]> {
  const { stdout } = await run(pythonPath!, ["-c", source], { env: {}, timeout: 16_000 });
  return stdout.trim().split("\n");
}

describe.skipIf(pythonPath === undefined)("the page on other languages", () => {
  test("shows a client that works", async () => {
    await using server = await DocumentedProgram.start(DOCUMENT, "server.mjs");
    const lines = await python(program.replace("localhost:3000", `127.0.0.1:${server.port}`));
    expect(lines).toContain("3");
    expect(lines).toContainEqual(expect.stringMatching(/^I am [\w-]{20}$/));
  });

  test("names the packages, and versions no newer than those that run here", async () => {
    const told = [...page.matchAll(/^\| ([\w-]+) +\| ([\d.]+) +\|$/gm)].map(([, name, version]) => ({ name, version }));
    const packages = told.filter(({ name }) => name !== "Python").map(({ name }) => name);
    expect(packages.length).toBeGreaterThan(3);
    const versions = await python(
      `import importlib.metadata as m, sys; print(*[m.version(name) for name in ${JSON.stringify(packages)}], "%d.%d" % sys.version_info[:2])`,
    );
    const here = versions[0]!.split(" ");
    for (const [index, { version }] of told.entries()) {
      expect(version!.localeCompare(here[index]!, "en", { numeric: true })).toBeLessThanOrEqual(0);
    }
  });
});
