import { BASELINE } from "./contenders.mjs";
import { ratios, spread } from "./statistics.mjs";

/** @typedef {import("./rounds.mjs").ScenarioResult} ScenarioResult */

/** Below this many rounds a small difference is as likely noise. */
const ROUNDS_FOR_SMALL_DIFFERENCES = 9;

/**
 * @param {import("./rounds.mjs").Sample} sample
 * @returns {string} one line that shows that the run gets on
 */
export function formatSample({ round, rounds, scenario, label, figures, error }) {
  const where = `round ${round}/${rounds}  ${scenario.name.padEnd(14)}  ${label.padEnd(13)}`;
  if (figures === undefined) return `${where}  failed: ${error?.message}`;
  return `${where}  ${scenario.figures.map(({ key, unit }) => `${format(figures[key])} ${unit}`).join(", ")}`;
}

/**
 * @param {object} result
 * @param {string} result.node
 * @param {{ cpu: string, cpus: number, loadBefore: number | undefined, loadAfter: number | undefined }} result.machine
 * @param {string} result.size
 * @param {number} result.rounds
 * @param {number} result.seconds
 * @param {ScenarioResult[]} result.scenarios
 * @param {import("./client-size.mjs").ClientSize[]} result.clientSizes
 * @returns {string}
 */
export function formatReport({ node, machine, size, rounds, seconds, scenarios, clientSizes }) {
  const { cpu, cpus, loadBefore, loadAfter } = machine;
  const lines = [
    "",
    `Node.js ${node}, ${cpus} x ${cpu}, load ${format(loadBefore)} before and ${format(loadAfter)} after`,
    `${count(rounds, "round")} in ${seconds.toFixed(0)} s; ${size} size`,
    "What the server process spends: the median of the rounds, and how many times as much socket.io spent in the same",
    "round, as median (lowest - highest). A ratio above 1 is better than socket.io.",
    ...scenarios.flatMap((scenario) => ["", ...formatScenario(scenario)]),
    "",
    ...formatClientSizes(clientSizes),
    "",
  ];
  if (rounds < ROUNDS_FOR_SMALL_DIFFERENCES) {
    lines.push(`With fewer than ${ROUNDS_FOR_SMALL_DIFFERENCES} rounds, a difference below 10 % means nothing.`);
  }
  return lines.join("\n");
}

/** @param {ScenarioResult} scenario */
function formatScenario({ name, title, figures, contenders, failures }) {
  const baseline = contenders.find(({ label }) => label === BASELINE);
  const rows = contenders.map((contender) => {
    const cells = figures.flatMap(({ key }) => formatCells(valuesOf(contender, key), baseline && valuesOf(baseline, key), contender === baseline)); // prettier-ignore
    return [contender.label, ...cells];
  });
  const heading = ["", ...figures.flatMap(({ label, unit }) => [`${label}, ${unit}`, ""])];
  const notes = failures.map(
    ({ label, round, message }) => `  ${label} failed in round ${round}: ${firstLine(message)}`,
  );
  return [`${name}: ${title}`, ...table([heading, ...rows]), ...notes];
}

/**
 * @param {number[]} values
 * @param {number[] | undefined} baseline
 * @param {boolean} isBaseline
 * @returns {[string, string]}
 */
function formatCells(values, baseline, isBaseline) {
  if (values.length === 0) return ["-", ""];
  const ratio = baseline === undefined || isBaseline ? undefined : ratios(baseline, values);
  const comparison = ratio && `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} - ${ratio.max.toFixed(2)})`;
  return [format(spread(values).median), comparison ?? ""];
}

/** @param {import("./client-size.mjs").ClientSize[]} sizes */
function formatClientSizes(sizes) {
  const rows = sizes.map(({ label, bytes, gzip, brotli }) =>
    bytes === undefined ? [label, "not built"] : [label, String(bytes), "", String(gzip), "", String(brotli), ""],
  );
  const heading = ["", "minified", "", "gzip", "", "brotli", ""];
  return ["client-size: bytes of the browsers' ES module bundle", ...table([heading, ...rows])];
}

/**
 * Figures stand to the right, what is said about them to their right.
 *
 * @param {string[][]} rows of a name and then pairs of a figure and a comparison
 */
function table(rows) {
  const width = (/** @type {number} */ column) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column % 2 === 1 ? cell.padStart(width(column)) : cell.padEnd(width(column)),
    );
    return `  ${cells.join("  ")}`.trimEnd();
  });
}

/**
 * @param {{ rounds: Record<string, number>[] }} contender
 * @param {string} key
 */
function valuesOf({ rounds }, key) {
  return rounds.map((figures) => /** @type {number} */ (figures[key]));
}

/** @param {number | undefined} value */
function format(value) {
  if (value === undefined) return "?";
  return Math.abs(value) < 100 ? value.toPrecision(3) : value.toFixed(0);
}

/**
 * @param {number} number
 * @param {string} noun
 */
function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** @param {string} text */
function firstLine(text) {
  const lines = text.split("\n");
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0];
}
