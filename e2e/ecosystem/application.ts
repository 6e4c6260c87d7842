/** Applications that `run.mjs` installed from hawser's tarballs: what they load, and proof that it is hawser. */

import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

interface Manifest {
  readonly name: string;
  readonly version: string;
}

/** The manifest of the package that a file belongs to. */
function manifestOf(file: string): Manifest {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (existsSync(path)) {
      const manifest = JSON.parse(readFileSync(path, "utf8")) as Partial<Manifest>;
      // A folder of a package may say no more than of what kind its modules are.
      if (manifest.name !== undefined) return manifest as Manifest;
    }
  }
  throw new Error(`${file} belongs to no package`);
}

/** An installed application. */
export class Application {
  readonly folder: string;
  /** Loads a package as the application's own modules would. */
  readonly require: NodeJS.Require;

  /**
   * @param name - one of `applications.mjs`
   * @throws Error if it was not installed
   */
  constructor(name: string) {
    const folder = process.env.HAWSER_ECOSYSTEM;
    if (folder === undefined || !existsSync(join(folder, name))) {
      throw new Error(`${name} is not installed: run \`node e2e/ecosystem/run.mjs\``);
    }
    this.folder = join(folder, name);
    this.require = createRequire(join(this.folder, "application.cjs"));
  }

  /** Loads a package by the rules of ES modules. */
  async import(specifier: string): Promise<unknown> {
    const module = join(this.folder, "application.mjs");
    writeFileSync(module, "export default (specifier) => import(specifier);\n");
    const loaded = (await import(pathToFileURL(module).href)) as { default: (specifier: string) => Promise<unknown> };
    return loaded.default(specifier);
  }

  /**
   * Puts modules beside the packages that were installed, so that they find those.
   *
   * @param source - their folder
   * @returns the folder that they are in now
   */
  place(source: URL): string {
    const folder = join(this.folder, basename(source.pathname));
    rmSync(folder, { recursive: true, force: true });
    cpSync(source, folder, { recursive: true });
    return folder;
  }

  /**
   * The name of the package that one gets for another's name: `hawser` for `socket.io`.
   *
   * @param specifier - what is asked for
   * @param by - the package that asks; the application itself unless told otherwise
   */
  nameOf(specifier: string, by?: string): string {
    const asking = by === undefined ? this.require : createRequire(this.require.resolve(by));
    return manifestOf(asking.resolve(specifier)).name;
  }
}
