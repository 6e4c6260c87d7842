/** Chromium, as all browser tests start it. */

import { chromium, type Browser } from "playwright-core";
import { findProgram, programs } from "../../scripts/programs.mjs";

/** The browser's executable; undefined where there is none, and tests that need it are skipped. */
export const chromiumPath: string | undefined = findProgram(programs.chromium);

const ARGUMENTS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser; whoever starts it closes it. */
export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("no Chromium was found");
  return chromium.launch({ executablePath: chromiumPath, chromiumSandbox: false, args: ARGUMENTS });
}
