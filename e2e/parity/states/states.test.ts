/** Every input in every state, against Socket.IO and against hawser: the same comes of it, or a documented difference. */

import { readFileSync } from "node:fs";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { unexplained, unfounded } from "./agreement.ts";
import { groups } from "./groups.ts";
import { renderPage } from "./page.ts";
import { Observations, walks, type Walk } from "./walk.ts";

/** For all walks, in milliseconds. */
const LIMIT = 120_000;

const docs = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
const observations = new Observations();

describe.each(walks)("$group.title, revision $revision", (walk: Walk) => {
  test(
    "hawser does what Socket.IO does, or differs by an entry of differences.md",
    async () => {
      expect(unexplained(walk.group, await observations.of(walk))).toEqual([]);
    },
    LIMIT,
  );
});

describe.each(groups)("$title: the differences", (group) => {
  test(
    "are all there",
    async () => {
      const all = await Promise.all(walks.filter((walk) => walk.group === group).map((walk) => observations.of(walk)));
      expect(unfounded(group, all)).toEqual([]);
    },
    LIMIT,
  );

  test.each(group.differences)("are documented: $id", ({ id }) => {
    expect(docs("differences.md")).toContain(`<a id="${id}"></a>`);
  });
});

test(
  "docs/states.md says what was seen",
  async () => {
    const written = docs("states.md");
    const rendered = renderPage(written, await observations.all());
    const wanted = await format(rendered, { parser: "markdown", printWidth: 120 });
    expect(written === wanted, "run node e2e/parity/write-docs.mjs").toBe(true);
  },
  LIMIT,
);
