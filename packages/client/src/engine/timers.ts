/** What programs that are built on an engine take from it, so that their timers are those that the engine has. */

import { runtime } from "#runtime";
import type { EngineOptions } from "../options.ts";

const NATIVE = { setTimeout, clearTimeout };

/** What {@link installTimerFunctions} gives to an object. */
export interface TimerFunctions {
  setTimeoutFn: typeof setTimeout;
  clearTimeoutFn: typeof clearTimeout;
}

/**
 * Gives an object the platform's timers, as `setTimeoutFn` and `clearTimeoutFn`.
 *
 * @param target - the object
 * @param options - `useNativeTimers`: those that were there when this module was loaded, although tests have replaced them since
 */
export function installTimerFunctions(
  target: object,
  { useNativeTimers }: Pick<EngineOptions, "useNativeTimers">,
): void {
  const source = useNativeTimers ? NATIVE : globalThis;
  const timers: TimerFunctions = {
    setTimeoutFn: source.setTimeout.bind(globalThis),
    clearTimeoutFn: source.clearTimeout.bind(globalThis),
  };
  Object.assign(target, timers);
}

const clock = runtime.createClock({});

/**
 * Calls back after the present stack has unwound, and before any timer or input.
 *
 * @param callback - the function
 * @param args - what it is called with
 */
export function nextTick(callback: (...args: unknown[]) => void, ...args: unknown[]): void {
  clock.defer(() => callback(...args));
}
