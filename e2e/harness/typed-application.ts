/** An application in TypeScript that has installed the packages, and the compilers that such applications use. */

import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
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
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Versions of TypeScript, and where they are. */
export const COMPILERS = {
  "5.0": "e2e/node_modules/typescript-5.0",
  "5.9": "e2e/node_modules/typescript-5.9",
  "6.0": "node_modules/@typescript/typescript6",
  "7.0": "node_modules/typescript",
} as const;

export type CompilerVersion = keyof typeof COMPILERS;

/** Options of the compiler as a `tsconfig.json` has them. */
export type CompilerOptions = Record<string, unknown>;

/** The strictest settings that applications have: declarations of packages are checked, if not the language's, and their own are made. */
const OPTIONS: CompilerOptions = {
  target: "es2022",
  lib: ["es2022", "dom"],
  types: ["node"],
  strict: true,
  esModuleInterop: true,
  skipLibCheck: false,
  skipDefaultLibCheck: true,
  declaration: true,
  noEmit: true,
};

/** A folder of one's own whose `node_modules` hold what was built, of which no other declarations are in reach than Node.js's. */
export class TypedApplication implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "hawser-typed-")));

  #projects = 0;

  /** @param aliases - further names of packages, or other packages: `{ "socket.io": "hawser" }`, and where it is, if it is not ours */
  constructor(aliases: Record<string, string>) {
    for (const name of readdirSync(join(root, "packages"))) this.#install(join(root, "packages", name));
    for (const [alias, name] of Object.entries(aliases))
      this.#link(isAbsolute(name) ? name : this.#installed(name), alias);
    this.#link(join(root, "node_modules/@types/node"), "@types/node");
    this.#link(join(root, "packages/core/node_modules/engine.io-parser"), "engine.io-parser");
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Adds a file, and the folder that it is in. */
  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  /** What a compiler has against some of the files and against all that they import. */
  async compile(version: CompilerVersion, files: string[], options: CompilerOptions): Promise<string[]> {
    // The oldest way to find modules is to go, says 6.0.
    const deprecations = version === "6.0" ? { ignoreDeprecations: "6.0" } : {};
    const project = `${version}-${++this.#projects}.json`;
    this.write(project, JSON.stringify({ compilerOptions: { ...OPTIONS, ...deprecations, ...options }, files }));
    const args = [join(root, COMPILERS[version], "lib/tsc.js"), "--pretty", "false", "--project", project];
    const printed = await new Promise<string>((resolve) => {
      execFile(process.execPath, args, { cwd: this.folder }, (_failed, output) => resolve(output));
    });
    return printed.split("\n").filter((line) => line !== "");
  }

  /** Copies what is published of a package. */
  #install(source: string): void {
    const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as {
      name: string;
      files: string[];
    };
    const target = this.#installed(manifest.name);
    mkdirSync(target, { recursive: true });
    const published = ["package.json", ...manifest.files].filter((file) => existsSync(join(source, file)));
    for (const file of published) {
      cpSync(join(source, file), join(target, file), { recursive: true, filter: (path) => !path.endsWith(".map") });
    }
  }

  #installed(name: string): string {
    return join(this.folder, "node_modules", name);
  }

  #link(target: string, name: string): void {
    mkdirSync(dirname(this.#installed(name)), { recursive: true });
    symlinkSync(realpathSync(target), this.#installed(name), "junction");
  }
}
