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

/** Programs that run anywhere, that name entry points which the oldest way to find modules does not know, and for CommonJS alone. */
const PLAIN = ["server.ts", "client.ts"];
const ENTRIES = "entries.ts";
const CALLABLE = "callable.cts";

/** How applications find modules: their options, and their files. In `module`, a file is an ES module; in `commonjs`, it is not. */
const SETTINGS: { name: string; options: CompilerOptions; files: string[]; versions: CompilerVersion[] }[] = [
  {
    name: "commonjs, found as Node.js 10 did",
    options: { module: "commonjs", moduleResolution: "node10" },
    files: [...PLAIN, CALLABLE].map((file) => `commonjs/${file}`),
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

beforeAll(() => {
  application = new TypedApplication({ "socket.io": "hawser", "socket.io-client": "hawser-client" });
  for (const type of ["commonjs", "module"]) {
    application.write(`${type}/package.json`, JSON.stringify({ type }));
    for (const file of readdirSync(PROGRAMS)) {
      application.write(`${type}/${file}`, readFileSync(PROGRAMS + file, "utf8"));
    }
  }
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
