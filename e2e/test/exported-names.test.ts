/** What TypeScript finds in the official packages it finds in ours: the names that they export, as values and as types. */

import { fileURLToPath } from "node:url";
import ts from "@typescript/typescript6";
import { beforeAll, describe, expect, test } from "vitest";

/** Not a file: where it would stand, the packages are found. */
const importer = fileURLToPath(new URL("../exported-names.ts", import.meta.url));

const PACKAGES = [
  { official: "socket.io", own: "hawser", absent: [] },
  { official: "socket.io-client", own: "hawser-client", absent: [] },
  // What a cookie of Node's client is made of is its own business.
  { official: "engine.io-client", own: "hawser-client/engine", absent: ["type Cookie"] },
] as const;

type Way = "import" | "require";

/** The declarations that a package has for an ES module or for a CommonJS one. */
function declarationsOf(name: string, way: Way): string {
  const mode = way === "import" ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS;
  const { resolvedModule } = ts.resolveModuleName(name, importer, OPTIONS, ts.sys, undefined, undefined, mode);
  return resolvedModule!.resolvedFileName;
}

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: ["node"],
};

const WAYS: readonly Way[] = ["import", "require"];
let program: ts.Program;

beforeAll(() => {
  const names = PACKAGES.flatMap(({ official, own }) => [official, own]);
  const files = names.flatMap((name) => WAYS.map((way) => declarationsOf(name, way)));
  program = ts.createProgram([...new Set(files)], OPTIONS);
});

function exportsOf(name: string, way: Way): string[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(declarationsOf(name, way))!;
  return checker.getExportsOfModule(checker.getSymbolAtLocation(file)!).flatMap((exported) => {
    const { flags } = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    return [
      ...(flags & ts.SymbolFlags.Value ? [`value ${exported.name}`] : []),
      ...(flags & ts.SymbolFlags.Type ? [`type ${exported.name}`] : []),
    ];
  });
}

describe.each(PACKAGES)("$own exports all that $official exports", ({ official, own, absent }) => {
  test.each(WAYS)("to those who %s it", (way) => {
    const exported = exportsOf(official, way);
    expect(exported).toEqual(expect.arrayContaining(["value Socket", "type Socket"]));
    const ours = new Set(exportsOf(own, way));
    expect(exported.filter((name) => !ours.has(name))).toEqual(absent);
  });
});
