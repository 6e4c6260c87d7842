/** Writes `docs/parity.md` from the rows. */

import { missing } from "./missing.ts";
import { topics } from "./rows.ts";

const HEAD = `# Parity with Socket.IO

What of Socket.IO 4.8's API hawser does, and how. Each row is a test: its scenario is run against the official packages and against
hawser, and what an observer notes of either (events, arguments, order, reasons, statuses, bytes) must be equal. Where hawser differs
on purpose the row names an entry of [differences.md](differences.md), and both notes must be as the row says. To see that a row can
fail, \`pnpm test:parity --mutate\` breaks a copy of hawser once for each. What a server does with each input in each state of a session is
compared in the same way, in [states.md](states.md).

This page is made by \`node e2e/parity/write-docs.mjs\`; change the rows in \`e2e/parity/rows\` instead.
`;

const cell = (text: string): string => text.replaceAll("|", "\\|");
const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");

/** The page, before it is formatted. */
export function renderDocs(): string {
  const sections = topics.map(({ title, file, rows }) => {
    const lines = rows.map(({ id, api, how, differs }) => [
      api,
      differs ? `${how} [Differs](differences.md#${differs.id}).` : how,
      `\`${id}\``,
    ]);
    return `## ${title}\n\nIn \`e2e/parity/${file}\`.\n\n${table(["API", "how hawser does it", "row"], lines)}\n`;
  });
  const uncovered = table(
    ["API", "why"],
    missing.map(({ api, why }) => [api, why]),
  );
  return [HEAD, ...sections, `## Not covered\n\n${uncovered}\n`].join("\n");
}
