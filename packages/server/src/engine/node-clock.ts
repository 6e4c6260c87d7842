import type { Clock, TimerHandle } from "@hawser/core";

/** Time as Node tells it. Deferred work runs before Node returns to its event loop. */
export const nodeClock: Clock = {
  now: () => performance.now(),
  setTimer: (callback, delay): TimerHandle => setTimeout(callback, delay),
  clearTimer: (handle) => clearTimeout(handle as NodeJS.Timeout),
  defer: (callback) => process.nextTick(callback),
};

/** The same, with timers that do not keep the process alive. */
export const backgroundClock: Clock = {
  ...nodeClock,
  setTimer: (callback, delay): TimerHandle => setTimeout(callback, delay).unref(),
};
