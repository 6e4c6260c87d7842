import { describe, test } from "vitest";
import {
  createContext,
  type ClientModule,
  type ContextSettings,
  type Disposable,
  type ServerClass,
  type TransportMode,
  TRANSPORT_MODES,
} from "./context.ts";
import type { LocalScenario, Scenario } from "./scenario.ts";

/**
 * Registers one test for each scenario and transport mode.
 *
 * @param title - names the combination under test
 * @param scenarios - what to run
 * @param settings - gives the world of one run
 * @param modes - all three by default
 */
export function describeScenarios(
  title: string,
  scenarios: readonly Scenario[],
  settings: (transportMode: TransportMode, index: number) => ContextSettings,
  modes: readonly TransportMode[] = TRANSPORT_MODES,
): void {
  const create = (mode: TransportMode, index: number) => createContext(settings(mode, index));
  describeIn(title, scenarios, create, modes);
}

/**
 * Registers one test for each scenario whose clients live in this process, and each transport mode.
 *
 * @param title - names the combination under test
 * @param scenarios - what to run
 * @param Server - the server's class
 * @param client - the client's package
 * @param modes - all three by default
 */
export function describeLocalScenarios(
  title: string,
  scenarios: readonly LocalScenario[],
  Server: ServerClass,
  client: ClientModule,
  modes: readonly TransportMode[] = TRANSPORT_MODES,
): void {
  const create = (transportMode: TransportMode) => ({
    ...createContext({ Server, io: client.io, transportMode }),
    client,
  });
  describeIn(title, scenarios, create, modes);
}

function describeIn<Context>(
  title: string,
  scenarios: readonly Scenario<Context>[],
  create: (transportMode: TransportMode, index: number) => Context & Disposable,
  modes: readonly TransportMode[],
): void {
  describe.each(modes)(`${title} over %s`, (transportMode) => {
    scenarios.forEach(({ name, run, modes: ownModes = modes }, index) => {
      if (!ownModes.includes(transportMode)) return;
      test(name, async () => {
        const context = create(transportMode, index);
        try {
          await run(context);
        } finally {
          await context.dispose();
        }
      });
    });
  });
}
