import type { Implementation } from "./implementations.ts";
import type { Row } from "./row.ts";
import { World } from "./world.ts";

/** Runs a row against one implementation and returns its transcript. */
export async function runRow({ run }: Row, implementation: Implementation): Promise<string[]> {
  const world = new World(implementation);
  try {
    await run(world);
    return world.transcript.lines;
  } finally {
    await world.dispose();
  }
}
