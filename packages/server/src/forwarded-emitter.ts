import type { EventEmitter } from "node:events";

/** The methods of an emitter that have to do with listeners. */
const FORWARDED = [
  "on",
  "once",
  "off",
  "addListener",
  "removeListener",
  "removeAllListeners",
  "prependListener",
  "prependOnceListener",
  "setMaxListeners",
  "getMaxListeners",
  "listeners",
  "rawListeners",
  "listenerCount",
  "eventNames",
] as const satisfies readonly (keyof EventEmitter)[];

/**
 * Lets the objects of a class hand their listeners on to another emitter, for which they stand.
 *
 * @param prototype - of the class
 * @param target - gives the other emitter of an object
 */
export function forwardListeners<Self extends EventEmitter>(
  prototype: Self,
  target: (self: Self) => EventEmitter,
): void {
  for (const method of FORWARDED) {
    Object.defineProperty(prototype, method, {
      configurable: true,
      writable: true,
      value(this: Self, ...args: unknown[]): unknown {
        const emitter = target(this);
        const forward = emitter[method] as (...args: unknown[]) => unknown;
        const result = forward.apply(emitter, args);
        return result === emitter ? this : result;
      },
    });
  }
}
