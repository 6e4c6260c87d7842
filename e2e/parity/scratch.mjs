/**
 * A copy of the built packages and of the rows as plain JavaScript, below the system's folder for temporary files: a later
 * build does not disturb it, and a module of it may be changed.
 */

import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { transformSync } from "oxc-transform";
import { root } from "../../scripts/run.mjs";

/** The folder of each package. */
const PACKAGES = {
  hawser: "server",
  "hawser-client": "client",
  "@hawser/core": "core",
  "@hawser/parser": "parser",
  "@hawser/adapter": "adapter",
};
/**
 * The modules that mutations change, by the names that users import them by. Where users are given several modules, all of them in one
 * file take its place.
 */
const MODULES = {
  hawser: { package: "hawser", module: "dist/esm/index.js", single: "build/single/index.js" },
  "hawser/engine": { package: "hawser", module: "dist/esm/engine.js", single: "build/single/engine.js" },
  "hawser-client": { package: "hawser-client", module: "dist/esm/node.js" },
  "hawser-client/engine": { package: "hawser-client", module: "dist/esm/engine/node.js" },
  "@hawser/core": { package: "@hawser/core", module: "dist/index.js" },
  "@hawser/parser": { package: "@hawser/parser", module: "dist/index.js" },
  "@hawser/adapter": { package: "@hawser/adapter", module: "dist/index.js" },
};
/** Never mutated: the raw client must not share a defect with what it looks at. */
const TESTING = "testing";

/** All files below a folder, by their paths relative to it. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function linkModules(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const source = join(from, name);
    const target = join(to, name);
    if (name.startsWith("@")) linkModules(source, target);
    else if (!name.startsWith(".")) {
      try {
        symlinkSync(realpathSync(source), target, "junction");
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
    }
  }
}

function compile(source, target) {
  const { code, errors } = transformSync(source, readFileSync(source, "utf8"), {
    typescript: { rewriteImportExtensions: "rewrite" },
  });
  if (errors.length > 0) throw new Error(`${source}: ${errors[0].message}`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code);
}

/** @throws Error if a package is not built, or is being built at this moment */
function assertBuilt() {
  for (const file of [...Object.keys(MODULES).map(builtModule), `${root}packages/${TESTING}/dist/index.js`]) {
    if (!existsSync(file)) throw new Error(`${file} is not there: run \`node scripts/build.mjs\` first`);
  }
}

/** Where a module that mutations change is built. */
function builtModule(name) {
  const { package: owner, module, single } = MODULES[name];
  return `${root}packages/${PACKAGES[owner]}/${single ?? module}`;
}

/** Where a module that mutations change is in a copy. */
function pathOf(folder, name) {
  const { package: owner, module } = MODULES[name];
  return join(folder, "node_modules", owner, module);
}

/**
 * Says why a mutation can't be made: its text must stand exactly once.
 *
 * @param {{ module: string, find: string }} mutation
 * @param {string} file the module that it changes. Default: as it was built
 * @returns {string | undefined} nothing if it can
 */
export function problemOf({ module: name, find }, file = builtModule(name)) {
  const occurrences = readFileSync(file, "utf8").split(find).length - 1;
  return occurrences === 1 ? undefined : `its text stands ${occurrences} times in ${name}`;
}

export class Scratch {
  #folder;
  #variants = 0;

  constructor() {
    assertBuilt();
    this.#folder = mkdtempSync(join(tmpdir(), "hawser-parity-"));
    const clean = this.path("clean");
    for (const [name, folder] of Object.entries({ ...PACKAGES, "@hawser/testing": TESTING })) {
      const source = `${root}packages/${folder}`;
      const target = join(clean, "node_modules", name);
      cpSync(`${source}/dist`, join(target, "dist"), { recursive: true });
      cpSync(`${source}/package.json`, join(target, "package.json"));
    }
    for (const name of Object.keys(MODULES)) cpSync(builtModule(name), pathOf(clean, name));
    this.#linkDependencies(clean);
    const sources = filesBelow(`${root}e2e/parity`).filter((file) => /(?<!\.test)\.ts$/.test(file));
    for (const file of [...sources.map((source) => `parity/${source}`), "harness/waiting.ts", "harness/listen-at.ts"]) {
      compile(`${root}e2e/${file}`, join(clean, "e2e", file.replace(/\.ts$/, ".js")));
    }
    cpSync(`${root}e2e/fixtures`, join(clean, "e2e/fixtures"), { recursive: true });
    writeFileSync(join(clean, "package.json"), '{ "type": "module" }\n');
  }

  /** A path below the folder. */
  path(...parts) {
    return join(this.#folder, ...parts);
  }

  /**
   * Makes a copy in which one module is changed.
   *
   * @returns the copy's folder, and its removal; or why the mutation does not apply
   */
  variant(mutation) {
    const file = pathOf(this.path("clean"), mutation.module);
    const problem = problemOf(mutation, file);
    if (problem) return { problem };
    const text = readFileSync(file, "utf8");

    const folder = this.path(`variant-${this.#variants++}`);
    for (const part of [
      "e2e",
      ...Object.keys(PACKAGES).map((name) => `node_modules/${name}`),
      "node_modules/@hawser/testing",
    ]) {
      const source = this.path("clean", part);
      for (const file of filesBelow(source)) {
        const target = join(folder, part, file);
        mkdirSync(dirname(target), { recursive: true });
        linkSync(join(source, file), target);
      }
    }
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
    // The raw client stays with the modules as they are.
    const testing = join(folder, "node_modules", "@hawser", "testing");
    rmSync(testing, { recursive: true });
    symlinkSync(this.path("clean", "node_modules", "@hawser", "testing"), testing, "junction");
    this.#linkDependencies(folder);

    const mutated = pathOf(folder, mutation.module);
    rmSync(mutated);
    writeFileSync(
      mutated,
      text.replace(mutation.find, () => mutation.replace),
    );
    return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Whatever the packages and the rows import from elsewhere. */
  #linkDependencies(folder) {
    const modules = join(folder, "node_modules");
    linkModules(`${root}e2e/node_modules`, modules);
    for (const name of Object.values(PACKAGES)) {
      const own = `${root}packages/${name}/node_modules`;
      try {
        linkModules(own, modules);
      } catch (error) {
        if (error.code !== "ENOENT") throw error;
      }
    }
  }
}
