import { readFileSync, readdirSync } from "node:fs";
import { ADAPTER_FAILURES } from "@hawser/adapter";
import { describe, expect, it } from "vitest";
import { FAILURES } from "../src/codes.ts";
import { VIOLATIONS } from "../src/violations.ts";

const root = new URL("../../../", import.meta.url);
const allFailures = { ...FAILURES, ...ADAPTER_FAILURES };
const codes = [...Object.keys(VIOLATIONS), ...Object.keys(allFailures)];

/** The sources of all packages, but for the registries themselves. */
function sources(): string {
  return readdirSync(new URL("packages", root))
    .flatMap((name) =>
      readdirSync(new URL(`packages/${name}/src`, root), { recursive: true }).map(
        (file) => `packages/${name}/src/${file as string}`,
      ),
    )
    .filter((file) => file.endsWith(".ts") && !/\/(codes|protocol-error)\.ts$/.test(file))
    .map((file) => readFileSync(new URL(file, root), "utf8"))
    .join("\n");
}

describe("the codes", () => {
  const page = readFileSync(new URL("docs/protocol.md", root), "utf8");

  it("are those that docs/protocol.md lists: first what peers do wrong, then what applications meet", () => {
    const section = page.slice(page.indexOf("\n## Codes\n"));
    const [violations = "", failures = ""] = section.split("\n### Failures\n");
    const listed = (part: string): string[] =>
      Array.from(part.matchAll(/^\| `(ERR_\w+)`/gm), ([, code]) => code as string);
    expect(listed(violations).sort()).toEqual(Object.keys(VIOLATIONS).sort());
    expect(listed(failures).sort()).toEqual(Object.keys(allFailures).sort());
  });

  it("that docs/protocol.md mentions exist", () => {
    expect([...new Set(page.match(/\bERR_\w+/g))].filter((code) => !codes.includes(code))).toEqual([]);
  });

  it("come with a message each, and no two with the same", () => {
    const messages = [...Object.values(VIOLATIONS), ...Object.values(allFailures)];
    expect(messages.every((message) => message.length > 0)).toBe(true);
    // A reserved name may be used by either end, and is called the same.
    expect(new Set(messages).size).toBe(messages.length - 1);
  });

  const text = sources();

  it.each(codes)("are used: %s", (code) => {
    expect(text.includes(`"${code}"`)).toBe(true);
  });
});
