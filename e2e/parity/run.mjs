/**
 * Compares hawser with Socket.IO, row by row:
 *
 * - without arguments: as the tests of the project `parity`;
 * - `--mutate [text]`: breaks hawser once for each row (whose id contains the text), and demands that the row notices;
 * - `--show text` and `--verbose text`: prints what differs, or the whole transcripts, of the rows whose ids contain the text.
 */

const [flag, text = ""] = process.argv.slice(2);
if (flag === "--mutate") {
  const { mutateRows } = await import("./mutate.mjs");
  if (!(await mutateRows(text))) process.exitCode = 1;
} else if (flag === "--show" || flag === "--verbose") {
  const { showRows } = await import("./show.mjs");
  await showRows(text, flag === "--verbose");
} else {
  const { conclude, runTests } = await import("../../scripts/vitest.mjs");
  conclude(await runTests(["parity"]));
}
