import { isReservedEvent } from "@hawser/parser";

/**
 * Refuses the names that belong to the library.
 *
 * @throws if `event` is one
 */
export function assertEmittable(event: unknown): void {
  if (isReservedEvent(event)) {
    throw new Error(`"${String(event)}" is a reserved event name`);
  }
}
