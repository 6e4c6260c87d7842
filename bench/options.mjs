import { parseArgs } from "node:util";
import { REDIS_SERVERS, SERVER_FILES } from "./contenders.mjs";
import { SCENARIOS } from "./scenarios/index.mjs";

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {}

/**
 * @typedef {object} Options
 * @property {boolean} help
 * @property {"quick" | "full"} size
 * @property {number} rounds how often every contender meets every scenario
 * @property {number} limit seconds; a round that could not end within them isn't started, but for the first
 * @property {number} patience seconds after which a step of a scenario counts as failed
 * @property {string[] | undefined} contenders their names; a name may occur twice, for an A/A comparison. All unless told
 * @property {import("./scenarios/index.mjs").Scenario[]} scenarios
 * @property {string | undefined} json the file for the machine-readable result
 */

const KNOWN = [...new Set([...Object.keys(SERVER_FILES), ...Object.keys(REDIS_SERVERS)])];

const SIZES = { quick: { rounds: 3, limit: 50, patience: 10 }, full: { rounds: 9, limit: 540, patience: 30 } };

export const HELP = `Usage: pnpm bench [options]

  --quick               smaller scenarios, ${SIZES.quick.rounds} rounds, less than a minute
  --rounds N            this many rounds (${SIZES.full.rounds} unless told), however long they take
  --only a,b            only these scenarios: ${SCENARIOS.map((scenario) => scenario.name).join(", ")}
  --contenders a,b      only these servers: ${KNOWN.join(", ")}
                        (the same name twice shows the noise: socket.io,socket.io)
  --json FILE           write all figures of all rounds to FILE
  --help                this text

bench/README.md says how to read the figures.`;

/**
 * @param {string[]} args
 * @returns {Options}
 * @throws {UsageError}
 */
export function readOptions(args) {
  const values = parse(args);
  const size = values.quick === true ? "quick" : "full";
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new UsageError(`--rounds takes a whole number above 0, not "${values.rounds}"`);
  }
  const standard = SCENARIOS.filter((scenario) => scenario.servers === undefined);
  const names = list("--only", values.only, SCENARIOS.map((scenario) => scenario.name)) ?? standard.map((scenario) => scenario.name); // prettier-ignore
  return {
    help: values.help === true,
    size,
    rounds: rounds ?? SIZES[size].rounds,
    limit: rounds === undefined ? SIZES[size].limit : Infinity,
    patience: SIZES[size].patience,
    contenders: list("--contenders", values.contenders, KNOWN),
    scenarios: SCENARIOS.filter((scenario) => names.includes(scenario.name)),
    json: values.json,
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        quick: { type: "boolean" },
        rounds: { type: "string" },
        only: { type: "string" },
        contenders: { type: "string" },
        json: { type: "string" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
}

/**
 * @param {string} option
 * @param {string | undefined} value names with commas between them; absent means all
 * @param {string[]} known
 */
function list(option, value, known) {
  if (value === undefined) return undefined;
  const names = value.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`${option} does not know "${unknown}", only ${known.join(", ")}`);
  return names;
}
