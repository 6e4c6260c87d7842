/** @typedef {{ min: number, median: number, max: number }} Spread */

/**
 * @param {number[]} values at least one
 * @returns {Spread}
 */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (/** @type {number} */ index) => /** @type {number} */ (sorted[index]);
  return { min: at(0), median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, max: at(sorted.length - 1) };
}

/**
 * How many times as much the baseline costs, each round compared with itself.
 *
 * @param {number[]} baseline by round
 * @param {number[]} contender by round
 * @returns {Spread | undefined} nothing if there is no round that both took part in
 */
export function ratios(baseline, contender) {
  const common = Math.min(baseline.length, contender.length);
  if (common === 0) return undefined;
  return spread(contender.slice(0, common).map((value, round) => /** @type {number} */ (baseline[round]) / value));
}
