import { labelled, SERVER_FILES } from "./contenders.mjs";
import { Process } from "./processes.mjs";

/**
 * @typedef {object} Sample one contender's figures in one scenario and one round
 * @property {number} round from 1
 * @property {number} rounds
 * @property {import("./scenarios/index.mjs").Scenario} scenario
 * @property {string} label the contender
 * @property {Record<string, number>} [figures]
 * @property {Error} [error] why there are none
 */

/**
 * @typedef {object} ScenarioResult
 * @property {string} name
 * @property {string} title
 * @property {import("./scenarios/index.mjs").Figure[]} figures
 * @property {{ label: string, rounds: Record<string, number>[] }[]} contenders figures by round, in the order of rounds
 * @property {{ label: string, round: number, message: string }[]} failures
 */

/**
 * Runs all rounds, one contender after the other within each scenario and round, so that what the machine does
 * meanwhile hits them alike. A contender that fails takes no further part in that scenario.
 *
 * @param {import("./options.mjs").Options} options
 * @param {(sample: Sample) => void} onSample
 * @returns {Promise<{ rounds: number, seconds: number, scenarios: ScenarioResult[] }>} `rounds` is how many there were
 */
export async function runRounds({ size, rounds, limit, patience, contenders, scenarios }, onSample) {
  const results = scenarios.map((scenario) => emptyResult(scenario, size, entrantsOf(scenario, contenders)));
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let longestRound = 0;
  let round = 0;
  while (round < rounds && (round === 0 || elapsed() + longestRound <= limit)) {
    round += 1;
    const before = elapsed();
    for (const [index, scenario] of scenarios.entries()) {
      const result = /** @type {ScenarioResult} */ (results[index]);
      for (const { label, name } of entrantsOf(scenario, contenders)) {
        if (result.failures.some((failure) => failure.label === label)) continue;
        /** @type {Sample} */
        const sample = { round, rounds, scenario, label };
        try {
          sample.figures = await runOnce(scenario, size, name, patience);
          result.contenders.find((contender) => contender.label === label)?.rounds.push(sample.figures);
        } catch (error) {
          sample.error = /** @type {Error} */ (error);
          result.failures.push({ label, round, message: sample.error.message });
        }
        onSample(sample);
      }
    }
    longestRound = Math.max(longestRound, elapsed() - before);
  }
  return { rounds: round, seconds: elapsed(), scenarios: results };
}

/**
 * @param {import("./scenarios/index.mjs").Scenario} scenario
 * @param {string[] | undefined} contenders
 */
function entrantsOf({ servers = SERVER_FILES }, contenders) {
  return labelled(contenders?.filter((name) => name in servers) ?? Object.keys(servers));
}

/**
 * @param {import("./scenarios/index.mjs").Scenario} scenario
 * @param {"quick" | "full"} size
 * @param {string} contender
 * @param {number} patience
 * @throws {Error} what went wrong; a server's own account of it stands first, as the load generator saw only its effect
 */
async function runOnce(scenario, size, contender, patience) {
  const { servers = SERVER_FILES } = scenario;
  const server = await Process.start(`servers/${servers[contender]}`, patience);
  try {
    const load = await Process.start("load/main.mjs", patience);
    try {
      return await scenario.run(server, load, scenario.sizes[size]);
    } finally {
      // The load goes first: it takes a connection that the server closes for a failure.
      await load.stop();
    }
  } catch (error) {
    await server.stop();
    throw new Error(`${server.errors}${/** @type {Error} */ (error).message}`, { cause: error });
  } finally {
    await server.stop();
  }
}

/**
 * @param {import("./scenarios/index.mjs").Scenario} scenario
 * @param {"quick" | "full"} size
 * @param {{ label: string }[]} entrants
 * @returns {ScenarioResult}
 */
function emptyResult(scenario, size, entrants) {
  return {
    name: scenario.name,
    title: scenario.title(scenario.sizes[size]),
    figures: scenario.figures,
    contenders: entrants.map(({ label }) => ({ label, rounds: [] })),
    failures: [],
  };
}
