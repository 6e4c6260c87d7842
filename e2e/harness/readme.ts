/** The programs that README.md shows: fenced blocks that follow a comment with the file's name. */

import { readFileSync } from "node:fs";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/**
 * A program as the README has it.
 *
 * @param file - its name, as in `<!-- program: server.mjs -->`
 * @throws Error if the README does not have it
 */
export function programOfReadme(file: string): string {
  const marker = `<!-- program: ${file} -->`;
  const [, afterMarker] = readme.split(marker);
  const block = afterMarker?.match(/^\s*```\w+\n(.*?)^```$/ms)?.[1];
  if (block === undefined) throw new Error(`README.md has no fenced block right after "${marker}"`);
  return block;
}

/** The same program with `require()` in place of `import`; it need not be pretty. */
export function toCommonJs(program: string): string {
  return program
    .replace(/^import \{(.*?)\} from (".*?");$/gm, (_, names: string, from: string) => {
      return `const {${names.replaceAll(" as ", ": ")}} = require(${from});`;
    })
    .replace(/^import (?:\* as )?(\w+) from (".*?");$/gm, "const $1 = require($2);");
}
