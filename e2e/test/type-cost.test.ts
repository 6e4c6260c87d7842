/** What an application's types cost its compiler. Counted, so that it is the same on every machine. */

import { expect, test } from "vitest";
import { LIMIT, measureTypeCost } from "../../scripts/check-type-cost.mjs";

test(`200 typed events cost the compiler at most ${LIMIT} times what they cost with Socket.IO's types`, () => {
  const [official, ...ours] = measureTypeCost();
  expect(official!.instantiations).toBeGreaterThan(10_000);
  expect(ours.map(({ name }) => name)).toEqual(["hawser", "hawser, single map"]);
  for (const { instantiations } of ours) {
    expect(instantiations / official!.instantiations).toBeLessThanOrEqual(LIMIT);
  }
});
