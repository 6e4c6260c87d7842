/** Writes the tables of `docs/states.md`. */

import { entryOf } from "./agreement.ts";
import { groups, type Group } from "./groups.ts";
import type { Input } from "./pair.ts";
import type { Lookup, Seen } from "./walk.ts";

/** Between these the page is generated. */
const START = "<!-- The tables: node e2e/parity/write-docs.mjs -->";
const END = "<!-- The end of the tables -->";

/** The kinds of inputs whose names begin alike; in a row of several the beginning stands once. */
const KINDS = ["POST ", "frame "];

/** Stands for a pair that can't be. */
const IMPOSSIBLE = "–";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** What came of an input in each state of a group. */
function outcomesOf(group: Group, { theirs, ours }: Seen, input: Input): string[] {
  return group.states.map((state) => {
    const [one, other] = [theirs.get(state)?.get(input), ours.get(state)?.get(input)];
    if (one === undefined || other === undefined) return IMPOSSIBLE;
    if (one === other) return one;
    const id = entryOf(group, { state, input }) ?? "unexplained";
    return `Socket.IO: ${one}<br>hawser: ${other} ([why](differences.md#${id}))`;
  });
}

/** Names that share a row. */
function label(names: readonly string[]): string {
  const kind = KINDS.find((beginning) => names.every((name) => name.startsWith(beginning))) ?? "";
  return kind + names.map((name) => name.slice(kind.length)).join(", ");
}

/** A table of inputs; those of one kind of which the same came share a row. */
function table(group: Group, seen: Seen, inputs: readonly Input[]): string {
  const rows = new Map<string, { names: string[]; outcomes: string[] }>();
  for (const input of inputs) {
    const outcomes = outcomesOf(group, seen, input);
    if (outcomes.every((outcome) => outcome === IMPOSSIBLE)) continue;
    const kind = KINDS.find((beginning) => input.name.startsWith(beginning)) ?? "";
    const key = JSON.stringify([kind, outcomes]);
    const row = rows.get(key) ?? { names: [], outcomes };
    rows.set(key, row);
    row.names.push(input.name);
  }
  const head = ["", ...group.states.map(({ name }) => name)];
  const lines = [...rows.values()].map(({ names, outcomes }) => [label(names), ...outcomes]);
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
}

/** The tables of a group: that of revision 4, and of revision 3 what is not the same. */
function section(group: Group, seen4: Seen, seen3: Seen): string {
  const others = group.inputs.filter(
    (input) => String(outcomesOf(group, seen4, input)) !== String(outcomesOf(group, seen3, input)),
  );
  const older =
    others.length === 0 ? "In revision 3 it is the same." : `In revision 3:\n\n${table(group, seen3, others)}`;
  return `## ${group.title}\n\n${table(group, seen4, group.inputs)}\n\n${older}\n`;
}

/**
 * The page with its tables made anew, before it is formatted.
 *
 * @param page - as it is
 * @param seen - what came of each walk
 * @throws Error if the page has no place for them
 */
export function renderPage(page: string, seen: Lookup): string {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start === -1 || end === -1) throw new Error("docs/states.md has no place for the tables");
  const sections = groups.map((group) => section(group, seen(group, 4), seen(group, 3)));
  return `${page.slice(0, start)}${START}\n\n${sections.join("\n")}\n${page.slice(end)}`;
}
