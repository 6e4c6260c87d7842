/** The page `docs/differences.md`: what it says, what is missing there, and its last section, which is made of the rows and tests. */

import type { DifferenceTest } from "./differences.ts";
import type { Topic } from "./row.ts";

const COLUMNS = ["what", "Socket.IO", "hawser", "why"];
const TESTED = "## Where each is tested";

/** One row of one of its tables. */
interface Entry {
  /** Its anchor. */
  readonly id: string | undefined;
  readonly cells: readonly string[];
}

/** Where a difference is shown. */
interface Proof {
  readonly id: string;
  readonly file: string;
  /** The row or test, as the page names it. */
  readonly name: string;
}

/** What the page is compared with. */
export interface Sources {
  /** The rows of the comparison with Socket.IO. */
  readonly topics: readonly (Topic & { readonly file: string })[];
  readonly tests: readonly DifferenceTest[];
  /** @returns the text of a file, or `undefined` if there is none */
  read(file: string): string | undefined;
}

const cellsOf = (line: string): string[] =>
  line
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** What was written by hand: all but the last section. */
const writtenIn = (page: string): string => page.split(`\n${TESTED}\n`)[0]!.trimEnd();

function tablesOf(page: string): { head: string[]; entries: Entry[] }[] {
  return (writtenIn(page).match(/^\|.*\n\|[ :|-]+\n(?:\|.*(?:\n|$))+/gm) ?? []).map((table) => {
    const [head, , ...lines] = table.trim().split("\n").map(cellsOf);
    return { head: head!, entries: lines.map((cells) => ({ id: /^<a id="([^"]+)">/.exec(cells[0]!)?.[1], cells })) };
  });
}

/** @returns the anchors of the page, in order */
export const differencesOf = (page: string): string[] =>
  tablesOf(page).flatMap(({ entries }) => entries.flatMap(({ id }) => id ?? []));

const escaped = (text: string): string => text.replace(/[\\`*_<[|]/g, "\\$&");

function proofsOf({ topics, tests }: Sources): Proof[] {
  const rows = topics.flatMap(({ file, rows }) =>
    rows.flatMap(({ id, differs }) =>
      differs ? [{ id: differs.id, file: `e2e/parity/${file}`, name: `row \`${id}\`` }] : [],
    ),
  );
  return [...rows, ...tests.map(({ id, file, test }) => ({ id, file, name: `"${escaped(test)}"` }))];
}

/** Whether a title stands in a file just once, as that of a test or of one of its cases: whoever looks for it finds one thing. */
function isTitleIn(text: string, title: string): boolean {
  const quoted = JSON.stringify(title).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.match(new RegExp(`(?:[([]|\\bname:)\\s*${quoted},`, "g"))?.length === 1;
}

/** What is wrong with the page, one by one: missing columns and reasons, differences that nothing shows, tests that are not there. */
export function problemsOf(page: string, sources: Sources): string[] {
  const problems: string[] = [];
  for (const { head, entries } of tablesOf(page)) {
    if (head.join() !== COLUMNS.join()) problems.push(`a table has the columns ${head.join(", ")}`);
    for (const { id, cells } of entries) {
      if (id === undefined) problems.push(`no anchor: ${cells[0]}`);
      if (cells.length !== COLUMNS.length || cells.includes("")) problems.push(`${id}: a cell is empty or missing`);
    }
  }
  const ids = differencesOf(page);
  const proofs = proofsOf(sources);
  for (const id of ids) {
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`${id}: its anchor stands twice`);
    if (!proofs.some((proof) => proof.id === id)) problems.push(`${id}: no row and no test shows it`);
  }
  for (const { id, file, name } of proofs) {
    if (!ids.includes(id)) problems.push(`${id} is no anchor of the page: ${file}, ${name}`);
  }
  for (const { id, file, test } of sources.tests) {
    if (!isTitleIn(sources.read(file) ?? "", test)) problems.push(`${id}: not once in ${file}: ${test}`);
  }
  return problems;
}

/** The page with its last section made anew, before it is formatted. */
export function renderDifferences(page: string, sources: Sources): string {
  const proofs = proofsOf(sources);
  const lines = differencesOf(page).map((id) => {
    const own = proofs.filter((proof) => proof.id === id);
    const files = [...new Set(own.map(({ file }) => file))].map((file) => {
      const names = own.filter((proof) => proof.file === file).map(({ name }) => name);
      return `\`${file}\`: ${names.join(", ")}`;
    });
    return `| [${id}](#${id}) | ${files.join("; ")} |`;
  });
  return `${writtenIn(page)}

${TESTED}

A row is run against Socket.IO and against hawser, and says what either does; the others are tests of hawser. This section is made by
\`node e2e/parity/write-docs.mjs\` of the rows and of \`e2e/parity/differences.ts\`.

| difference | where |
| --- | --- |
${lines.join("\n")}
`;
}
