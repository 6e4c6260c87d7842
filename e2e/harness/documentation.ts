/**
 * What the documentation shows and links to. A fenced block of `js`, `mjs`, `cjs` or `ts` is a program, under the name that its
 * first line gives it (`// server.mjs`). HTML comments right before a block say what is special about it:
 *
 * - `<!-- continues -->`: it goes on where the block before it ended;
 * - `<!-- prints: text -->`: when it runs, one of the lines that it prints is this text;
 * - `<!-- not run: reason -->`: it compiles, and that is all;
 * - `<!-- not compiled: reason -->`: nor does it compile.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** One program, in one or more blocks. */
export interface Program {
  /** Where it stands: the document and the line of its first block. */
  readonly where: string;
  readonly document: string;
  /** The heading of the second level that it stands below. Programs of one section belong together. */
  readonly section: string;
  /** The name of its file. */
  readonly file: string;
  readonly prints: string | undefined;
  readonly notRun: string | undefined;
  readonly notCompiled: string | undefined;
  source: string;
}

/** The documents whose programs are tested, relative to the root of the repository. */
export function documents(): string[] {
  const pages = readdirSync(`${root}docs`).map((name) => `docs/${name}`);
  const packages = readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`);
  return ["README.md", ...pages, ...packages].filter((path) => path.endsWith(".md") && existsSync(root + path));
}

const PART = /^## (?<heading>.*)$|(?<comments>(?:^<!--.*-->\n\s*)*)^```(?<language>\w*)\n(?<code>[^]*?)^```$/gm;

/** The programs that a document shows, in order. */
export function programsOf(document: string): Program[] {
  const text = readFileSync(root + document, "utf8");
  const programs: Program[] = [];
  let section = "";
  for (const part of text.matchAll(PART)) {
    const { heading, comments = "", language = "", code = "" } = part.groups!;
    if (heading !== undefined) section = heading;
    if (!/^([cm]?js|ts)$/.test(language)) continue;
    const marker = (name: string): string | undefined =>
      new RegExp(`<!-- ${name}(?:: (.+?))? -->`)
        .exec(comments)
        ?.slice(1)
        .map((value) => value ?? "")[0];
    const previous = programs.at(-1);
    if (marker("continues") !== undefined && previous) {
      previous.source += code;
      continue;
    }
    const line = text.slice(0, part.index + comments.length).split("\n").length;
    const extension = language === "js" ? "mjs" : language;
    programs.push({
      where: `${document}:${line}`,
      document,
      section,
      file: marker("program") ?? /^\/\/ ([\w-]+\.\w+)\n/.exec(code)?.[1] ?? `line-${line}.${extension}`,
      prints: marker("prints"),
      notRun: marker("not run"),
      notCompiled: marker("not compiled"),
      source: code,
    });
  }
  return programs;
}

/** The anchors of a document: those of its headings, as GitHub makes them, and those that it names itself. */
function anchorsOf(text: string): Set<string> {
  const prose = text.replace(/^```[^]*?^```$/gm, "");
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .replace(/\]\(.*?\)/g, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
  const named = [...prose.matchAll(/<a id="(.*?)">/g)].map(([, id = ""]) => id);
  return new Set([...headings, ...named]);
}

/** The links of a document that lead nowhere in this repository. */
export function brokenLinksOf(document: string): string[] {
  const text = readFileSync(root + document, "utf8").replace(/^```[^]*?^```$/gm, "");
  const links = [...text.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  return links.flatMap(([link, path = "", anchor]) => {
    const target = join(root, path === "" ? document : join(dirname(document), path));
    const leads = existsSync(target) && (anchor === undefined || anchorsOf(readFileSync(target, "utf8")).has(anchor));
    return leads ? [] : [link];
  });
}
