import type { Clock } from "@hawser/core";
import type { EngineOptions } from "../options.ts";

const origin = Date.now() - performance.now();

/** What the platform had when this module was loaded. Tests that make time stand still come later. */
const NATIVE = {
  setTimeout: setTimeout.bind(globalThis),
  clearTimeout: clearTimeout.bind(globalThis),
  performance: { now: performance.now.bind(performance) },
  Date,
};

/** The part of a clock that all platforms have alike. */
export function createTimers({ useNativeTimers }: EngineOptions): Omit<Clock, "defer"> {
  const platform = useNativeTimers ? NATIVE : globalThis;
  return {
    // Never stands still: `performance.now()` does on many platforms while the machine sleeps, and the wall clock may be set back.
    now: () => Math.max(platform.performance.now(), platform.Date.now() - origin),
    setTimer: (callback, delay) => platform.setTimeout(callback, delay),
    clearTimer: (handle) => platform.clearTimeout(handle as number),
  };
}
