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

/**
 * The folder of each package, and the module that a mutation changes. Where users are given several modules, all of them in one file
 * take its place.
 */
const PACKAGES = {
  hawser: { folder: "server", module: "dist/esm/index.js", single: "build/single/index.js" },
  "hawser-client": { folder: "client", module: "dist/esm/node.js" },
  "@hawser/core": { folder: "core", module: "dist/index.js" },
  "@hawser/parser": { folder: "parser", module: "dist/index.js" },
  "@hawser/adapter": { folder: "adapter", module: "dist/index.js" },
};
/** Never mutated: the raw client must not share a defect with what it looks at. */
const TESTING = { folder: "testing", module: "dist/index.js" };

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
  for (const { folder, module, single } of [...Object.values(PACKAGES), TESTING]) {
    const file = `packages/${folder}/${single ?? module}`;
    if (!existsSync(root + file)) throw new Error(`${file} is not there: run \`node scripts/build.mjs\` first`);
  }
}

/** Where the module that a package's mutations change is built. */
function builtModule(name) {
  const { folder, module, single } = PACKAGES[name];
  return `${root}packages/${folder}/${single ?? module}`;
}

/**
 * Says why a mutation can't be made: its text must stand exactly once.
 *
 * @param {{ package: string, find: string }} mutation
 * @param {string} file the module that it changes. Default: as it was built
 * @returns {string | undefined} nothing if it can
 */
export function problemOf({ package: name, find }, file = builtModule(name)) {
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
    for (const [name, { folder, module, single }] of Object.entries({ ...PACKAGES, "@hawser/testing": TESTING })) {
      const source = `${root}packages/${folder}`;
      const target = join(clean, "node_modules", name);
      cpSync(`${source}/dist`, join(target, "dist"), { recursive: true });
      cpSync(`${source}/package.json`, join(target, "package.json"));
      if (single) cpSync(`${source}/${single}`, join(target, module));
    }
    this.#linkDependencies(clean);
    const sources = filesBelow(`${root}e2e/parity`).filter((file) => /(?<!\.test)\.ts$/.test(file));
    for (const file of [...sources.map((source) => `parity/${source}`), "harness/waiting.ts"]) {
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
    const { module } = PACKAGES[mutation.package];
    const file = this.path("clean", "node_modules", mutation.package, module);
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

    const mutated = join(folder, "node_modules", mutation.package, module);
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
    for (const { folder: name } of Object.values(PACKAGES)) {
      const own = `${root}packages/${name}/node_modules`;
      try {
        linkModules(own, modules);
      } catch (error) {
        if (error.code !== "ENOENT") throw error;
      }
    }
  }
}
