/**
 * Migration as a new user tries it: applications written for Socket.IO run untouched once its two names mean hawser, and bring
 * the same, line by line.
 */

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../scripts/run.mjs";

const run = promisify(execFile);

/** What the two names stand for, by package folder. */
const MEANINGS = {
  official: { "socket.io": "e2e/node_modules/socket.io", "socket.io-client": "e2e/node_modules/socket.io-client" },
  hawser: { "socket.io": "packages/server", "socket.io-client": "packages/client" },
};
type Meaning = keyof typeof MEANINGS;

/** What else the applications use. */
const OTHERS = {
  express: "e2e/node_modules/express",
  "express-session": "e2e/node_modules/express-session",
  passport: "e2e/node_modules/passport",
  "passport-local": "e2e/node_modules/passport-local",
  "@types/node": "node_modules/@types/node",
};

/** As strict as users are, and stricter: the packages' own declarations are checked as well. */
const TSCONFIG = {
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2023"],
    types: ["node"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    allowJs: true,
    rewriteRelativeImportExtensions: true,
    noEmitOnError: true,
    rootDir: ".",
    outDir: "compiled",
  },
  include: ["game", "transcript.mjs"],
};

/** Milliseconds that a program or the compiler may take. */
const PATIENCE = 50_000;

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "hawser-migration-"));
  for (const [meaning, packages] of Object.entries(MEANINGS)) {
    const folder = join(scratch, meaning);
    await cp(join(root, "e2e/migration"), folder, { recursive: true });
    await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
    for (const [name, source] of Object.entries({ ...packages, ...OTHERS })) {
      const link = join(folder, "node_modules", name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(await realpath(join(root, source)), link, "junction");
    }
  }
});

afterAll(async () => {
  if (scratch) await rm(scratch, { recursive: true });
});

/** Runs an application to its end and gives the lines it printed. */
async function transcript(meaning: Meaning, program: string): Promise<string[]> {
  const { stdout } = await run(process.execPath, [program], { cwd: join(scratch, meaning), timeout: PATIENCE });
  return stdout.trim().split("\n");
}

/** Compiles the TypeScript application and gives the compiler's complaints. */
async function compile(meaning: Meaning): Promise<string> {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  try {
    return (await run(process.execPath, [compiler], { cwd: join(scratch, meaning), timeout: PATIENCE })).stdout;
  } catch (error) {
    return (error as { stdout?: string }).stdout || String(error);
  }
}

/**
 * @param expected - what hawser brings where it differs on purpose; told what Socket.IO brought
 */
async function expectEqualTranscripts(
  program: string,
  lastLine: RegExp,
  expected = (official: string[]): string[] => official,
): Promise<void> {
  const official = await transcript("official", program);
  // A program that waits for what never comes ends early, and silently.
  expect(official.at(-1)).toMatch(lastLine);
  expect(await transcript("hawser", program)).toEqual(expected(official));
}

test("the names mean the official packages in one folder and hawser in the other", async () => {
  for (const [meaning, names] of [
    ["official", ["socket.io", "socket.io-client"]],
    ["hawser", ["hawser", "hawser-client"]],
  ] as const) {
    const { resolve } = createRequire(join(scratch, meaning, "package.json"));
    const manifests = ["socket.io/package.json", "socket.io-client/package.json"].map((file) => resolve(file));
    const found = await Promise.all(manifests.map(async (file) => JSON.parse(await readFile(file, "utf8")).name));
    expect(found).toEqual(names);
  }
});

test("a chat in CommonJS: rooms, typing, receipts of a broadcast, pictures", async () => {
  await expectEqualTranscripts("chat/driver.cjs", /^ {2}\["<ann>","<bob>"\] \{"connected":2\}$/);
});

test("private messages: refusals with data, sessions, and what was missed during a cut", async () => {
  await expectEqualTranscripts("private-messages/driver.mjs", /^ {2}disconnect io client disconnect/);
});

test("a game in TypeScript, with positional type parameters: checked by the compiler, compiled, played", async () => {
  expect(await compile("official")).toBe("");
  expect(await compile("hawser")).toBe("");
  await expectEqualTranscripts("compiled/game/driver.js", /^ {2}disconnect transport close$/);
});

test("accounts: Express 5 with express-session and passport, in middlewares of the engine and of a namespace", async () => {
  // Socket.IO's response to an upgrade is not one on which express-session could answer: that counts as a failure.
  const answered = (official: string[]): string[] =>
    official
      .filter((line) => line !== "  connection_error 3 Bad request")
      .map((line) => line.replace("Unexpected server response: 400", "Unexpected server response: 401"));
  await expectEqualTranscripts("accounts/driver.mjs", /^ {2}connect_error websocket error/, answered);
});
