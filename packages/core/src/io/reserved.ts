import { isReservedEvent } from "@hawser/parser";
import { HawserError } from "../errors.ts";

/**
 * Refuses the names that belong to the library.
 *
 * @param event - what the application wants to emit
 * @throws HawserError `ERR_EVENT_NAME` if `event` is one of them
 */
export function assertEmittable(event: unknown): void {
  if (isReservedEvent(event)) {
    throw reservedEventError(event);
  }
}

/** The error for emitting an event whose name belongs to the library. */
export function reservedEventError(event: unknown): HawserError {
  return new HawserError("ERR_EVENT_NAME", `"${String(event)}" is a reserved event name`);
}
