import { expect, it, vi } from "vitest";
import { Server } from "../../src/engine/server.ts";
import { settled } from "../fixture.ts";

it("a handler_error listener that rejects is not told of that again: it is printed", async () => {
  const stderr = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    const engine = new Server();
    const listener = vi.fn<() => Promise<never>>(() => Promise.reject(new Error("of the listener")));
    engine.on("handler_error", listener);
    engine.on("drain", () => Promise.reject(new Error("first")));
    engine.emit("drain");
    await settled();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(stderr.mock.calls).toEqual([[expect.stringContaining("a handler_error listener"), expect.any(Error)]]);
  } finally {
    stderr.mockRestore();
  }
});
