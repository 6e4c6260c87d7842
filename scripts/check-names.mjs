/**
 * Finds the names that the minified bundles shorten although applications or peers know them: whatever can be reached from
 * the client's declarations without passing a member that is `private` or `@internal`, and the keys of packets.
 */

import { realpathSync } from "node:fs";
import ts from "@typescript/typescript6";
import { root } from "./run.mjs";
import { SHORTENED } from "./shortened-names.mjs";

const ENTRY = `${root}packages/client/dist/esm/index.d.ts`;

/** What a server reads, or a client from it. */
const WIRE =
  "type nsp data id attachments _placeholder num sid pid offset upgrades pingInterval pingTimeout maxPayload message EIO transport";

/** @returns {Set<string>} the names of everything that applications can get hold of */
function publicNames() {
  const NodeNext = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  const program = ts.createProgram([ENTRY], { ...NodeNext, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] });
  const checker = program.getTypeChecker();
  const names = new Set();
  const seen = new Set();

  function visitSymbol(symbol) {
    if (seen.has(symbol)) return;
    seen.add(symbol);
    if (symbol.flags & ts.SymbolFlags.Alias) return visitSymbol(checker.getAliasedSymbol(symbol));
    symbol.declarations?.filter(isOurs).forEach(visit);
  }

  function visit(node) {
    if (ts.isClassElement(node) || ts.isTypeElement(node)) {
      if (isHidden(node)) return;
      if (node.name) names.add(node.name.getText());
    }
    // An interface of the inside, as a rule; what the class does for it stands in the class.
    if (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword) return;
    const symbol = ts.isIdentifier(node) && checker.getSymbolAtLocation(node);
    if (symbol) visitSymbol(symbol);
    ts.forEachChild(node, visit);
  }

  const module = checker.getSymbolAtLocation(program.getSourceFile(ENTRY));
  for (const symbol of checker.getExportsOfModule(module)) {
    names.add(symbol.name);
    visitSymbol(symbol);
  }
  return names;
}

/** Whether a declaration stands in this repository. */
function isOurs(node) {
  const file = realpathSync(node.getSourceFile().fileName);
  return file.startsWith(`${root}packages/`) && !file.includes("/node_modules/");
}

/** Whether applications are not to use a member: it is `private`, bears the prefix of such names, or says so. */
function isHidden(node) {
  const isPrivate = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
  return (
    isPrivate ||
    node.name?.getText().startsWith("$") ||
    ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal")
  );
}

const names = publicNames();
const wrong = [...names, ...WIRE.split(" ")].filter((name) => SHORTENED.test(name));
console.log(`${names.size} public names; shortened by mistake: ${wrong.join(", ") || "none"}`);
if (wrong.length > 0 || names.size < 100) process.exitCode = 1;
