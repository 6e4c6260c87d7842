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

/** Files that editors import types from, where nothing shuts them; what is absent is for Socket.IO itself. */
const FILES = [
  {
    official: "socket.io/dist/typed-events",
    own: "hawser/dist/typed-events",
    absent: ["FirstNonErrorTuple", "MultiplyArray"],
  },
  { official: "socket.io/dist/namespace", own: "hawser/dist/namespace", absent: ["RESERVED_EVENTS"] },
  { official: "socket.io/dist/parent-namespace", own: "hawser/dist/parent-namespace", absent: [] },
  { official: "socket.io/dist/socket", own: "hawser/dist/socket", absent: [] },
  {
    official: "socket.io/dist/socket-types",
    own: "hawser/dist/socket-types",
    absent: ["EventEmitterReservedEventsMap", "RESERVED_EVENTS"],
  },
  { official: "socket.io/dist/broadcast-operator", own: "hawser/dist/broadcast-operator", absent: [] },
  { official: "socket.io/dist/client", own: "hawser/dist/client", absent: [] },
  { official: "socket.io-client/build/esm/manager", own: "hawser-client/build/esm/manager", absent: [] },
  { official: "socket.io-client/build/esm/socket", own: "hawser-client/build/esm/socket", absent: [] },
] as const;

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

/** The declarations in a file that only the oldest way to find modules finds. */
function declarationsIn(file: string): string {
  const oldest = { moduleResolution: ts.ModuleResolutionKind.Node10 };
  return ts.resolveModuleName(file, importer, oldest, ts.sys).resolvedModule!.resolvedFileName;
}

const WAYS: readonly Way[] = ["import", "require"];
let program: ts.Program;

beforeAll(() => {
  const names = PACKAGES.flatMap(({ official, own }) => [official, own]);
  const files = names.flatMap((name) => WAYS.map((way) => declarationsOf(name, way)));
  files.push(...FILES.flatMap(({ official, own }) => [official, own].map(declarationsIn)));
  program = ts.createProgram([...new Set(files)], OPTIONS);
});

function exportedSymbols(declarations: string): ts.Symbol[] {
  const checker = program.getTypeChecker();
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(declarations)!)!);
}

function exportsOf(name: string, way: Way): string[] {
  const checker = program.getTypeChecker();
  return exportedSymbols(declarationsOf(name, way)).flatMap((exported) => {
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

describe.each(FILES)("$own names all that $official declares", ({ official, own, absent }) => {
  test("to those who import types from it", () => {
    const declared = exportedSymbols(declarationsIn(official)).map(({ name }) => name);
    const ours = new Set(exportedSymbols(declarationsIn(own)).map(({ name }) => name));
    expect(declared.filter((name) => !ours.has(name))).toEqual(absent);
  });

  test("and they are declared somewhere", () => {
    const checker = program.getTypeChecker();
    const found = ({ flags, declarations }: ts.Symbol): boolean => !(flags & ts.SymbolFlags.Alias) && !!declarations;
    const missing = exportedSymbols(declarationsIn(own)).filter(
      (symbol) => !found(symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
