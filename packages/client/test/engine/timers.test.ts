import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { installTimerFunctions, nextTick, type TimerFunctions } from "../../src/engine/timers.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it("gives an object the timers of the moment", () => {
  const target = {} as TimerFunctions;
  installTimerFunctions(target, {});
  const called: string[] = [];
  target.setTimeoutFn(() => called.push("kept"), 1000);
  target.clearTimeoutFn(target.setTimeoutFn(() => called.push("cleared"), 1000));
  vi.advanceTimersByTime(1000);
  expect(called).toEqual(["kept"]);
});

it("gives an object the platform's own timers, if that is wanted", async () => {
  const target = {} as TimerFunctions;
  installTimerFunctions(target, { useNativeTimers: true });
  await new Promise<void>((resolve) => target.setTimeoutFn(resolve, 1));
  expect(vi.getTimerCount()).toBe(0);
});

it("calls back once the stack has unwound", async () => {
  const called: unknown[] = [];
  await new Promise<void>((resolve) => {
    nextTick(
      (...args) => {
        called.push(args);
        resolve();
      },
      "a",
      "b",
    );
    called.push("first");
  });
  expect(called).toEqual(["first", ["a", "b"]]);
});
