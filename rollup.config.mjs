/**
 * Makes every package's `dist` from its TypeScript sources, and its declarations from what `tsc -b` left in `build/types`.
 *
 * - `@hawser/*` and `hawser-msgpack-parser`: `index.js`, an ES module, and `index.cjs`;
 * - `hawser` and `hawser-client`: CommonJS in `dist`, where tools and pages look for files of certain names, and ES modules in
 *   `dist/esm`, of which the server's hands on what its CommonJS modules export. Those are functions: `require("hawser")(httpServer)`.
 */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import commonjs from "@rollup/plugin-commonjs";
import nodeResolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import { DEEP_TYPES } from "./scripts/deep-types.mjs";
import {
  alias,
  callableDeclarations,
  chooseNames,
  declarations,
  emit,
  typescript,
  virtual,
  withoutDebug,
  withoutViolationTexts,
  wrapper,
  write,
} from "./scripts/rollup-plugins.mjs";
import { SHORTENED } from "./scripts/shortened-names.mjs";

/** One package: where it is, and which modules it leaves to its user's `node_modules`. */
function packageAt(folder) {
  const root = fileURLToPath(new URL(`./packages/${folder}/`, import.meta.url));
  const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const dependencies = Object.keys(manifest.dependencies ?? {});
  return {
    at: (relative) => root + relative,
    version: manifest.version,
    external: (id) => id.startsWith("node:") || dependencies.some((name) => id === name || id.startsWith(`${name}/`)),
  };
}

/** Warnings are errors: an unresolved import, for one, would otherwise be taken for an external module. */
function onLog(level, log, handler) {
  // The server's namespaces, sockets and operators know each other, and so do the declarations of any package.
  // A declaration that only internal types needed leaves its import unused.
  const harmless = log.code === "CIRCULAR_DEPENDENCY" || log.code === "UNUSED_EXTERNAL_IMPORT";
  if (!harmless) handler(level === "warn" ? "error" : level, log);
}

const ES = { format: "es" };
const COMMONJS = { format: "cjs", exports: "auto" };

/** JavaScript for a package manager's users: dependencies stay imports, syntax stays as modern as Node.js 20. */
const code = (pkg, inputs, output, plugins = []) => ({
  input: [inputs].flat().map(pkg.at),
  external: pkg.external,
  plugins: [...plugins, typescript({ target: "es2022" })],
  output: { sourcemap: true, generatedCode: "es2015", ...output },
  onLog,
});

/** The declarations of an ES module, or of a CommonJS module with the same exports. */
const types = (pkg, fileName, input = "index") => ({
  input: pkg.at(`build/types/${input}.d.ts`),
  external: pkg.external,
  plugins: [declarations()],
  output: { ...ES, file: pkg.at(fileName) },
  onLog,
});

/**
 * The declarations of a CommonJS module that is a function: `cjs.ts` gives the function, `index.ts` its properties. And the files
 * that only name some of them.
 */
const callableTypes = (pkg, fileName, deepTypes) => ({
  input: pkg.at("src/cjs.ts"),
  external: pkg.external,
  plugins: [
    virtual(
      [pkg.at("src/cjs.ts")],
      pkg.at("build/types/callable.d.ts"),
      'export * from "./index.d.ts";\nexport { default } from "./cjs.d.ts";',
    ),
    declarations(),
  ],
  output: { ...ES, file: pkg.at(fileName), plugins: [callableDeclarations(), write(filesAt(pkg, deepTypes))] },
  onLog,
});

const filesAt = (pkg, files) => Object.fromEntries(Object.entries(files).map(([name, text]) => [pkg.at(name), text]));

function library(folder) {
  const pkg = packageAt(folder);
  return [
    code(pkg, "src/index.ts", { ...ES, file: pkg.at("dist/index.js") }),
    // Even with a default export among them, its exports are those of the ES module.
    code(pkg, "src/index.ts", { ...COMMONJS, exports: "named", file: pkg.at("dist/index.cjs") }),
    types(pkg, "dist/index.d.ts"),
    types(pkg, "dist/index.d.cts"),
  ];
}

/** Tells Node.js which kind of modules a folder of `.js` files holds. */
const folderOf = (type) => emit("package.json", `${JSON.stringify({ type })}\n`);

function server() {
  const pkg = packageAt("server");
  const names = { cjs: "index", index: "exports" };
  // One file per source file: instrumentation patches the classes that `dist/socket.js` and `dist/broadcast-operator.js` export.
  const separateFiles = {
    dir: pkg.at("dist"),
    preserveModules: true,
    preserveModulesRoot: pkg.at("src"),
    entryFileNames: ({ name }) => `${names[name] ?? name}.js`,
  };
  return [
    code(pkg, ["src/cjs.ts", "src/engine/index.ts"], { ...COMMONJS, ...separateFiles }, [folderOf("commonjs")]),
    // In one file, for the comparison with Socket.IO, which changes it to see whether it notices.
    code(pkg, "src/index.ts", { ...ES, file: pkg.at("build/single/index.js") }, [
      wrapper(pkg.at("dist/esm/index.js"), "../index.js"),
    ]),
    code(pkg, "src/engine/index.ts", { ...ES, file: pkg.at("build/single/engine.js") }, [
      wrapper(pkg.at("dist/esm/engine.js"), "../engine/index.js"),
    ]),
    callableTypes(pkg, "dist/index.d.ts", DEEP_TYPES.server),
    types(pkg, "dist/typed-emitter.d.ts", "typed-emitter"),
    types(pkg, "dist/esm/index.d.ts"),
    types(pkg, "dist/engine/index.d.ts", "engine/index"),
    types(pkg, "dist/esm/engine.d.ts", "engine/index"),
  ];
}

function client() {
  const pkg = packageAt("client");
  const runtime = (name) => alias({ "#runtime": pkg.at(`src/runtime/${name}.ts`) });
  const build = (name, plugins) => [
    code(pkg, "src/cjs.ts", { ...COMMONJS, file: pkg.at(`dist/${name}.js`) }, [...plugins, folderOf("commonjs")]),
    code(pkg, "src/index.ts", { ...ES, file: pkg.at(`dist/esm/${name}.js`) }, [...plugins, folderOf("module")]),
  ];
  const engine = (name, plugins) => [
    code(pkg, "src/engine/index.ts", { ...COMMONJS, file: pkg.at(`dist/engine/${name}.js`) }, plugins),
    code(pkg, "src/engine/index.ts", { ...ES, file: pkg.at(`dist/esm/engine/${name}.js`) }, plugins),
  ];
  const umd = { format: "umd", name: "io", exports: "default" };
  return [
    ...build("node", [runtime("node")]),
    ...build("browser", [runtime("browser"), withoutDebug()]),
    ...build("browser-debug", [runtime("browser")]),
    ...engine("node", [runtime("node")]),
    ...engine("browser", [runtime("browser"), withoutDebug()]),
    callableTypes(pkg, "dist/index.d.ts", DEEP_TYPES.client),
    types(pkg, "dist/esm/index.d.ts"),
    types(pkg, "dist/engine/index.d.ts", "engine/index"),
    types(pkg, "dist/esm/engine/index.d.ts", "engine/index"),
    bundle("src/umd.ts", { ...umd, file: pkg.at("dist/socket.io.js") }),
    bundle("src/umd.ts", { ...umd, file: pkg.at("dist/socket.io.min.js") }, minified({})),
    bundle("src/umd.ts", { ...umd, file: pkg.at("dist/socket.io.msgpack.min.js") }, withMsgpack(minified({}))),
    bundle("src/index.ts", { ...ES, file: pkg.at("dist/socket.io.esm.min.js") }, minified({ module: true })),
  ];

  /** JavaScript for a `<script>`: nothing is imported, and the syntax is that of browsers since 2020. */
  function bundle(input, output, { before = [], after = [] } = {}) {
    const sources = Object.fromEntries(
      ["@hawser/parser", "@hawser/core", "hawser-msgpack-parser"].map((name) => [
        name,
        packageAt(name.replace(/^@?hawser[/-]/, "")).at("src/index.ts"),
      ]),
    );
    return {
      input: pkg.at(input),
      plugins: [
        ...before,
        runtime("browser"),
        alias({ ...sources, "engine.io-parser": pkg.at("src/engine-parser.ts") }),
        nodeResolve({ browser: true }),
        commonjs({ strictRequires: "auto", defaultIsModuleExports: true }),
        typescript({ target: "es2020" }),
        ...after,
      ],
      output: { sourcemap: true, banner: `/*! hawser-client ${pkg.version} | MIT License */`, ...output },
      onLog,
    };
  }

  /** With MessagePack in the place of JSON. */
  function withMsgpack({ before, after }) {
    return { before: [alias({ "./default-codec.ts": pkg.at("src/msgpack-codec.ts") }), ...before], after };
  }

  /** Without `debug` and the texts that say what a peer did wrong, and with the names of the inside shortened. */
  function minified(options) {
    const mangle = { properties: { regex: SHORTENED, builtins: true } };
    const compress = { passes: 3, pure_getters: true, unsafe_arrows: true };
    const nameCache = {};
    return {
      before: [withoutDebug(), withoutViolationTexts()],
      after: [
        chooseNames(SHORTENED, nameCache),
        terser({ ecma: 2020, compress, mangle, nameCache, format: { comments: /^!/ }, ...options }),
      ],
    };
  }
}

const builds = [
  ...["parser", "core", "adapter", "msgpack-parser", "testing"].flatMap(library),
  ...server(),
  ...client(),
];

// An entry that is not written yet is left out; `check:packages` tells what is missing.
export default builds.filter(({ input }) => [input].flat().every((file) => existsSync(file)));
