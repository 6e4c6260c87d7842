import { PacketType, type EventData } from "@hawser/parser";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SessionAwareAdapter, type BroadcastFlags, type RestoredSession, type Room } from "../src/index.ts";
import { FakeNamespace } from "./fixture.ts";

let namespace: FakeNamespace;
let adapter: SessionAwareAdapter;

beforeEach(() => {
  vi.useFakeTimers();
  namespace = new FakeNamespace("a", "b");
  adapter = new SessionAwareAdapter(namespace, { maxDisconnectionDuration: 1000 });
  void adapter.addAll("a", new Set(["a", "red"]));
});

afterEach(() => {
  vi.useRealTimers();
});

function broadcast(data: EventData, rooms: Room[] = [], flags?: BroadcastFlags): void {
  adapter.broadcast({ type: PacketType.EVENT, data }, { rooms: new Set(rooms), ...(flags && { flags }) });
}

/** The arguments of the last event that `a` received. */
const last = (): unknown[] => namespace.socket("a").received.at(-1)?.packet.data ?? [];
const lastOffset = (): string => String(last().at(-1));

function leave(): void {
  adapter.persistSession({ sid: "a", pid: "p", rooms: ["a", "red"], data: { name: "ada" } });
  adapter.delAll("a");
}

/** The names of the events that `a` is given when it comes back. */
async function missed(offset: string | undefined): Promise<unknown[] | null> {
  const session = await adapter.restoreSession("p", offset);
  return session ? session.missedPackets.map(([name]) => name) : null;
}

describe("each event ends with its offset", () => {
  it("which is a string, and another one each time", () => {
    broadcast(["x", 1]);
    const [name, value, first] = last();
    expect([name, value, typeof first]).toEqual(["x", 1, "string"]);
    broadcast(["x", 1]);
    expect(lastOffset()).not.toBe(first);
  });

  it("but for volatile ones, unless their own string at the end would be taken for one", () => {
    broadcast(["before"]);
    const offset = lastOffset();
    broadcast(["x", 1], [], { volatile: true });
    expect(last()).toEqual(["x", 1]);
    broadcast(["x", "text"], [], { volatile: true });
    expect(last()).toEqual(["x", "text", offset]);
    broadcast(["x"], [], { volatile: true });
    expect(last()).toEqual(["x", offset]);
  });
});

describe("a client that comes back", () => {
  it("finds its session, and what it missed", async () => {
    broadcast(["seen"]);
    const offset = lastOffset();
    leave();
    broadcast(["to all"]);
    broadcast(["to red"], ["red"]);
    broadcast(["to blue"], ["blue"]);
    broadcast(["volatile"], [], { volatile: true });
    expect(await adapter.restoreSession("p", offset)).toEqual({
      sid: "a",
      pid: "p",
      rooms: ["a", "red"],
      data: { name: "ada" },
      missedPackets: [
        ["to all", expect.any(String)],
        ["to red", expect.any(String)],
      ],
    });
  });

  it("without an offset has received nothing: it missed all since it joined", async () => {
    void adapter.addAll("b", new Set(["b"]));
    broadcast(["lost on the way"]);
    leave();
    broadcast(["later"]);
    expect(await missed(undefined)).toEqual(["lost on the way", "later"]);
  });

  it("and is cut off again before it has received anything misses nothing", async () => {
    broadcast(["first"]);
    leave();
    expect(await missed(undefined)).toEqual(["first"]);
    void adapter.addAll("a", new Set(["a", "red"]));
    leave();
    expect(await missed(undefined)).toEqual(["first"]);
  });

  it("finds it once", async () => {
    broadcast(["seen"]);
    const offset = lastOffset();
    leave();
    expect(await missed(offset)).toEqual([]);
    expect(await missed(offset)).toBeNull();
  });

  it("finds it again if it was returned, with what it missed until then", async () => {
    broadcast(["seen"]);
    const offset = lastOffset();
    leave();
    broadcast(["1"], ["red"]);
    adapter.returnSession((await adapter.restoreSession("p", offset)) as RestoredSession);
    broadcast(["2"], ["red"]);
    expect(await missed(offset)).toEqual(["1", "2"]);
    expect(await missed(offset)).toBeNull();
  });

  it("does not find it for longer by that", async () => {
    leave();
    vi.advanceTimersByTime(400);
    adapter.persistSession({ sid: "b", pid: "q", rooms: ["b"], data: {} });
    vi.advanceTimersByTime(400);
    adapter.returnSession((await adapter.restoreSession("p", undefined)) as RestoredSession);
    vi.advanceTimersByTime(199);
    adapter.returnSession((await adapter.restoreSession("p", undefined)) as RestoredSession);
    vi.advanceTimersByTime(1);
    // The one that was left later comes first now.
    expect(await missed(undefined)).toBeNull();
    expect((await adapter.restoreSession("q", undefined))?.sid).toBe("b");
  });

  it("missed what was emitted between its return and its being in its rooms, too", async () => {
    broadcast(["seen"]);
    const offset = lastOffset();
    leave();
    broadcast(["1"]);
    const gap = adapter.openGap();
    const session = (await adapter.restoreSession("p", offset)) as RestoredSession;
    broadcast(["2"], ["red"]);
    broadcast(["to others"], ["blue"]);
    gap.close(session);
    expect(session.missedPackets.map(([name]) => name)).toEqual(["1", "2"]);
  });

  it.each(["unknown", "", "__proto__"])("with the offset %j finds nothing", async (offset) => {
    leave();
    expect(await missed(offset)).toBeNull();
  });

  it("with the id of nobody finds nothing", async () => {
    leave();
    for (const pid of ["q", "__proto__", "constructor"]) {
      expect(await adapter.restoreSession(pid, undefined)).toBeNull();
    }
  });

  it("too late finds nothing, and sessions that nobody claims are forgotten", async () => {
    leave();
    vi.advanceTimersByTime(999);
    adapter.persistSession({ sid: "b", pid: "q", rooms: ["b"], data: {} });
    vi.advanceTimersByTime(1);
    expect(await missed(undefined)).toBeNull();
    expect((await adapter.restoreSession("q", undefined))?.sid).toBe("b");
  });

  it("whose events are not all remembered finds nothing", async () => {
    adapter = new SessionAwareAdapter(namespace, { maxPackets: 2 });
    void adapter.addAll("a", new Set(["a", "red"]));
    broadcast(["seen"]);
    const offset = lastOffset();
    leave();
    broadcast(["1"]);
    broadcast(["2"]);
    broadcast(["3"]);
    expect(await missed(offset)).toBeNull();
  });

  it("to another server, or after a restart, finds nothing", async () => {
    broadcast(["seen"]);
    const offset = lastOffset();
    adapter = new SessionAwareAdapter(namespace);
    void adapter.addAll("a", new Set(["a", "red"]));
    leave();
    expect(await missed(offset)).toBeNull();
  });
});
