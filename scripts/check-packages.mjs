/** Packs every package as it would be published, and judges the tarballs: manifest, entry points, types for every kind of user. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { pnpm } from "./run.mjs";

/** @returns {Promise<string[]>} what is wrong with a packed package */
async function problems(tarball) {
  const data = new Uint8Array(readFileSync(tarball));
  const contents = createPackageFromTarballData(data);
  const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true, level: "warning" });
  // A plain path is a file for pages or tools, and has no types.
  const entrypoints = Object.keys(pkg.exports).filter((name) => typeof pkg.exports[name] === "object");
  const { problems: ofTypes = [{ kind: "NoTypes" }] } = await checkPackage(contents, { entrypoints });
  const files = contents.listFiles();
  return [
    ...messages.map((message) => formatMessage(message, pkg)),
    ...ofTypes.filter(matters).map((problem) => `types: ${JSON.stringify(problem)}`),
    ...["README.md", "LICENSE"]
      .filter((name) => !files.some((file) => file.endsWith(`/${name}`)))
      .map((name) => `it has no ${name}`),
    ...Object.entries(pkg.dependencies ?? {})
      .filter(([, range]) => !/^[~^]\d/.test(range))
      .map(([name, range]) => `its dependency ${name} has the range ${range}`),
  ];
}

/** TypeScript's oldest way of finding modules does not know `exports`: it finds a package's main entry and no other. */
function matters({ kind, entrypoint, resolutionKind }) {
  return !(kind === "NoResolution" && resolutionKind === "node10" && entrypoint !== ".");
}

const tarballs = mkdtempSync(join(tmpdir(), "hawser-packages-"));
try {
  const packed = pnpm(["--filter", "./packages/*", "pack", "--json", "--pack-destination", tarballs], { quiet: true });
  if (!packed.ok) throw new Error(`the packages cannot be packed:\n${packed.output}`);
  for (const { name, filename } of JSON.parse(packed.output)) {
    const found = await problems(filename);
    console.log([`${name}: ${found.length === 0 ? "ok" : ""}`, ...found].join("\n  "));
    if (found.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(tarballs, { recursive: true });
}
