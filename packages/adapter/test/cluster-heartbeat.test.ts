import { PacketType } from "@hawser/parser";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ClusterAdapterWithHeartbeat,
  MessageType,
  type AdapterNamespace,
  type ClusterAdapterOptions,
  type ClusterMessage,
  type ClusterResponse,
} from "../src/index.ts";
import { FakeNamespace } from "./fixture.ts";

/** A backend that writes down what it is to send, and sends nothing. */
class ScriptedAdapter extends ClusterAdapterWithHeartbeat {
  readonly published: ClusterMessage[] = [];
  publishing: () => Promise<string> = () => Promise.resolve("");

  constructor(nsp: AdapterNamespace, options?: ClusterAdapterOptions) {
    super(nsp, options);
  }

  /** The types of what was published, by name. */
  get said(): string[] {
    return this.published.map(({ type }) => MessageType[type]);
  }

  protected override doPublish(message: ClusterMessage): Promise<string> {
    this.published.push(message);
    return this.publishing();
  }

  protected override doPublishResponse(_uid: string, _response: ClusterResponse): Promise<void> {
    return Promise.resolve();
  }
}

let namespace: FakeNamespace;
let adapter: ScriptedAdapter;

beforeEach(() => {
  vi.useFakeTimers();
  namespace = new FakeNamespace("a");
  adapter = new ScriptedAdapter(namespace);
});

afterEach(async () => {
  await adapter.close();
  vi.useRealTimers();
});

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

function hear(uid: string, type: MessageType = MessageType.HEARTBEAT, data?: object, nsp = "/test"): void {
  adapter.onMessage({ uid, nsp, type, data } as unknown as ClusterMessage);
}

const everybody = { rooms: new Set<string>(), except: new Set<string>(), flags: {} };

describe("a node says that it is there", () => {
  it("when it comes, and whenever it has said nothing for five seconds", async () => {
    void adapter.init();
    await pass(4_999);
    expect(adapter.said).toEqual(["INITIAL_HEARTBEAT"]);
    await pass(1);
    expect(adapter.said).toEqual(["INITIAL_HEARTBEAT", "HEARTBEAT"]);
    await pass(4_000);
    void adapter.serverSideEmit(["x"]);
    await pass(4_999);
    expect(adapter.said.slice(2)).toEqual(["SERVER_SIDE_EMIT"]);
    await pass(1);
    expect(adapter.said.slice(3)).toEqual(["HEARTBEAT"]);
  });

  it("to one that comes", () => {
    hear("one", MessageType.INITIAL_HEARTBEAT);
    expect(adapter.said).toEqual(["HEARTBEAT"]);
  });

  it("as often as it is told; what is not told is as usual", async () => {
    const often = new ScriptedAdapter(namespace, { heartbeatInterval: 100 });
    const usual = new ScriptedAdapter(namespace, { heartbeatInterval: undefined });
    void often.init();
    void usual.init();
    await pass(1_000);
    expect(often.said).toHaveLength(11);
    expect(usual.said).toHaveLength(1);
    await Promise.all([often.close(), usual.close()]);
  });
});

describe("other nodes", () => {
  it("are those that are heard, in this namespace; but not emitters", async () => {
    hear("one");
    hear("two", MessageType.SERVER_SIDE_EMIT, { packet: ["x"] });
    hear("emitter", MessageType.SERVER_SIDE_EMIT, { packet: ["y"] });
    hear("three", MessageType.HEARTBEAT, undefined, "/other");
    adapter.onResponse({
      uid: "four",
      nsp: "/test",
      type: MessageType.BROADCAST_ACK,
      data: { requestId: "r1", packet: 1 },
    });
    expect(await adapter.serverCount()).toBe(4);
    expect(namespace.serverSideEvents).toEqual([["x"], ["y"]]);
  });

  it("are gone after ten seconds of silence, or as long as is told, and come back with the next word", async () => {
    const strict = new ScriptedAdapter(namespace, { heartbeatTimeout: 2_000 });
    strict.onMessage({ uid: "one", nsp: "/test", type: MessageType.HEARTBEAT });
    hear("one");
    await pass(3_000);
    expect([await strict.serverCount(), await adapter.serverCount()]).toEqual([1, 2]);
    await pass(8_000);
    expect(await adapter.serverCount()).toBe(1);
    hear("one");
    expect(await adapter.serverCount()).toBe(2);
    await strict.close();
  });

  it("are gone when they say farewell, and what arrives of them later does not bring them back", async () => {
    hear("one");
    hear("one", MessageType.ADAPTER_CLOSE);
    hear("two", MessageType.ADAPTER_CLOSE);
    hear("one");
    hear("one", MessageType.SERVER_SIDE_EMIT, { packet: ["sent before"] });
    hear("two", MessageType.INITIAL_HEARTBEAT);
    expect(await adapter.serverCount()).toBe(1);
    expect(namespace.serverSideEvents).toEqual([["sent before"]]);
  });

  it("that have gone leave nothing behind", async () => {
    for (let index = 0; index < 100; index++) {
      hear(`node ${index}`);
      hear(`other ${index}`, MessageType.ADAPTER_CLOSE);
    }
    await pass(12_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a question", () => {
  const answer = (uid: string, packet: unknown): void => {
    const { requestId } = (adapter.published.at(-1) as { data: { requestId: string } }).data;
    hear(uid, MessageType.SERVER_SIDE_EMIT_RESPONSE, { requestId, packet });
  };

  it("waits for the nodes that are there when it is put, and takes the answer of one that comes", async () => {
    hear("one");
    hear("two");
    const ack = vi.fn<(...args: unknown[]) => void>();
    await adapter.serverSideEmit(["x", ack]);
    answer("three", 3);
    answer("one", 1);
    expect(ack).not.toHaveBeenCalled();
    answer("two", 2);
    expect(ack.mock.calls).toEqual([[null, [3, 1, 2]]]);
  });

  it("tells how many answers are missing, when the time is up", async () => {
    hear("one");
    hear("two");
    const ack = vi.fn<(...args: unknown[]) => void>();
    await adapter.serverSideEmit(["x", ack]);
    answer("one", 1);
    await pass(5_000);
    expect(ack.mock.calls).toEqual([
      [expect.objectContaining({ message: "timeout reached: missing 1 responses" }), [1]],
    ]);
  });

  it("to clients waits no longer for a node that has gone without a word; nor for one that has said its number", async () => {
    hear("one");
    hear("two");
    const counts: number[] = [];
    const answers: unknown[] = [];
    adapter.broadcastWithAck(
      { type: PacketType.EVENT, data: ["x"] },
      everybody,
      (count) => counts.push(count),
      (value) => answers.push(value),
    );
    const { requestId } = (adapter.published.at(-1) as { data: { requestId: string } }).data;
    hear("one", MessageType.BROADCAST_CLIENT_COUNT, { requestId, clientCount: 1 });
    hear("one", MessageType.ADAPTER_CLOSE);
    hear("two", MessageType.ADAPTER_CLOSE);
    hear("one", MessageType.BROADCAST_ACK, { requestId, packet: "sent before" });
    expect(counts).toEqual([0, 1, 0]);
    expect(answers).toEqual(["sent before"]);
    hear("one", MessageType.BROADCAST_ACK, { requestId, packet: "sent again" });
    expect(answers).toEqual(["sent before"]);
  });
});

it("a broadcast whose answers are all there is forgotten at once", () => {
  hear("one");
  hear("two");
  const before = vi.getTimerCount();
  adapter.broadcastWithAck(
    { type: PacketType.EVENT, data: ["x"] },
    everybody,
    vi.fn<() => void>(),
    vi.fn<() => void>(),
  );
  const { requestId } = (adapter.published.at(-1) as { data: { requestId: string } }).data;
  hear("one", MessageType.BROADCAST_CLIENT_COUNT, { requestId, clientCount: 1 });
  hear("two", MessageType.BROADCAST_CLIENT_COUNT, { requestId, clientCount: 0 });
  // The answers are awaited for a while, and the next heartbeat for another.
  expect(vi.getTimerCount()).toBe(before + 2);
  hear("one", MessageType.BROADCAST_ACK, { requestId, packet: "yes" });
  expect(vi.getTimerCount()).toBe(before + 1);
});

describe("closing", () => {
  it("is said to the others, and is over when that is on its way", async () => {
    void adapter.init();
    hear("one");
    let taken: (offset: string) => void = () => {};
    adapter.publishing = () => new Promise((resolve) => (taken = resolve));
    const closed = vi.fn<(...args: unknown[]) => void>();
    void Promise.resolve(adapter.close()).then(closed);
    expect(adapter.said).toEqual(["INITIAL_HEARTBEAT", "ADAPTER_CLOSE"]);
    await pass(0);
    expect(closed).not.toHaveBeenCalled();
    taken("");
    await pass(0);
    expect(closed).toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["fails", () => Promise.reject(new Error("the bus is down"))],
    ["hangs", () => new Promise<string>(() => {})],
  ])("takes a second at most if the farewell %s, of which nobody needs to know", async (_how, publishing) => {
    adapter.publishing = publishing;
    const closed = vi.fn<(...args: unknown[]) => void>();
    void Promise.resolve(adapter.close()).then(closed);
    await pass(1_000);
    expect(closed).toHaveBeenCalled();
    expect(namespace.errors).toEqual([]);
  });

  it("ends all heartbeats, whatever is called afterwards", async () => {
    void adapter.init();
    hear("one");
    await adapter.close();
    void adapter.serverSideEmit(["x"]);
    adapter.publish({ type: MessageType.HEARTBEAT });
    hear("one", MessageType.INITIAL_HEARTBEAT);
    await pass(60_000);
    expect(adapter.said).toEqual(["INITIAL_HEARTBEAT", "ADAPTER_CLOSE"]);
    expect(await adapter.serverCount()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("an adapter that is not used has no timers", () => {
  expect(vi.getTimerCount()).toBe(0);
});
