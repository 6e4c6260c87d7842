import type { AddressInfo } from "node:net";
import { describe, expectTypeOf, it } from "vitest";
import { Server } from "../src/index.ts";

// What applications of Socket.IO have written, as they have written it.

describe("a server", () => {
  it("gives its HTTP server without a question whether there is one", () => {
    const { port } = new Server(0).httpServer.address() as AddressInfo;
    expectTypeOf(port).toBeNumber();
    expectTypeOf(new Server(0).httpServer.listening).toBeBoolean();
  });

  it("takes WebTransport sessions of the standard's type, and of none", () => {
    const { engine } = new Server(0);
    expectTypeOf(engine.onWebTransportSession).toBeCallableWith({} as WebTransport);
    expectTypeOf(engine.onWebTransportSession).toBeCallableWith({} as any);
  });
});
