#!/usr/bin/env node
/** Compares hawser with Socket.IO and with a bare `ws` responder, side by side. `--help` lists the options. */
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { clientSizes } from "./client-size.mjs";
import { HELP, readOptions, UsageError } from "./options.mjs";
import { startRedis } from "./redis.mjs";
import { formatReport, formatSample } from "./report.mjs";
import { runRounds } from "./rounds.mjs";

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.once(signal, () => process.exit(code));
}

/**
 * @param {string[]} args the command line, without the runtime and the script
 * @returns {Promise<number>} the exit code: 0, or 1 if a contender failed in a scenario
 */
async function main(args) {
  const options = readOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (options.scenarios.some((scenario) => scenario.servers !== undefined)) await startRedis();
  const loadBefore = loadavg()[0];
  const outcome = await runRounds(options, (sample) => console.error(formatSample(sample)));
  const result = {
    date: new Date().toISOString(),
    node: process.version,
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cpus: availableParallelism(),
      loadBefore,
      loadAfter: loadavg()[0],
    },
    size: options.size,
    contenders: options.contenders ?? "all",
    ...outcome,
    clientSizes: clientSizes(),
  };
  console.log(formatReport(result));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  return outcome.scenarios.some((scenario) => scenario.failures.length > 0) ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}
