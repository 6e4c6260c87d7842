import { expect, it, vi } from "vitest";
import { CatchAll } from "../src/catch-all.ts";

it("listeners are called in order, those that were prepended first", () => {
  const all = new CatchAll();
  const seen: string[] = [];
  for (const name of ["a", "b"]) {
    all.append(() => seen.push(name));
    all.prepend(() => seen.push(`prepended ${name}`));
  }
  all.notify(["event", 1]);
  expect(seen).toEqual(["prepended b", "prepended a", "a", "b"]);
});

it("they are handed the name and the arguments", () => {
  const all = new CatchAll();
  const listener = vi.fn();
  all.append(listener);
  all.notify(["event", 1, "2"]);
  expect(listener).toHaveBeenCalledExactlyOnceWith("event", 1, "2");
});

it("one that was added twice is called twice, and removed once at a time", () => {
  const all = new CatchAll();
  const listener = vi.fn();
  all.append(listener);
  all.append(listener);
  all.notify(["event"]);
  all.remove(listener);
  all.notify(["event"]);
  expect(listener).toHaveBeenCalledTimes(3);
  all.remove();
  all.notify(["event"]);
  expect(listener).toHaveBeenCalledTimes(3);
});

it("one that was never added can be removed", () => {
  const all = new CatchAll();
  const listener = vi.fn();
  all.append(listener);
  all.remove(() => {});
  expect(all.listeners).toEqual([listener]);
});

it("changes made while listeners are called count from the next event", () => {
  const all = new CatchAll();
  const late = vi.fn();
  const once = vi.fn(() => {
    all.remove(once);
    all.append(late);
  });
  all.append(once);
  all.append(vi.fn());
  all.notify(["first"]);
  expect(late).not.toHaveBeenCalled();
  all.notify(["second"]);
  expect(once).toHaveBeenCalledTimes(1);
  expect(late).toHaveBeenCalledExactlyOnceWith("second");
});
