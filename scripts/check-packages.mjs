/** Packs every package as it would be published, and judges the tarballs: manifest, entry points, types for every kind of user. */

import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { pnpm, root } from "./run.mjs";

/** @returns {Promise<string[]>} what is wrong with the package in `folder` */
async function problems(folder, tarball) {
  const data = new Uint8Array(readFileSync(tarball));
  const types = createPackageFromTarballData(data);
  const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true });
  const analysis = await checkPackage(types);
  const files = types.listFiles();
  return [
    ...messages.map((message) => formatMessage(message, pkg)),
    ...(analysis.types === false ? ["it has no types"] : analysis.problems.map(describe)),
    ...["README.md", "LICENSE"].filter((name) => !files.some((file) => file.endsWith(`/${name}`))).map((name) => `it has no ${name}`),
    ...Object.entries(pkg.dependencies ?? {})
      .filter(([, range]) => !/^[~^]\d/.test(range))
      .map(([name, range]) => `its dependency ${name} has the range ${range}`),
  ];
}

function describe({ kind, ...where }) {
  return `types: ${kind} ${JSON.stringify(where)}`;
}

const tarballs = mkdtempSync(join(tmpdir(), "hawser-packages-"));
try {
  for (const name of readdirSync(`${root}packages`)) {
    const folder = `${root}packages/${name}`;
    const packed = pnpm(["--dir", folder, "pack", "--json", "--pack-destination", tarballs], { quiet: true });
    if (!packed.ok) throw new Error(`packages/${name} cannot be packed:\n${packed.output}`);
    const found = await problems(folder, JSON.parse(packed.output).filename);
    console.log(`packages/${name}: ${found.length === 0 ? "ok" : `\n  ${found.join("\n  ")}`}`);
    if (found.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(tarballs, { recursive: true });
}
