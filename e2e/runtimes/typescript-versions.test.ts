/** The declarations in the compilers of applications, which check all that they import (`skipLibCheck: false`). */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  COMPILERS,
  TypedApplication,
  type CompilerOptions,
  type CompilerVersion,
} from "../harness/typed-application.ts";

const PROGRAMS = fileURLToPath(new URL("../typed-programs/", import.meta.url));
const VERSIONS = Object.keys(COMPILERS) as CompilerVersion[];

/** Programs that run anywhere, that name entry points which the oldest way to find modules does not know, for CommonJS alone, and
 * for that oldest way alone. */
const PLAIN = ["server.ts", "client.ts"];
const ENTRIES = "entries.ts";
const CALLABLE = "callable.cts";
const DEEP = "deep-imports.ts";

const NODE_10 = { module: "commonjs", moduleResolution: "node10" };

/** How applications find modules: their options, and their files. In `module`, a file is an ES module; in `commonjs`, it is not. */
const SETTINGS: { name: string; options: CompilerOptions; files: string[]; versions: CompilerVersion[] }[] = [
  {
    name: "commonjs, found as Node.js 10 did",
    options: NODE_10,
    files: [...PLAIN, CALLABLE, DEEP].map((file) => `commonjs/${file}`),
    // Between these two nothing changed, and the next one has given it up.
    versions: ["5.0", "6.0"],
  },
  {
    name: "nodenext, as ES modules and as CommonJS",
    options: { module: "nodenext", moduleResolution: "nodenext" },
    files: [
      ...["commonjs", "module"].flatMap((kind) => [...PLAIN, ENTRIES].map((file) => `${kind}/${file}`)),
      `commonjs/${CALLABLE}`,
    ],
    versions: VERSIONS,
  },
  {
    name: "a bundler's",
    options: { module: "esnext", moduleResolution: "bundler" },
    files: [...PLAIN, ENTRIES].map((file) => `module/${file}`),
    versions: ["5.0", "7.0"],
  },
];

let application: TypedApplication;

function applicationWith(packages: Record<string, string>): TypedApplication {
  const made = new TypedApplication(packages);
  for (const type of ["commonjs", "module"]) {
    made.write(`${type}/package.json`, JSON.stringify({ type }));
    for (const file of readdirSync(PROGRAMS)) made.write(`${type}/${file}`, readFileSync(PROGRAMS + file, "utf8"));
  }
  return made;
}

beforeAll(() => {
  application = applicationWith({ "socket.io": "hawser", "socket.io-client": "hawser-client" });
});

afterAll(() => application[Symbol.dispose]());

describe.each(SETTINGS)(
  "modules are $name: programs and the declarations that they import are in order for TypeScript",
  (setting) => {
    test.concurrent.each(setting.versions)("%s", async (version) => {
      expect(await application.compile(version, setting.files, setting.options)).toEqual([]);
    });
  },
);

test("a wrong event is an error", async () => {
  application.write("module/wrong.ts", 'import { io } from "./server.js";\nio.emit("moved", 1, 2, 3);\n');
  const errors = await application.compile("7.0", ["module/wrong.ts"], { module: "nodenext" });
  expect(errors).toEqual([expect.stringContaining("module/wrong.ts(2,18): error TS2345")]);
});

test("what is imported from files of Socket.IO's packages is what they declare", async () => {
  const official = (name: string) => fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url));
  const names = ["socket.io", "socket.io-client"];
  using compared = applicationWith(Object.fromEntries(names.map((name) => [name, official(name)])));
  expect(
    await compared.compile("5.9", [`commonjs/${DEEP}`], { ...NODE_10, skipLibCheck: true, declaration: false }),
  ).toEqual([]);
});
