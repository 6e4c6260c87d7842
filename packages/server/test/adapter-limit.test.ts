/** Adapters that others wrote may wait for ever, and fail in their own words. */

import { Adapter, AdapterError, type AdapterSocket, type BroadcastOptions, type SocketDetails } from "@hawser/adapter";
import { describe, expect, it, vi } from "vitest";
import type { RemoteSocket } from "../src/index.ts";
import { nextEvent, TestServer, until } from "./fixture.ts";

type Question = (...args: unknown[]) => unknown;

/** A server whose adapter does as told. */
async function serverWith(question: Question): Promise<TestServer> {
  class TestAdapter extends Adapter {
    override fetchSockets(options: BroadcastOptions): Promise<(AdapterSocket | SocketDetails)[]> {
      return options.flags?.local ? super.fetchSockets(options) : (question() as Promise<SocketDetails[]>);
    }

    override serverSideEmit(packet: unknown[]): Promise<void> {
      return question(packet.at(-1)) as Promise<void>;
    }

    override restoreSession(): Promise<null> {
      return question() as Promise<null>;
    }
  }
  return TestServer.start({ adapter: TestAdapter, adapterTimeout: 20, connectionStateRecovery: {} });
}

const never: Question = () => new Promise(() => {});
const rejecting =
  (reason: unknown): Question =>
  () =>
    Promise.reject(reason);

const LATE = "timeout reached while waiting for fetchSockets response";

describe("fetchSockets()", () => {
  it("ends when the time is up, with the sockets of this server", async () => {
    const server = await serverWith(never);
    const { socket } = await server.join();
    await expect(server.io.fetchSockets()).rejects.toMatchObject({
      name: "AdapterError",
      code: "ERR_CLUSTER_TIMEOUT",
      responses: [socket],
    });
    await expect(server.io.timeout(1).fetchSockets()).rejects.toMatchObject({ code: "ERR_CLUSTER_TIMEOUT" });
  });

  it("fails with a code, whatever the adapter fails with", async () => {
    const refusal = new Error("the socket was closed");
    const server = await serverWith(rejecting(refusal));
    const error = { code: "ERR_CLUSTER_UNREACHABLE", cause: refusal, responses: [] };
    await expect(server.io.fetchSockets()).rejects.toMatchObject(error);
    const late = await serverWith(rejecting(new Error(LATE)));
    await expect(late.io.fetchSockets()).rejects.toMatchObject({ code: "ERR_CLUSTER_TIMEOUT", message: LATE });
  });

  it("gives what other servers said of their sockets as sockets, in time or not", async () => {
    const details = { id: "x", handshake: {}, rooms: ["x", "red"], data: { name: "remote" } };
    const late = new AdapterError("ERR_CLUSTER_TIMEOUT");
    late.responses = [details];
    const server = await serverWith(rejecting(late));
    await expect(server.io.fetchSockets()).rejects.toBe(late);
    const [found] = late.responses as RemoteSocket<never, unknown>[];
    expect(found).toMatchObject({ id: "x", data: { name: "remote" } });
    expect(found!.rooms).toEqual(new Set(["x", "red"]));
  });
});

describe("serverSideEmit() with an acknowledgement", () => {
  it("ends when the time is up, once", async () => {
    let answer: Question = never;
    const server = await serverWith((given) => {
      answer = given as Question;
      return never();
    });
    const callback = vi.fn<(...args: unknown[]) => void>();
    server.io.serverSideEmit("count", callback);
    await until(() => callback.mock.calls.length > 0);
    answer(null, [1]);
    expect(callback.mock.calls).toEqual([[expect.objectContaining({ code: "ERR_CLUSTER_TIMEOUT" }), []]]);
  });

  it("fails at once if the adapter does", async () => {
    const refusal = new Error("the socket was closed");
    const server = await serverWith(rejecting(refusal));
    await expect(server.io.serverSideEmitWithAck("count")).rejects.toMatchObject({
      code: "ERR_CLUSTER_UNREACHABLE",
      cause: refusal,
      responses: [],
    });
  });

  it("has a code if the adapter says that answers did not come", async () => {
    const server = await serverWith((answer) =>
      (answer as Question)(new Error("timeout reached: only 1 responses received out of 2"), [1]),
    );
    await expect(server.io.serverSideEmitWithAck("count")).rejects.toMatchObject({
      code: "ERR_CLUSTER_TIMEOUT",
      responses: [1],
    });
  });
});

describe("a client", () => {
  it("that comes back is let in as a new one if the adapter does not say in time what is known of it", async () => {
    const server = await serverWith(never);
    const told = nextEvent(server.io, "handler_error");
    const { socket } = await server.join("websocket", "/", { pid: "known", offset: "1-0" });
    expect(socket.recovered).toBe(false);
    expect(await told).toMatchObject([{ code: "ERR_CLUSTER_TIMEOUT" }, { phase: "adapter" }]);
  });
});
