import { beforeEach, describe, expect, it, vi } from "vitest";
import { runChain } from "../src/middleware-chain.ts";
import { UserErrors } from "../src/user-errors.ts";

type Middleware = (next: (error?: unknown) => void) => unknown;

const context = { phase: "middleware" } as const;
const told = vi.fn<(...args: unknown[]) => boolean>(() => true);
const userErrors = new UserErrors("contain", told);

beforeEach(() => {
  told.mockClear();
});

/** Runs `middlewares` and settles with what `done` was called with, each time, once nothing happens any more. */
async function outcome(...middlewares: Middleware[]): Promise<unknown[][]> {
  const done = vi.fn<(...args: unknown[]) => void>();
  runChain(middlewares, (middleware, next) => middleware(next), done, userErrors, context);
  await new Promise((resolve) => setImmediate(resolve));
  return done.mock.calls;
}

const pass: Middleware = (next) => next();
const failure = new Error("no");

describe("a chain of middlewares", () => {
  it("is done at once if there are none, or none takes its time", () => {
    const done = vi.fn<(...args: unknown[]) => void>();
    runChain<Middleware>([], () => {}, done, userErrors, context);
    runChain([pass, pass], (middleware, next) => middleware(next), done, userErrors, context);
    expect(done.mock.calls).toEqual([[], []]);
  });

  it("runs them one after the other", async () => {
    const seen: number[] = [];
    const slow =
      (index: number): Middleware =>
      (next) => {
        seen.push(index);
        process.nextTick(next);
      };
    expect(await outcome(slow(1), slow(2), slow(3))).toEqual([[]]);
    expect(seen).toEqual([1, 2, 3]);
  });

  it.each<[string, Middleware, unknown[][]]>([
    ["passed on, of which nobody is told", (next) => next(failure), []],
    [
      "thrown, which is told",
      () => {
        throw failure;
      },
      [[failure, context]],
    ],
    ["rejected, which is told", () => Promise.reject(failure), [[failure, context]]],
  ])("ends with the first error, %s", async (_how, middleware, reports) => {
    const late = vi.fn<(...args: unknown[]) => void>();
    expect(await outcome(pass, middleware, late)).toEqual([[failure]]);
    expect(late).not.toHaveBeenCalled();
    expect(told.mock.calls).toEqual(reports);
  });

  it.each<unknown>([undefined, null, "", 0, false])(
    "ends with an error even if one throws or rejects with %j",
    async (nothing) => {
      const thrower: Middleware = () => {
        throw nothing;
      };
      expect(await outcome(thrower)).toEqual([[expect.any(Error)]]);
      expect(await outcome(() => Promise.reject(nothing))).toEqual([[expect.any(Error)]]);
      expect(told.mock.calls).toEqual(Array(2).fill([expect.any(Error), context]));
    },
  );

  it("hears each of them once", async () => {
    const second = vi.fn<Middleware>(pass);
    const first: Middleware = (next) => {
      next();
      next();
      next(failure);
      throw failure;
    };
    expect(await outcome(first, second)).toEqual([[]]);
    expect(second).toHaveBeenCalledTimes(1);
  });

  it.each<[string, Middleware]>([
    [
      "throws",
      (next) => {
        next();
        throw failure;
      },
    ],
    [
      "rejects",
      async (next) => {
        next();
        await Promise.resolve();
        throw failure;
      },
    ],
  ])("goes on when one %s after it has called next, and the error is told", async (_how, middleware) => {
    expect(await outcome(middleware)).toEqual([[]]);
    expect(told.mock.calls).toEqual([[failure, context]]);
  });

  it("waits for one that does not call next, whatever it resolves with", async () => {
    expect(await outcome(() => {})).toEqual([]);
    expect(await outcome(() => Promise.resolve("x"))).toEqual([]);
  });

  it("is the one that there was when it began", async () => {
    const late = vi.fn<Middleware>(pass);
    const middlewares: Middleware[] = [
      (next) => {
        middlewares.push(late);
        next();
      },
    ];
    expect(await outcome(...middlewares)).toEqual([[]]);
    expect(late).not.toHaveBeenCalled();
  });
});
