/** The few Rollup plugins of our own. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { transformSync } from "oxc-transform";
import { dts } from "rollup-plugin-dts";
import { shortNames } from "./short-names.mjs";

/** Strips the types, and lowers the syntax where `target` is older than the sources. */
export const typescript = ({ target }) => ({
  name: "typescript",
  transform(code, id) {
    if (!id.endsWith(".ts")) return null;
    const result = transformSync(id, code, {
      target,
      sourcemap: true,
      // A field that only declares a type needs no code: every constructor assigns what it declares.
      typescript: { onlyRemoveTypeImports: true, removeClassFieldsWithoutInitializer: true },
      // Where class fields are lowered, to assignments: the exact way needs a helper, and nothing here can tell the difference.
      assumptions: { setPublicClassFields: true },
    });
    for (const { message } of result.errors) this.error(`${id}: ${message}`);
    return { code: result.code, map: result.map };
  },
});

/** Resolves whole module names to files. */
export const alias = (files) => ({ name: "alias", resolveId: (source) => files[source] ?? null });

/** A module that stands at `id` without being there, imported as one of `sources`. */
export const virtual = (sources, id, content) => ({
  name: "virtual",
  resolveId: (imported) => (sources.includes(imported) ? id : null),
  load: (loaded) => (loaded === id ? content : null),
});

/** Replaces the door to `debug` by a maker of functions that do nothing, so that calls of them are left out. */
export const withoutDebug = () => ({
  ...virtual(
    ["./debug.ts", "../debug.ts"],
    "\0no-debug",
    "const nothing = () => {}; export const debugFor = () => nothing;",
  ),
  // What they would have shown need not be read either: no getter does anything that would be missed.
  options: (options) => ({ ...options, treeshake: { propertyReadSideEffects: false } }),
});

/** Drops the texts that say what a peer did wrong; the code is the message then. */
export const withoutViolationTexts = () =>
  virtual(
    ["./violations.ts"],
    "\0no-texts",
    "export const PACKET_VIOLATIONS = {}, VIOLATIONS = PACKET_VIOLATIONS, SENTENCES = {};",
  );

/** Chooses what `terser`, which comes next and is given the same `nameCache`, calls the properties that it shortens. */
export const chooseNames = (shortened, nameCache) => ({
  name: "choose-names",
  renderChunk(code) {
    const names = shortNames(code, shortened);
    nameCache.props = { props: Object.fromEntries([...names].map(([name, short]) => [`$${name}`, short])) };
    return null;
  },
});

/** Writes a constant file beside the output. */
export const emit = (fileName, source) => ({
  name: "emit",
  generateBundle() {
    this.emitFile({ type: "asset", fileName, source });
  },
});

/**
 * Beside the ES module that is built, writes one that has the same exports and takes them from a CommonJS module, so that a
 * program which imports in one place and requires in another meets the same classes.
 *
 * @param {string} file where to write it
 * @param {string} commonjs the CommonJS module, relative to that file
 */
export const wrapper = (file, commonjs) => ({
  name: "wrapper",
  writeBundle(_options, bundle) {
    const names = Object.values(bundle).flatMap((chunk) =>
      chunk.type === "chunk" && chunk.isEntry ? chunk.exports : [],
    );
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `import commonjs from "${commonjs}";\n\nexport const { ${names.join(", ")} } = commonjs;\n`);
    writeFileSync(join(dirname(file), "package.json"), '{"type":"module"}\n');
  },
});

/**
 * Writes constant files when the output is there.
 *
 * @param {Record<string, string>} files their contents, by their names
 */
export const write = (files) => ({
  name: "write",
  writeBundle() {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  },
});

/** Bundles declarations. */
export const declarations = dts;

/**
 * Turns the declarations of an ES module whose default export is a function into those of a CommonJS module that *is* this
 * function (`module.exports = hawser`) and has the other exports as properties. Beside `export =` there may be no other export,
 * and a namespace can't export from another module: what comes from one is imported first.
 */
export const callableDeclarations = () => ({
  name: "callable-declarations",
  renderChunk(code) {
    const lists = [...code.matchAll(/^export (type )?\{([^}]*)\}(?: from (.*))?;\n?/gm)].map(
      ([text, type = "", items, module]) => ({
        text,
        type,
        items: items.split(",").map((item) => item.trim()),
        module,
      }),
    );
    const names = lists.flatMap(({ type, items, module }) =>
      items.map((item) => `${type}${module ? ownName(item) : item}`),
    );
    const callable = names.find((name) => name.endsWith(" as default"))?.split(" ")[0];
    if (callable === undefined || !new RegExp(`^declare function ${callable}\\b`, "m").test(code)) {
      this.error("the default export of a callable CommonJS module must be a function declaration");
    }
    const rest = lists.reduce((left, { text, type, items, module }) => {
      return left.replace(text, module ? `import ${type}{ ${items.map(imported).join(", ")} } from ${module};\n` : "");
    }, code);
    const properties = names.map((name) => `    ${name},\n`).join("");
    return `${rest.trimEnd()}\n\ndeclare namespace ${callable} {\n  export {\n${properties}  };\n}\n\nexport = ${callable};\n`;
  },
});

/** `a as b`, or `a`, of a list of exports from another module: what it is exported as. */
const exportedAs = (item) => item.split(" as ").at(-1);

/** It is imported by a name that no declaration here can have: what uses the same type has imported it already. */
const imported = (item) => `${item.split(" as ")[0]} as ${exportedAs(item)}$exported`;
const ownName = (item) => `${exportedAs(item)}$exported as ${exportedAs(item)}`;
