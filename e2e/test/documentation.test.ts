/** Every program that the documentation shows compiles, and does what is said of it. */

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "oxc-transform";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { brokenLinksOf, documents, programsOf, type Program } from "../harness/documentation.ts";
import { withTimeout } from "../harness/waiting.ts";

/** Within e2e, so that the packages are found; hidden, so that nobody else compiles it. */
const scratch = fileURLToPath(new URL("../build/.documentation/", import.meta.url));
const preload = new URL("../harness/listen-anywhere.mjs", import.meta.url).href;
const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

/** Where a server of the documentation listens, and so where its clients connect. */
const DOCUMENTED_URL = "http://localhost:3000";

const COMPILER_OPTIONS = {
  target: "ESNext",
  lib: ["ESNext", "DOM", "DOM.Iterable"],
  types: ["node"],
  module: "nodenext",
  moduleDetection: "force",
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
};

/** What nobody writes a cast for in JavaScript: the address of a server that has a port, and a promise of nothing in particular. */
const WITHOUT_CASTS = `export {};
declare global {
  interface String { readonly port: number }
  interface PromiseConstructor {
    new (executor: (resolve: (...values: any[]) => void, reject: (reason?: any) => void) => void): Promise<any>;
  }
}
`;

const all = documents().map((document) => ({ document, programs: programsOf(document) }));

function isTypeScript(file: string): boolean {
  return file.endsWith(".ts");
}

/** Programs of one section share a folder. */
function folderOf({ document, section }: Program): string {
  return join(scratch, `${document} ${section}`.replace(/[^\w]+/g, "-"));
}

function pathOf(program: Program): string {
  return join(folderOf(program), program.file);
}

/** Writes a program into its section's folder, with what it imports from earlier sections of its document. */
function place(program: Program, earlier: readonly Program[]): void {
  const path = pathOf(program);
  expect(existsSync(path), `${program.where}: its section has a ${program.file} already`).toBe(false);
  mkdirSync(folderOf(program), { recursive: true });
  writeFileSync(path, program.source);
  for (const [, file] of program.source.matchAll(/"\.\/([\w-]+\.\w+)"/g)) {
    const imported = earlier.findLast((other) => other.file === file);
    const target = join(folderOf(program), file!);
    if (imported && !existsSync(target)) writeFileSync(target, imported.source);
  }
}

/** What the compiler has to say, line by line. */
function compile(): Promise<string[]> {
  const configure = (name: string, options: object, include: string[]): string => {
    const path = join(scratch, name);
    writeFileSync(path, JSON.stringify({ compilerOptions: { ...COMPILER_OPTIONS, ...options }, include }));
    return path;
  };
  writeFileSync(join(scratch, "without-casts.d.ts"), WITHOUT_CASTS);
  const typed = configure("tsconfig.json", { strict: true, verbatimModuleSyntax: true }, ["*/*.ts"]);
  const plain = { allowJs: true, checkJs: true, strict: false };
  const untyped = configure("javascript.json", plain, ["without-casts.d.ts", "*/*.mjs", "*/*.cjs"]);
  const args = [compiler, "--build", "--pretty", "false", typed, untyped];
  return new Promise((resolve) => {
    // It fails if it has something to say.
    execFile(process.execPath, args, { cwd: scratch }, (_error, said, complained) => {
      resolve((said + complained).split("\n"));
    });
  });
}

/** Milliseconds that it may take to compile all programs. */
const COMPILING = 240_000;

let diagnostics: string[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  for (const { programs } of all) {
    for (const [index, program] of programs.entries()) {
      if (program.notCompiled === undefined) place(program, programs.slice(0, index));
    }
  }
  diagnostics = await compile();
}, COMPILING);

afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A promise with its ends. It may be that nobody waits for it. */
class Outcome<T> {
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;
  readonly promise: Promise<T> = new Promise((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => {});
  }
}

/** A program that runs. */
interface Running {
  /** The URL of its server, once that listens. */
  readonly url: Promise<string>;
  /** It has printed the line that it was said to. */
  readonly printed: Promise<void>;
  /** It has ended by itself, and well. */
  readonly ended: Promise<void>;
}

function start(program: Program, url?: string): Running {
  const path = pathOf(program);
  const runnable = isTypeScript(path) ? `${path.slice(0, -3)}.run.mjs` : path.replace(/(\.\w+)$/, ".run$1");
  const source = isTypeScript(path) ? transformSync(basename(path), program.source).code : program.source;
  writeFileSync(runnable, url === undefined ? source : source.replaceAll(DOCUMENTED_URL, url));
  const child = spawn(process.execPath, ["--import", preload, runnable], {
    cwd: dirname(path),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { PATH: process.env["PATH"] },
  });
  children.push(child);
  let output = "";
  const listening = new Outcome<string>();
  const printing = new Outcome<void>();
  const ending = new Outcome<void>();
  const fail = (why: string): void => {
    const error = new Error(`${program.where} ${why}:\n${output}`);
    for (const { reject } of [listening, printing, ending]) reject(error);
  };
  child.on("message", (port) => listening.resolve(`http://127.0.0.1:${String(port)}`));
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (program.prints !== undefined && output.split("\n").includes(program.prints)) printing.resolve();
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    fail("complained");
  });
  child.on("close", (code) => {
    if (code === 0) ending.resolve();
    fail(`ended with ${String(code)}`);
  });
  return { url: listening.promise, printed: printing.promise, ended: ending.promise };
}

/** Runs a program, beside the server that its document shows before it if it is a client, until it has done its part. */
async function run(program: Program, programs: readonly Program[]): Promise<void> {
  const isServer = ({ source }: Program): boolean => /new Server\b|require\("hawser"\)/.test(source);
  let url: string | undefined;
  if (program.source.includes(DOCUMENTED_URL) && !isServer(program)) {
    const nearest = programs.slice(0, programs.indexOf(program)).findLast(isServer);
    expect(nearest, `${program.where} connects to a server, and there is none before it`).toBeDefined();
    url = await withTimeout(start(nearest!).url, `the server of ${program.where}`);
  }
  const running = start(program, url);
  if (program.prints !== undefined) {
    await withTimeout(running.printed, `"${program.prints}", printed by ${program.where}`);
  } else {
    await withTimeout(Promise.race([running.url, running.ended]), `${program.where} to listen or to end`);
  }
}

const shown = all.flatMap(({ programs }) => programs);
const compiled = shown.filter(({ notCompiled }) => notCompiled === undefined);
const excused = shown.filter(({ notCompiled, notRun }) => notCompiled !== undefined || notRun !== undefined);
const ran = shown.filter((program) => !excused.includes(program));

test("the documentation shows programs, and most of them run", () => {
  expect(shown.length).toBeGreaterThan(40);
  expect(ran.length).toBeGreaterThan(excused.length * 3);
});

test.each(compiled)("$where ($file) compiles", (program) => {
  const own = `${pathOf(program).slice(scratch.length)}(`;
  expect(diagnostics.filter((line) => line.startsWith(own))).toEqual([]);
});

test.each(ran)("$where ($file) runs", async (program) => {
  await run(program, all.find(({ document }) => document === program.document)!.programs);
});

test.each(excused)("$where ($file) says why it is not run", ({ notCompiled, notRun }) => {
  expect(notCompiled ?? notRun).not.toBe("");
});

test.each(documents())("the links of %s lead somewhere", (document) => {
  expect(brokenLinksOf(document)).toEqual([]);
});

test("the compiler complains of nothing but programs", () => {
  const own = shown.map((program) => `${pathOf(program).slice(scratch.length)}(`);
  const others = diagnostics.filter((line) => /\berror TS/.test(line) && !own.some((path) => line.startsWith(path)));
  expect(others).toEqual([]);
});
