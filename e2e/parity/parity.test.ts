/** Every row against Socket.IO and against hawser: an observer must not be able to tell which was which. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hawser, official } from "./implementations.ts";
import type { Difference, Row } from "./row.ts";
import { runnable, topics } from "./rows.ts";
import { runRow } from "./run-row.ts";
import { problemOf } from "./scratch.mjs";

const differences = readFileSync(new URL("../../docs/differences.md", import.meta.url), "utf8");
const rows = topics.flatMap(({ rows: of }) => of);

const isDocumented = ({ id }: Difference): boolean => differences.includes(`<a id="${id}"></a>`);

describe.each(topics)("$title", ({ rows: of }) => {
  test.each(of)("$id: $api", async (row: Row) => {
    const [theirs, ours] = [await runRow(row, official), await runRow(row, hawser)];
    const { differs } = row;
    if (differs) {
      expect.soft(theirs).toEqual(differs.official);
      expect.soft(ours).toEqual(differs.hawser);
      expect.soft(isDocumented(differs), `docs/differences.md has an entry with the anchor "${differs.id}"`).toBe(true);
    } else {
      expect(theirs).not.toEqual([]);
      expect(ours).toEqual(theirs);
    }
  });
});

test("each row has an id of its own", () => {
  const ids = rows.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("a difference that is documented is one", () => {
  for (const { differs } of rows) if (differs) expect(differs.hawser).not.toEqual(differs.official);
});

test("each mutation changes something, which stands once in its module", () => {
  for (const { id, mutation } of runnable) {
    expect.soft(mutation.find, id).not.toBe(mutation.replace);
    expect.soft(problemOf(mutation), id).toBeUndefined();
  }
});
