import { FakeClock } from "@hawser/testing";
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { ErrorPrinter } from "../src/error-printer.ts";
import { TestServer, until } from "./fixture.ts";

const failure = new Error("a bug");

let stderr: MockInstance<typeof console.error>;
let clock: FakeClock;
let printer: ErrorPrinter;

beforeEach(() => {
  stderr = vi.spyOn(console, "error").mockImplementation(() => {});
  clock = new FakeClock();
  printer = new ErrorPrinter(clock);
});

afterEach(() => {
  printer.flush();
  stderr.mockRestore();
});

function print(count: number): void {
  for (let index = 0; index < count; index++) {
    printer.print(failure, "the event handler");
  }
}

/** What was printed from the call `first` on; a stack is one. */
function printed(first = 0): string[] {
  return stderr.mock.calls.slice(first).map(([message]) => String(message).split(";")[0] as string);
}

const STACK = "hawser: the event handler failed";

describe("errors that nobody takes", () => {
  it("are printed with their stacks", () => {
    print(1);
    expect(stderr.mock.calls).toEqual([[expect.stringContaining('listen for "handler_error"'), failure]]);
    expect(clock.armedTimers).toBe(0);
  });

  it("are no flood: five a second, and when that is over, how many others there were", () => {
    print(100);
    expect(printed()).toEqual(Array(5).fill(STACK));
    clock.advance(999);
    expect(stderr).toHaveBeenCalledTimes(5);
    clock.advance(1);
    expect(printed(5)).toEqual(["hawser: 95 more errors were not printed"]);
    print(1);
    expect(printed(6)).toEqual([STACK]);
  });

  it("are counted by the second, however long they go on", () => {
    print(6);
    clock.advance(1000);
    print(7);
    clock.advance(1000);
    expect(printed()).toEqual([
      ...Array<string>(5).fill(STACK),
      "hawser: 1 more error was not printed",
      ...Array<string>(5).fill(STACK),
      "hawser: 2 more errors were not printed",
    ]);
    expect(clock.armedTimers).toBe(0);
  });

  it("are told of at the end of the process, too", () => {
    const before = process.listenerCount("exit");
    print(8);
    const [listener] = process.listeners("exit").slice(before) as [() => void];
    listener();
    expect(printed(5)).toEqual(["hawser: 3 more errors were not printed"]);
    expect([process.listenerCount("exit"), clock.armedTimers]).toEqual([before, 0]);
  });

  it("are told of when the server closes, too", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    socket.on("a", () => {
      throw failure;
    });
    for (let count = 0; count < 7; count++) {
      await client.send('42["a"]');
    }
    await until(() => stderr.mock.calls.length === 5);
    await client.send('42["last"]');
    await new Promise((resolve) => socket.once("last", resolve));
    await server.io.close();
    expect(printed(5)).toEqual(["hawser: 2 more errors were not printed"]);
  });
});
