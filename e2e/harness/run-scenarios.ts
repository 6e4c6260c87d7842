import { describe, test } from "vitest";
import { createContext, type ContextSettings, type TransportMode, TRANSPORT_MODES } from "./context.ts";
import type { Scenario } from "./scenario.ts";

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
  describe.each(modes)(`${title} over %s`, (transportMode) => {
    scenarios.forEach(({ name, run }, index) => {
      test(name, async () => {
        const context = createContext(settings(transportMode, index));
        try {
          await run(context);
        } finally {
          await context.dispose();
        }
      });
    });
  });
}
