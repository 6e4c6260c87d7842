/**
 * Holds the packages' sources to the "may import" column of ARCHITECTURE.md: who may import whom, which file is the one door to each
 * third-party module, and which rooms of the core may not know each other. Tests may import anything.
 */

import { readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { parseSync } from "oxc-parser";
import { root } from "./run.mjs";

/**
 * What the sources of each package may import besides each other, by folder. A value says from where: `true` from any file, a string from
 * that file alone, `"types"` from any file if only types are imported. `node:` stands for all of Node.js' own modules.
 */
const MAY_IMPORT = {
  parser: {},
  core: {
    "@hawser/parser": true,
    "engine.io-parser": "engine/wire.ts",
  },
  adapter: {
    "@hawser/parser": true,
    "@hawser/core": "types",
    "node:": true,
  },
  server: {
    "@hawser/parser": true,
    "@hawser/core": true,
    "@hawser/adapter": true,
    "node:": true,
    ws: "engine/ws-door.ts",
    debug: "debug.ts",
  },
  client: {
    "@hawser/parser": true,
    "@hawser/core": true,
    "#runtime": true,
    "node:": "runtime/node.ts",
    ws: "runtime/node.ts",
    debug: "debug.ts",
    "hawser-msgpack-parser": "msgpack-codec.ts",
  },
  "msgpack-parser": {
    "@hawser/parser": true,
  },
  testing: {
    "@hawser/parser": true,
    "@hawser/core": true,
    "node:": true,
    ws: true,
  },
};

/** Folders of the core that may not import each other: a room knows the next one only by the interfaces in `ports.ts`. */
const ROOMS_APART = [{ from: "core/src/engine/", to: "core/src/io/" }];

/**
 * @param {string} file the importing file, from `packages/`
 * @param {string} source its text
 * @returns {string[]} one message for each import that may not be
 */
function violations(file, source) {
  const [folder, , ...rest] = file.split("/");
  const inPackage = rest.join("/");
  return importsOf(file, source).flatMap(({ specifier, onlyTypes, line }) => {
    const reason = specifier.startsWith(".")
      ? whyNotFile(file, posix.join(posix.dirname(file), specifier))
      : whyNotModule(folder, inPackage, specifier, onlyTypes);
    return reason === undefined ? [] : [`packages/${file}:${line} imports ${specifier}: ${reason}`];
  });
}

/** Every static, dynamic and re-exporting import. A dynamic import of a computed name counts as one of its text. */
function importsOf(file, source) {
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`packages/${file}: ${errors[0].message}`);
  const found = (specifier, start, onlyTypes) => ({
    specifier,
    onlyTypes,
    line: source.slice(0, start).split("\n").length,
  });
  return [
    ...module.staticImports.map(({ moduleRequest, entries, start }) =>
      found(moduleRequest.value, start, entries.length > 0 && entries.every((entry) => entry.isType)),
    ),
    ...module.staticExports.flatMap(({ entries }) => {
      const { moduleRequest, start } = entries[0] ?? {};
      return moduleRequest
        ? [
            found(
              moduleRequest.value,
              start,
              entries.every((entry) => entry.isType),
            ),
          ]
        : [];
    }),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      found(source.slice(start, end).replace(/^(["'`])(.*)\1$/, "$2"), start, false),
    ),
  ];
}

/** Why a file may not import another one of ours by its path; undefined when it may. */
function whyNotFile(from, to) {
  const home = `${from.split("/")[0]}/src/`;
  if (!to.startsWith(home)) return `it lies outside packages/${home}; import the package by its name`;
  const apart = ROOMS_APART.find((rule) => from.startsWith(rule.from) && to.startsWith(rule.to));
  return apart && `packages/${apart.from} may not know packages/${apart.to}`;
}

/** Why a file may not import a module by its name; undefined when it may. */
function whyNotModule(folder, file, specifier, onlyTypes) {
  const allowed = MAY_IMPORT[folder];
  if (allowed === undefined) return `scripts/check-imports.mjs has no rule for packages/${folder}`;
  const name = Object.keys(allowed).find(
    (key) => specifier === key || specifier.startsWith(key.endsWith(":") ? key : `${key}/`),
  );
  const from = name === undefined ? undefined : allowed[name];
  if (from === undefined) return `packages/${folder} may import ${Object.keys(allowed).join(", ") || "nothing"}`;
  if (from === true || from === file) return undefined;
  if (from === "types") return onlyTypes ? undefined : `packages/${folder} may import types from there, and no values`;
  return `only packages/${folder}/src/${from} may`;
}

/** Imports that this script must refuse, and some that it must not: a check that cannot fail would be worse than none. */
const SELF_TEST = [
  ["parser/src/a.ts", 'import "./b.ts";', true],
  ["parser/src/a.ts", 'import type { B } from "@hawser/core";', false],
  ["core/src/a.ts", 'import { B } from "@hawser/parser";', true],
  ["core/src/a.ts", 'import { B } from "hawser";', false],
  ["core/src/a.ts", 'import { B } from "node:events";', false],
  ["core/src/a.ts", 'export { decodePacket } from "engine.io-parser";', false],
  ["core/src/a.ts", 'export * from "engine.io-parser";', false],
  ["core/src/engine/wire.ts", 'export { decodePacket } from "engine.io-parser";', true],
  ["core/src/engine/a.ts", 'import { Link } from "../io/link.ts";', false],
  ["core/src/io/a.ts", 'import { Session } from "../engine/session.ts";', true],
  ["core/src/io/a.ts", 'import { Server } from "../../../server/src/server.ts";', false],
  ["adapter/src/a.ts", 'import { type A, type B } from "@hawser/core";', true],
  ["adapter/src/a.ts", 'import { type A, B } from "@hawser/core";', false],
  ["adapter/src/a.ts", 'import "@hawser/core";', false],
  ["adapter/src/a.ts", 'import { EventEmitter } from "node:events";', true],
  ["adapter/src/a.ts", 'import { WebSocket } from "ws";', false],
  ["server/src/a.ts", 'import { request } from "node:http";', true],
  ["server/src/a.ts", 'import { request } from "http";', false],
  ["server/src/a.ts", 'const ws = await import("ws");', false],
  ["client/src/a.ts", 'import { open } from "#runtime";', true],
  ["client/src/a.ts", 'import parser from "hawser-msgpack-parser";', false],
  ["client/src/msgpack-codec.ts", 'import parser from "hawser-msgpack-parser";', true],
  ["client/src/a.ts", 'import { inspect } from "node:util";', false],
  ["client/src/runtime/node.ts", 'import { inspect } from "node:util";', true],
];

for (const [file, source, allowed] of SELF_TEST) {
  if ((violations(file, source).length === 0) !== allowed) {
    throw new Error(`self-test: in packages/${file}, ${source} should be ${allowed ? "allowed" : "refused"}`);
  }
}

const files = readdirSync(`${root}packages`)
  .flatMap((folder) =>
    readdirSync(`${root}packages/${folder}/src`, { recursive: true }).map((file) =>
      posix.join(folder, "src", file.replaceAll("\\", "/")),
    ),
  )
  .filter((file) => /\.[cm]?[jt]s$/.test(file));
const found = files.flatMap((file) => violations(file, readFileSync(`${root}packages/${file}`, "utf8")));

for (const message of found) console.error(message);
console.log(`${files.length} source files, ${found.length} forbidden imports`);
if (found.length > 0) process.exitCode = 1;
