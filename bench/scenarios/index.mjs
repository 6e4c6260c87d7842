import { echoWithAck } from "./echo-with-ack.mjs";
import { burst, fanOut, redisFanOut, redisFanOutFromAfar } from "./fan-out.mjs";
import { idleMemory } from "./idle-memory.mjs";

/**
 * @typedef {object} Figure something that is measured, per operation; less is better
 * @property {string} key in the figures of a sample
 * @property {string} label
 * @property {string} unit
 */

/** @typedef {import("../processes.mjs").Process} Process */
/** @typedef {Record<string, number>} Size how much to do; each scenario has its own keys */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {(size: any) => string} title what is done in one round
 * @property {Figure[]} figures the first is the main one
 * @property {{ quick: Size, full: Size }} sizes
 * @property {Record<string, string>=} servers contenders of its own, with Redis: it then takes part only if it is asked for
 * @property {(server: Process, load: Process, size: any) => Promise<Record<string, number>>} run gives the figures, and
 *   beside them what helps to judge them
 */

/** @type {Scenario[]} */
export const SCENARIOS = [echoWithAck, fanOut, burst, idleMemory, redisFanOut, redisFanOutFromAfar];
