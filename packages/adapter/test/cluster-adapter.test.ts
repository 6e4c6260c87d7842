import { PacketType, type EventData } from "@hawser/parser";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  AdapterError,
  ClusterAdapter,
  MessageType,
  type AdapterNamespace,
  type BroadcastFlags,
  type BroadcastOptions,
  type ClusterMessage,
  type ClusterResponse,
  type RestoredSession,
  type Room,
} from "../src/index.ts";
import { FakeNamespace } from "./fixture.ts";

/** A backend that writes down what it is to send, and sends nothing. */
class ScriptedAdapter extends ClusterAdapter {
  readonly published: ClusterMessage[] = [];
  readonly responses: [uid: string, response: ClusterResponse][] = [];
  nodes = 3;
  publishing: (message: ClusterMessage) => Promise<string> = () => Promise.resolve("");
  responding: () => Promise<void> = () => Promise.resolve();

  constructor(nsp: AdapterNamespace) {
    super(nsp);
  }

  get id(): string {
    return this.uid;
  }

  /** The id of the last question. */
  get requestId(): string {
    return (this.published.at(-1) as { data: { requestId: string } }).data.requestId;
  }

  /** A message arrives from another node, unless it says otherwise. */
  hear(message: object, offset?: string): void {
    this.onMessage({ uid: "other", nsp: "/test", ...message } as ClusterMessage, offset);
  }

  /** A response arrives by a way of its own. */
  hearResponse(response: object): void {
    this.onResponse({ uid: "other", nsp: "/test", ...response } as ClusterResponse);
  }

  override serverCount(): Promise<number> {
    return Promise.resolve(this.nodes);
  }

  protected override doPublish(message: ClusterMessage): Promise<string> {
    this.published.push(message);
    return this.publishing(message);
  }

  protected override doPublishResponse(uid: string, response: ClusterResponse): Promise<void> {
    this.responses.push([uid, response]);
    return this.responding();
  }
}

let namespace: FakeNamespace;
let adapter: ScriptedAdapter;

beforeEach(() => {
  vi.useFakeTimers();
  namespace = new FakeNamespace("a", "b");
  adapter = new ScriptedAdapter(namespace);
  void adapter.addAll("a", new Set(["a", "red"]));
  void adapter.addAll("b", new Set(["b"]));
});

afterEach(() => {
  vi.useRealTimers();
});

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

const event = (...data: EventData): { type: typeof PacketType.EVENT; data: EventData } => ({
  type: PacketType.EVENT,
  data,
});

function options(rooms: Room[] = [], flags: BroadcastFlags = {}): BroadcastOptions {
  return { rooms: new Set(rooms), except: new Set(), flags };
}

const toAll = { rooms: [], except: [], flags: {} };

/** What `a` received, as event data. */
const received = (): unknown[][] => namespace.socket("a").received.map(({ packet }) => packet.data);

/** A promise that a test settles. */
function outstanding(): {
  promise: Promise<string>;
  resolve: (offset: string) => void;
  reject: (error: Error) => void;
} {
  let resolve!: (offset: string) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<string>((...ends) => {
    [resolve, reject] = ends;
  });
  return { promise, resolve, reject };
}

describe("what happens on all nodes", () => {
  it("happens here at once, whatever the backend does", () => {
    adapter.publishing = () => new Promise(() => {});
    void adapter.broadcast(event("x"), options());
    void adapter.addSockets(options(["a"]), ["green"]);
    void adapter.delSockets(options(["a"]), ["red"]);
    void adapter.disconnectSockets(options(["a"]), true);
    expect(received()).toEqual([["x"]]);
    expect(namespace.socket("a").calls).toEqual([
      ["join", ["green"]],
      ["leave", "red"],
      ["disconnect", true],
    ]);
    expect(adapter.published.map(({ type }) => type)).toEqual([3, 4, 5, 6]);
  });

  it.each(["rejects", "throws"])("is reported if publishing %s", async (how) => {
    const refusal = new Error("the bus is down");
    adapter.publishing = () => {
      if (how === "throws") {
        throw refusal;
      }
      return Promise.reject(refusal);
    };
    void adapter.broadcast(event("x"), options());
    void adapter.addSockets(options(["a"]), ["green"]);
    await settle();
    expect(received()).toEqual([["x"]]);
    expect(namespace.errors).toEqual([refusal, refusal]);
  });

  it("is published by nobody if it can't be encoded; the caller is told", () => {
    vi.spyOn(namespace, "prepare").mockImplementationOnce(() => {
      throw new TypeError("can't be encoded");
    });
    expect(() => adapter.broadcast(event("bad"), options())).toThrow(TypeError);
    expect(adapter.published).toEqual([]);
  });

  it("stays here if it is for this node only", () => {
    void adapter.broadcast(event("x"), options([], { local: true }));
    void adapter.addSockets(options(["a"], { local: true }), ["green"]);
    adapter.broadcastWithAck(
      event("y"),
      options(["a"], { local: true }),
      vi.fn<(...args: unknown[]) => void>(),
      vi.fn<(...args: unknown[]) => void>(),
    );
    expect(received()).toEqual([["x"], ["y"]]);
    expect(adapter.published).toEqual([]);
  });

  it("is published by nobody if it asks for answers and can't be encoded; the caller is told", () => {
    vi.spyOn(namespace, "prepare").mockImplementation(() => {
      throw new TypeError("can't be encoded");
    });
    expect(() =>
      adapter.broadcastWithAck(
        event("bad"),
        options(),
        vi.fn<(...args: unknown[]) => void>(),
        vi.fn<(...args: unknown[]) => void>(),
      ),
    ).toThrow(TypeError);
    expect(adapter.published).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("where clients can recover, what happens on all nodes", () => {
  beforeEach(() => {
    namespace.offersRecovery = true;
  });

  it("happens here once it is published, in the order of the calls, whichever is published first", async () => {
    const [first, second] = [outstanding(), outstanding()];
    const publications = [first, second];
    adapter.publishing = () => publications.shift()!.promise;
    void adapter.addSockets(options(["a"]), ["green"]);
    void adapter.broadcast(event("x"), options(["a"]));
    second.resolve("2-0");
    await settle();
    expect(received()).toEqual([]);
    first.resolve("1-0");
    await settle();
    expect(namespace.socket("a").calls).toEqual([["join", ["green"]]]);
    expect(received()).toEqual([["x", "2-0"]]);
  });

  it("happens here if publishing fails, which is reported", async () => {
    const refusal = new Error("the bus is down");
    adapter.publishing = () => Promise.reject(refusal);
    await adapter.broadcast(event("x"), options());
    await adapter.addSockets(options(["a"]), ["green"]);
    await adapter.delSockets(options(["a"]), ["red"]);
    await adapter.disconnectSockets(options(["a"]), true);
    expect(received()).toEqual([["x"]]);
    expect(namespace.socket("a").calls).toEqual([
      ["join", ["green"]],
      ["leave", "red"],
      ["disconnect", true],
    ]);
    expect(namespace.errors).toEqual([refusal, refusal, refusal, refusal]);
  });

  it("is not lost if what came before failed here", async () => {
    vi.spyOn(namespace, "prepare").mockImplementationOnce(() => {
      throw new TypeError("can't be encoded");
    });
    void adapter.broadcast(event("bad"), options());
    void adapter.broadcast(event("good"), options());
    await settle();
    expect(received()).toEqual([["good"]]);
    expect(namespace.errors).toEqual([expect.any(TypeError)]);
  });

  it("waits a second for a backend that does not answer, once; that is reported once", async () => {
    const hung = Array.from({ length: 3 }, outstanding);
    const publications = [...hung];
    adapter.publishing = () => publications.shift()!.promise;
    void adapter.broadcast(event(1), options());
    await pass(900);
    void adapter.broadcast(event(2), options());
    await pass(99);
    expect(received()).toEqual([]);
    await pass(1);
    expect(received()).toEqual([[1], [2]]);
    void adapter.broadcast(event(3), options());
    await settle();
    expect(received()).toEqual([[1], [2], [3]]);
    expect(namespace.errors).toEqual([expect.objectContaining({ code: "ERR_PUBLISH_TIMEOUT" })]);
    await pass(5_000);
    for (const { reject } of hung) reject(new Error("much later"));
    await settle();
    expect(namespace.errors).toHaveLength(1);
    expect(received()).toHaveLength(3);
  });

  it("waits no more than a second for all that a backend refuses late", async () => {
    adapter.publishing = () => new Promise((_resolve, reject) => setTimeout(() => reject(new Error("reset")), 600));
    void adapter.broadcast(event(1), options());
    await pass(600);
    expect(received()).toEqual([[1]]);
    void adapter.broadcast(event(2), options());
    await pass(399);
    expect(received()).toEqual([[1]]);
    await pass(1);
    expect(received()).toEqual([[1], [2]]);
    void adapter.broadcast(event(3), options());
    expect(received()).toEqual([[1], [2], [3]]);
  });

  it("waits again for a backend that answers in time again", async () => {
    adapter.publishing = () => new Promise(() => {});
    void adapter.broadcast(event(1), options());
    await pass(1_000);
    adapter.publishing = () => Promise.resolve("8-0");
    void adapter.broadcast(event(2), options());
    expect(received()).toEqual([[1], [2]]);
    await settle();
    void adapter.broadcast(event(3), options());
    await settle();
    expect(received()).toEqual([[1], [2], [3, "8-0"]]);
  });

  /** What was published comes back, as it does from a log that all nodes read. */
  const comeBack = (message: ClusterMessage, offset: string): void => {
    adapter.hear({ ...structuredClone(message), uid: adapter.id }, offset);
  };

  it("happens in the order of the log, if what a node has published comes back to it", async () => {
    adapter.publishing = () => Promise.resolve("1-0");
    void adapter.broadcast(event("first"), options());
    await settle();
    comeBack(adapter.published[0]!, "1-0");
    expect(received()).toEqual([["first", "1-0"]]);

    adapter.publishing = () => Promise.resolve("3-0");
    void adapter.broadcast(event("mine"), options());
    await settle();
    expect(received()).toHaveLength(1);
    adapter.hear({ type: MessageType.BROADCAST, data: { opts: toAll, packet: event("theirs") } }, "2-0");
    comeBack(adapter.published[1]!, "3-0");
    comeBack(adapter.published[1]!, "3-0");
    expect(received()).toEqual([
      ["first", "1-0"],
      ["theirs", "2-0"],
      ["mine", "3-0"],
    ]);
    expect(namespace.errors).toEqual([]);
  });

  it("happens when it comes back, even if that is before the backend has said that it is published", async () => {
    const publication = outstanding();
    adapter.publishing = () => publication.promise;
    void adapter.broadcast(event("x"), options());
    comeBack(adapter.published[0]!, "1-0");
    expect(received()).toEqual([["x", "1-0"]]);
    publication.resolve("1-0");
    await settle();
    expect(received()).toHaveLength(1);
  });

  it("waits a second, once, for what does not come back any more", async () => {
    adapter.publishing = () => Promise.resolve("1-0");
    void adapter.broadcast(event(1), options());
    comeBack(adapter.published[0]!, "1-0");
    adapter.publishing = () => Promise.resolve("2-0");
    void adapter.broadcast(event(2), options());
    await pass(999);
    expect(received()).toHaveLength(1);
    await pass(1);
    void adapter.broadcast(event(3), options());
    expect(received()).toEqual([[1, "1-0"], [2, "2-0"], [3]]);
    expect(namespace.errors).toEqual([expect.objectContaining({ code: "ERR_PUBLISH_TIMEOUT" })]);
    await pass(100);
    comeBack(adapter.published[1]!, "2-0");
    void adapter.broadcast(event(4), options());
    expect(received()).toHaveLength(4);
    comeBack(adapter.published[3]!, "4-0");
    void adapter.broadcast(event(5), options());
    expect(received()).toHaveLength(4);
    comeBack(adapter.published[4]!, "5-0");
    expect(received()).toHaveLength(5);
  });

  it("does not wait once the adapter is closed", async () => {
    adapter.publishing = () => new Promise(() => {});
    void adapter.broadcast(event(1), options());
    await adapter.close();
    expect(received()).toEqual([[1]]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("an offset", () => {
  beforeEach(() => {
    namespace.offersRecovery = true;
    adapter.publishing = () => Promise.resolve("7-0");
  });

  it("ends what is delivered, but not what is published", async () => {
    const packet = event("x", 1);
    await adapter.broadcast(packet, options());
    expect(received()).toEqual([["x", 1, "7-0"]]);
    expect(packet.data).toEqual(["x", 1]);
    expect(adapter.published).toMatchObject([{ data: { packet: { data: ["x", 1] } } }]);
  });

  it("ends what is received, whose message stays as it is", () => {
    const message = { type: MessageType.BROADCAST, data: { opts: toAll, packet: event("x") } };
    const before = structuredClone(message);
    adapter.hear(message, "8-0");
    adapter.hear(message, "8-0");
    expect(received()).toEqual([
      ["x", "8-0"],
      ["x", "8-0"],
    ]);
    expect(message).toEqual(before);
  });

  it("is left out if there is none", async () => {
    adapter.publishing = () => Promise.resolve("");
    await adapter.broadcast(event("x", 1), options());
    adapter.hear({ type: MessageType.BROADCAST, data: { opts: toAll, packet: event("y", 2) } });
    expect(received()).toEqual([
      ["x", 1],
      ["y", 2],
    ]);
  });

  it("is left out of volatile events, unless their own string at the end would be taken for one", async () => {
    await adapter.broadcast(event("x", 1), options([], { volatile: true }));
    await adapter.broadcast(event("x", "text"), options([], { volatile: true }));
    expect(received()).toEqual([
      ["x", 1],
      ["x", "text", "7-0"],
    ]);
  });

  it("is left out if clients can't recover", async () => {
    namespace.offersRecovery = false;
    await adapter.broadcast(event("x", 1), options());
    expect(received()).toEqual([["x", 1]]);
  });
});

describe("a client that comes back", () => {
  beforeEach(() => {
    namespace.offersRecovery = true;
    adapter.publishing = () => Promise.resolve("7-0");
  });

  const broadcast = (name: string, rooms: Room[] = [], except: Room[] = []): object => ({
    type: MessageType.BROADCAST,
    data: { opts: { rooms, except, flags: {} }, packet: event(name) },
  });

  /** The session of `a`, as the log has it. */
  const found = (...missedPackets: unknown[][]): RestoredSession => ({
    sid: "a",
    pid: "p",
    rooms: ["a", "red"],
    data: {},
    missedPackets,
  });

  it("gets what arrives between the look at the log and its being in its rooms", async () => {
    adapter.hear(broadcast("before"), "1-0");
    const gap = adapter.openGap();
    adapter.hear(broadcast("to all"), "2-0");
    adapter.hear(broadcast("to red", ["red"]), "3-0");
    adapter.hear(broadcast("to others", ["blue"]), "4-0");
    adapter.hear(broadcast("not to red", [], ["red"]), "5-0");
    await adapter.broadcast(event("of this node"), options());
    const session = found(["from the log", "1-5"]);
    gap.close(session);
    expect(session.missedPackets).toEqual([
      ["from the log", "1-5"],
      ["to all", "2-0"],
      ["to red", "3-0"],
      ["of this node", "7-0"],
    ]);
    adapter.hear(broadcast("after"), "8-0");
    expect(session.missedPackets).toHaveLength(4);
  });

  it("gets nothing twice that the log had before this node heard of it", async () => {
    const gap = adapter.openGap();
    adapter.hear(broadcast("early"), "1-0");
    const session = found(["early", "1-0"], ["late", "2-0"], ["of this node", "7-0"]);
    gap.close(session);
    expect(session.missedPackets).toHaveLength(3);
    namespace.socket("a").received.length = 0;
    adapter.hear(broadcast("late"), "2-0");
    await adapter.broadcast(event("of this node"), options());
    adapter.hear(broadcast("new"), "8-0");
    expect(received()).toEqual([["new", "8-0"]]);
    expect(namespace.socket("b").received.map(({ packet }) => packet.data[0])).toEqual([
      "early",
      "late",
      "of this node",
      "new",
    ]);
  });

  it("is forgotten after a while, and so is one that does not come back", async () => {
    adapter.openGap().close(found(["x", "1-0"]));
    adapter.openGap().abandon();
    adapter.openGap();
    await pass(60_000);
    expect(vi.getTimerCount()).toBe(0);
    adapter.hear(broadcast("x"), "1-0");
    expect(received()).toEqual([["x", "1-0"]]);
  });
});

describe("a question to the other nodes", () => {
  const sockets = (uid: string, ...ids: string[]): object => ({
    uid,
    type: MessageType.FETCH_SOCKETS_RESPONSE,
    data: { requestId: adapter.requestId, sockets: ids.map((id) => ({ id, handshake: {}, rooms: [id], data: {} })) },
  });

  const answer = (uid: string, packet: unknown): object => ({
    uid,
    type: MessageType.SERVER_SIDE_EMIT_RESPONSE,
    data: { requestId: adapter.requestId, packet },
  });

  it("is answered when each has answered, by whatever way", async () => {
    const found = adapter.fetchSockets(options(["a"]));
    await settle();
    adapter.hear(sockets("one", "c"));
    adapter.hearResponse(sockets("two", "d", "e"));
    expect((await found).map(({ id }) => id)).toEqual(["a", "c", "d", "e"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes one answer of each, however often it arrives", async () => {
    const found = adapter.fetchSockets(options(["a"]));
    await settle();
    adapter.hear(sockets("one", "c"));
    adapter.hear(sockets("one", "c"));
    adapter.hear(sockets("two", "d"));
    adapter.hear(sockets("two", "d"));
    expect((await found).map(({ id }) => id)).toEqual(["a", "c", "d"]);
  });

  it("takes no answers to another question", async () => {
    const ack = vi.fn<(...args: unknown[]) => void>();
    const outcome = adapter.serverSideEmit(["x", ack]);
    await outcome;
    adapter.hear(sockets("one", "c"));
    adapter.hear({ ...answer("one", 1), data: { requestId: "constructor", packet: 1 } });
    adapter.hear(answer("one", 1));
    expect(ack).not.toHaveBeenCalled();
    adapter.hear(answer("two", 2));
    expect(ack.mock.calls).toEqual([[null, [1, 2]]]);
  });

  it("ends after five seconds with an error that has a code, and the answers that came", async () => {
    const ack = vi.fn<(...args: unknown[]) => void>();
    void adapter.serverSideEmit(["x", ack]);
    const found = expect(adapter.fetchSockets(options())).rejects.toMatchObject({
      name: "AdapterError",
      code: "ERR_CLUSTER_TIMEOUT",
      message: "timeout reached: only 0 responses received out of 2",
      responses: [{ id: "a" }, { id: "b" }],
    });
    await settle();
    adapter.hear({ ...answer("one", 1), data: { requestId: requestIdOf(MessageType.SERVER_SIDE_EMIT), packet: 1 } });
    await pass(5_000);
    await found;
    expect(ack.mock.calls).toEqual([
      [
        expect.objectContaining({
          code: "ERR_CLUSTER_TIMEOUT",
          message: "timeout reached: only 1 responses received out of 2",
          responses: [1],
        }),
        [1],
      ],
    ]);
  });

  it("may wait longer than timers can count", async () => {
    const settled = vi.fn<(...args: unknown[]) => void>();
    adapter.fetchSockets(options([], { timeout: Infinity })).then(settled, settled);
    await pass(60_000);
    expect(settled).not.toHaveBeenCalled();
  });

  it("is not put if there are no others", async () => {
    adapter.nodes = 1;
    const ack = vi.fn<(...args: unknown[]) => void>();
    await adapter.serverSideEmit(["x", ack]);
    expect(ack.mock.calls).toEqual([[null, []]]);
    expect(await adapter.fetchSockets(options(["a"]))).toEqual([namespace.socket("a")]);
    expect(adapter.published).toEqual([]);
  });

  it("fails if it can't be told how many others there are, with what is here", async () => {
    const failure = new Error("no idea");
    vi.spyOn(adapter, "serverCount").mockRejectedValue(failure);
    const ack = vi.fn<(...args: unknown[]) => void>();
    await adapter.serverSideEmit(["x", ack]);
    const error = {
      code: "ERR_CLUSTER_UNREACHABLE",
      message: "the other nodes can't be asked: no idea",
      cause: failure,
    };
    expect(ack.mock.calls).toEqual([[expect.objectContaining(error), []]]);
    await expect(adapter.fetchSockets(options(["a"]))).rejects.toMatchObject({ ...error, responses: [{ id: "a" }] });
  });

  it("fails if that is not told in time", async () => {
    vi.spyOn(adapter, "serverCount").mockReturnValue(new Promise(() => {}));
    const found = expect(adapter.fetchSockets(options())).rejects.toMatchObject({ code: "ERR_CLUSTER_TIMEOUT" });
    const soon = expect(adapter.fetchSockets(options([], { timeout: 300 }))).rejects.toMatchObject({
      code: "ERR_CLUSTER_TIMEOUT",
    });
    await pass(300);
    await soon;
    await pass(4_700);
    await found;
  });

  it("takes no longer than it may if there is also a wait for their number", async () => {
    vi.spyOn(adapter, "serverCount").mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      return 3;
    });
    const found = expect(adapter.fetchSockets(options())).rejects.toMatchObject({ code: "ERR_CLUSTER_TIMEOUT" });
    await pass(5_000);
    await found;
  });

  it("reports what its callback throws", async () => {
    adapter.nodes = 2;
    const exception = new Error("of the application");
    void adapter.serverSideEmit([
      "x",
      () => {
        throw exception;
      },
    ]);
    await settle();
    adapter.hear(answer("one", 1));
    expect(namespace.errors).toEqual([exception]);
  });

  it("fails if it can't be published", async () => {
    const refusal = new Error("the bus is down");
    adapter.publishing = () => Promise.reject(refusal);
    const ack = vi.fn<(...args: unknown[]) => void>();
    void adapter.serverSideEmit(["x", ack]);
    void adapter.serverSideEmit(["y"]);
    await settle();
    expect(ack.mock.calls).toEqual([
      [expect.objectContaining({ code: "ERR_CLUSTER_UNREACHABLE", cause: refusal }), []],
    ]);
    expect(namespace.errors).toEqual([refusal]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

const requestIdOf = (type: MessageType): string =>
  (adapter.published.find((message) => message.type === type) as { data: { requestId: string } }).data.requestId;

describe("a broadcast that asks for answers", () => {
  const count = (uid: string, clientCount: number): object => ({
    uid,
    type: MessageType.BROADCAST_CLIENT_COUNT,
    data: { requestId: adapter.requestId, clientCount },
  });

  const ack = (uid: string, packet: unknown): object => ({
    uid,
    type: MessageType.BROADCAST_ACK,
    data: { requestId: adapter.requestId, packet },
  });

  function ask(timeout?: number): { counts: number[]; answers: unknown[] } {
    const outcome = { counts: [] as number[], answers: [] as unknown[] };
    adapter.broadcastWithAck(
      event("x"),
      options(["a"], timeout === undefined ? {} : { timeout }),
      (clientCount) => outcome.counts.push(clientCount),
      (answer) => outcome.answers.push(answer),
    );
    return outcome;
  }

  it.each([
    [50, 50],
    [undefined, 10_000],
  ])("with a timeout of %s ms has this node's own clients wait %s ms", (timeout, expected) => {
    ask(timeout);
    expect([...namespace.socket("a").acks.values()].map((pending) => pending.timeout)).toEqual([expected]);
  });

  it("hears how many clients each node asked, and their answers", () => {
    const outcome = ask();
    adapter.hear(count("one", 2));
    adapter.hear(ack("one", "first"));
    adapter.hear(count("two", 0));
    adapter.hear(ack("one", "second"));
    expect(outcome).toEqual({ counts: [1, 2, 0], answers: ["first", "second"] });
  });

  it("counts nothing twice, and no more answers than there are clients", () => {
    const outcome = ask();
    adapter.hear(count("one", 1));
    adapter.hear(count("one", 1));
    adapter.hear(ack("one", "first"));
    adapter.hear(ack("one", "first"));
    adapter.hear(ack("two", "of nobody who was asked"));
    expect(outcome).toEqual({ counts: [1, 1], answers: ["first"] });
  });

  it("holds answers that overtake their number", () => {
    const outcome = ask();
    adapter.hear(ack("one", "first"));
    adapter.hear(ack("one", "first"));
    expect(outcome.answers).toEqual([]);
    adapter.hear(count("one", 1));
    expect(outcome).toEqual({ counts: [1, 1], answers: ["first"] });
  });

  it.each([
    [50, 50],
    [undefined, 10_000],
  ])("with a timeout of %s ms is forgotten after %s ms", async (timeout, expected) => {
    const outcome = ask(timeout);
    await pass(expected - 1);
    adapter.hear(count("one", 1));
    await pass(1);
    adapter.hear(ack("one", "late"));
    expect(outcome.answers).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of another node is answered; the answers of its own clients are awaited as long as it says, or ten seconds", () => {
    const broadcast = (flags: object): object => ({
      type: MessageType.BROADCAST,
      data: { requestId: "r1", opts: { rooms: ["a"], except: [], flags }, packet: event("x") },
    });
    adapter.hear(broadcast({ timeout: 300 }));
    adapter.hear(broadcast({}));
    adapter.hear(broadcast({ timeout: Infinity }));
    const acks = [...namespace.socket("a").acks.values()];
    expect(acks.map(({ timeout }) => timeout)).toEqual([300, 10_000, 10_000]);
    acks[0]?.ack("yes");
    expect(adapter.responses.map(([uid, { type, data }]) => [uid, type, data])).toEqual([
      ["other", MessageType.BROADCAST_CLIENT_COUNT, { requestId: "r1", clientCount: 1 }],
      ["other", MessageType.BROADCAST_CLIENT_COUNT, { requestId: "r1", clientCount: 1 }],
      ["other", MessageType.BROADCAST_CLIENT_COUNT, { requestId: "r1", clientCount: 1 }],
      ["other", MessageType.BROADCAST_ACK, { requestId: "r1", packet: "yes" }],
    ]);
  });
});

describe("a message of another node", () => {
  const joined: object = { type: MessageType.SOCKETS_JOIN, data: { opts: toAll, rooms: ["green"] } };

  it("is ignored if it is this node's own, or for another namespace", () => {
    const dropped = vi.fn<(...args: unknown[]) => void>();
    adapter.on("dropped-message", dropped);
    adapter.hear({ ...joined, uid: adapter.id });
    adapter.hear({ ...joined, nsp: "/" });
    expect(namespace.socket("a").calls).toEqual([]);
    expect(dropped).not.toHaveBeenCalled();
  });

  it("that is none is dropped, which an event tells", () => {
    const dropped = vi.fn<(...args: unknown[]) => void>();
    adapter.on("dropped-message", dropped);
    adapter.hear({ ...joined, type: 99 });
    expect(dropped.mock.calls).toEqual([[expect.objectContaining({ type: 99 })]]);
    expect(namespace.errors).toEqual([]);
  });

  it("throws nothing at the backend: what it brings about is reported", () => {
    vi.spyOn(namespace, "prepare").mockImplementation(() => {
      throw new TypeError("can't be encoded");
    });
    adapter.hear({ type: MessageType.BROADCAST, data: { opts: toAll, packet: event("x", 1n) } });
    adapter.on("dropped-message", () => {
      throw new RangeError("of the application");
    });
    adapter.hear({ type: 99 });
    expect(namespace.errors).toEqual([expect.any(TypeError), expect.any(RangeError)]);
  });

  it("may hold nothing where something may be left out, and numbers for rooms", () => {
    const opts = { rooms: [7], except: null, flags: null };
    void adapter.addAll("b", new Set([7 as unknown as string]));
    adapter.hear({ type: MessageType.BROADCAST, data: { opts, packet: event("x"), requestId: null } });
    adapter.hear({ type: MessageType.DISCONNECT_SOCKETS, data: { opts, close: null } });
    expect(namespace.recipients).toBe("b");
    expect(namespace.socket("b").calls).toEqual([["disconnect", false]]);
  });

  it("brings in no flags but those that are known", () => {
    const flags = { volatile: "yes", compress: {}, timeout: "1", local: true };
    adapter.hear({ type: MessageType.BROADCAST, data: { opts: { ...toAll, flags }, packet: event("x") } });
    expect(namespace.socket("a").received[0]?.flags).toEqual({
      volatile: false,
      compress: undefined,
      timeout: undefined,
    });
  });

  it("is answered once, however often the application does", () => {
    adapter.hear({ type: MessageType.SERVER_SIDE_EMIT, data: { requestId: "r1", packet: ["x", 1] } });
    const [[name, value, answer] = []] = namespace.serverSideEvents as [string, number, (value: unknown) => void][];
    expect([name, value]).toEqual(["x", 1]);
    answer?.("first");
    answer?.("second");
    expect(adapter.responses).toEqual([
      [
        "other",
        {
          uid: adapter.id,
          nsp: "/test",
          type: MessageType.SERVER_SIDE_EMIT_RESPONSE,
          data: { requestId: "r1", packet: "first" },
        },
      ],
    ]);
  });

  it("is answered with all that can be sent of a socket", () => {
    const handshake = { auth: {}, sessionStore: { circular: true } };
    Object.assign(namespace.socket("a"), { handshake });
    adapter.hear({ type: MessageType.FETCH_SOCKETS, data: { requestId: "r1", opts: { ...toAll, rooms: ["red"] } } });
    expect(adapter.responses.map(([, { data }]) => data)).toEqual([
      { requestId: "r1", sockets: [{ id: "a", handshake: { auth: {} }, rooms: ["a", "red"], data: {} }] },
    ]);
    expect(handshake).toHaveProperty("sessionStore");
  });

  it.each(["rejects", "throws"])("whose answer %s is reported", async (how) => {
    const refusal = new Error("the bus is down");
    adapter.responding = () => {
      if (how === "throws") {
        throw refusal;
      }
      return Promise.reject(refusal);
    };
    adapter.hear({ type: MessageType.FETCH_SOCKETS, data: { requestId: "r1", opts: toAll } });
    await settle();
    expect(namespace.errors).toEqual([refusal]);
  });
});

describe("closing", () => {
  it("ends what waits for other nodes, with an error", async () => {
    const ack = vi.fn<(...args: unknown[]) => void>();
    void adapter.serverSideEmit(["x", ack]);
    const found = expect(adapter.fetchSockets(options())).rejects.toMatchObject({ code: "ERR_ADAPTER_CLOSED" });
    adapter.broadcastWithAck(
      event("x"),
      options(),
      vi.fn<(...args: unknown[]) => void>(),
      vi.fn<(...args: unknown[]) => void>(),
    );
    await settle();
    await adapter.close();
    await found;
    expect(ack.mock.calls).toEqual([[expect.any(AdapterError), []]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends hearing and saying", async () => {
    const asked = { requestId: "r1", opts: { ...toAll, rooms: ["a"] }, packet: event("x") };
    adapter.hear({ type: MessageType.BROADCAST, data: asked });
    const [{ ack: acknowledgeLate } = { ack: () => {} }] = namespace.socket("a").acks.values();
    namespace.socket("a").received.length = adapter.responses.length = 0;
    await adapter.close();
    adapter.hear({ type: MessageType.SOCKETS_JOIN, data: { opts: toAll, rooms: ["green"] } });
    adapter.hear({ type: 99 });
    expect(namespace.socket("a").calls).toEqual([]);
    acknowledgeLate();
    const ack = vi.fn<(...args: unknown[]) => void>();
    await adapter.broadcast(event("x"), options(["a"]));
    adapter.broadcastWithAck(
      event("y"),
      options(["a"]),
      vi.fn<(...args: unknown[]) => void>(),
      vi.fn<(...args: unknown[]) => void>(),
    );
    await adapter.serverSideEmit(["x"]);
    await adapter.serverSideEmit(["x", ack]);
    expect(received()).toEqual([["x"], ["y"]]);
    expect(ack.mock.calls).toEqual([[null, []]]);
    expect(await adapter.fetchSockets(options(["a"]))).toHaveLength(1);
    expect(adapter.published).toEqual([]);
    expect(adapter.responses).toEqual([]);
    expect(namespace.errors).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves what was being published to itself", async () => {
    const publication = outstanding();
    adapter.publishing = () => publication.promise;
    void adapter.serverSideEmit(["x"]);
    await adapter.close();
    publication.reject(new Error("the connection was closed"));
    await settle();
    expect(namespace.errors).toEqual([]);
  });
});
