import { PacketType } from "@hawser/parser";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Adapter, type BroadcastOptions, type BroadcastPacket, type Room } from "../src/index.ts";
import { FakeNamespace } from "./fixture.ts";

let namespace: FakeNamespace;
let adapter: Adapter;

beforeEach(() => {
  namespace = new FakeNamespace("a", "b", "c");
  adapter = new Adapter(namespace);
});

const packet = (): BroadcastPacket => ({ type: PacketType.EVENT, data: ["x"] });

function join(id: string, ...rooms: Room[]): void {
  void adapter.addAll(id, new Set(rooms));
}

function options(rooms: Room[] = [], except: Room[] = []): BroadcastOptions {
  return { rooms: new Set(rooms), except: new Set(except) };
}

/** What the adapter emits from now on. */
function events(): unknown[] {
  const log: unknown[] = [];
  for (const event of ["create-room", "join-room", "leave-room", "delete-room"]) {
    adapter.on(event, (...args: unknown[]) => log.push([event, ...args]));
  }
  return log;
}

describe("rooms", () => {
  it("exist while somebody is in them", () => {
    join("a", "red", "blue");
    join("b", "red");
    expect(adapter.rooms).toEqual(
      new Map([
        ["red", new Set(["a", "b"])],
        ["blue", new Set(["a"])],
      ]),
    );
    expect(adapter.sids).toEqual(
      new Map([
        ["a", new Set(["red", "blue"])],
        ["b", new Set(["red"])],
      ]),
    );
    void adapter.del("a", "red");
    void adapter.del("a", "blue");
    expect([...adapter.rooms.keys()]).toEqual(["red"]);
    expect(adapter.sids.get("a")).toEqual(new Set());
  });

  it("may be joined again, which changes nothing", () => {
    join("a", "red");
    const log = events();
    join("a", "red");
    expect(log).toEqual([]);
    expect(adapter.rooms.get("red")).toEqual(new Set(["a"]));
  });

  it("may be named like the members of an object", () => {
    for (const room of ["__proto__", "constructor", "toString"]) {
      join("a", room);
      expect(adapter.rooms.get(room)).toEqual(new Set(["a"]));
      void adapter.del("a", room);
      expect(adapter.rooms.has(room)).toBe(false);
    }
  });

  it("that one is not in can be left", () => {
    join("a", "red");
    const log = events();
    void adapter.del("a", "blue");
    void adapter.del("b", "red");
    adapter.delAll("c");
    expect(log).toEqual([]);
    expect(adapter.rooms.get("red")).toEqual(new Set(["a"]));
  });

  it("are all left by a socket that goes", () => {
    join("a", "red", "blue");
    join("b", "red");
    adapter.delAll("a");
    expect(adapter.rooms).toEqual(new Map([["red", new Set(["b"])]]));
    expect([...adapter.sids.keys()]).toEqual(["b"]);
  });

  it("of a socket are told, or that it is unknown", () => {
    join("a", "red");
    expect(adapter.socketRooms("a")).toEqual(new Set(["red"]));
    expect(adapter.socketRooms("b")).toBeUndefined();
  });
});

describe("events", () => {
  it("tell of rooms that are created, joined, left and deleted, in this order", () => {
    const log = events();
    join("a", "red");
    join("b", "red");
    void adapter.del("a", "red");
    adapter.delAll("b");
    expect(log).toEqual([
      ["create-room", "red"],
      ["join-room", "red", "a"],
      ["join-room", "red", "b"],
      ["leave-room", "red", "a"],
      ["leave-room", "red", "b"],
      ["delete-room", "red"],
    ]);
  });

  it("come when the change is done", () => {
    const seen: unknown[] = [];
    adapter.on("join-room", (room: Room, id: string) => seen.push(adapter.rooms.get(room)?.has(id)));
    adapter.on("leave-room", (room: Room, id: string) => seen.push(adapter.rooms.get(room)?.has(id)));
    adapter.on("delete-room", (room: Room) => seen.push(adapter.rooms.has(room)));
    join("a", "red");
    adapter.delAll("a");
    expect(seen).toEqual([true, false, false]);
  });

  it("of leaving may make a socket join again", () => {
    adapter.once("leave-room", () => join("b", "red"));
    join("a", "red");
    adapter.delAll("a");
    expect(adapter.rooms).toEqual(new Map([["red", new Set(["b"])]]));
  });
});

describe("a broadcast", () => {
  beforeEach(() => {
    join("a", "a", "red", "all");
    join("b", "b", "red", "blue", "all");
    join("c", "c", "blue", "all");
  });

  it.each([
    ["everybody", [], [], "abc"],
    ["a room", ["red"], [], "ab"],
    ["several rooms, each once", ["red", "blue", "all"], [], "abc"],
    ["nobody in an empty room", ["green"], [], ""],
    ["all but a room", [], ["red"], "c"],
    ["all but several rooms", [], ["red", "c"], ""],
    ["a room but another", ["red"], ["blue"], "a"],
    ["a room but an empty one", ["red"], ["green"], "ab"],
    ["one socket", ["b"], [], "b"],
  ])("reaches %s", (_whom, rooms, except, recipients) => {
    void adapter.broadcast(packet(), options(rooms, except));
    expect(namespace.recipients).toBe(recipients);
  });

  it("is encoded once, with the namespace's name and its flags", () => {
    const flags = { volatile: true, compress: false };
    void adapter.broadcast(packet(), { rooms: new Set(), flags });
    expect(namespace.prepared).toBe(1);
    const [received] = namespace.socket("a").received;
    expect(received).toEqual({ packet: { type: PacketType.EVENT, data: ["x"], nsp: "/test" }, flags });
    expect(namespace.socket("b").received[0]).toBe(received);
  });

  it("does not need to know whom it is not for", () => {
    void adapter.broadcast(packet(), { rooms: new Set(["red"]) });
    expect(namespace.recipients).toBe("ab");
  });

  it("passes over those who are in a room but not connected to this node", () => {
    join("far", "red");
    void adapter.broadcast(packet(), options(["red"]));
    void adapter.broadcast(packet(), options());
    expect(namespace.recipients).toBe("aabbc");
  });

  it.each([
    ["everybody", []],
    ["a room", ["red"]],
    ["two rooms", ["red", "blue"]],
  ])("to %s ends, although who hears of it leaves the room and joins it again", (_whom, rooms) => {
    join("a", "red", "blue");
    join("b", "red", "blue");
    const heard: string[] = [];
    for (const { id } of namespace.sockets.values()) {
      namespace.socket(id).deliver = () => {
        expect(heard).not.toContain(id);
        heard.push(id);
        adapter.delAll(id);
        join(id, "red", "blue");
      };
    }
    void adapter.broadcast(packet(), options(rooms));
    expect(heard).toEqual(expect.arrayContaining(["a", "b"]));
  });

  it("that is answered counts whom it went to, and hands each the same id", () => {
    const counted = vi.fn<(...args: unknown[]) => void>();
    const ack = vi.fn<(...args: unknown[]) => void>();
    adapter.broadcastWithAck(packet(), { ...options(["red"]), flags: { timeout: 500 } }, counted, ack);
    expect(counted).toHaveBeenCalledExactlyOnceWith(2);
    expect(namespace.recipients).toBe("ab");
    expect(namespace.socket("a").received[0]?.packet.id).toBe(0);
    for (const id of ["a", "b"]) {
      expect(namespace.socket(id).acks.get(0)?.timeout).toBe(500);
      namespace.socket(id).acks.get(0)?.ack(id);
    }
    expect(ack.mock.calls).toEqual([["a"], ["b"]]);
    adapter.broadcastWithAck(packet(), options(["green"]), counted, ack);
    expect(counted).toHaveBeenLastCalledWith(0);
  });
});

describe("sockets are selected as for a broadcast", () => {
  beforeEach(() => {
    join("a", "red");
    join("b", "red", "blue");
    join("c", "blue");
  });

  it("to be listed", async () => {
    expect(await adapter.sockets(new Set())).toEqual(new Set(["a", "b", "c"]));
    expect(await adapter.sockets(new Set(["red"]))).toEqual(new Set(["a", "b"]));
  });

  it("to be fetched", async () => {
    expect(await adapter.fetchSockets(options(["red"], ["blue"]))).toEqual([namespace.socket("a")]);
  });

  it("to join and to leave, which they may fail to do in their own time: that is reported", async () => {
    join("a", "red");
    const fail = (): Promise<never> => Promise.reject(new Error("no network"));
    Object.assign(namespace.socket("a"), { join: fail, leave: fail });
    void adapter.addSockets(options(["red"]), ["x"]);
    void adapter.delSockets(options(["red"]), ["x", "y"]);
    await vi.waitFor(() => expect(namespace.errors).toHaveLength(3), { timeout: 10_000 });
  });

  it("to join and leave rooms, and to be disconnected", () => {
    void adapter.addSockets(options(["blue"], ["red"]), ["x", "y"]);
    void adapter.delSockets(options(["blue"], ["red"]), ["x", "y"]);
    void adapter.disconnectSockets(options(["blue"], ["red"]), true);
    expect(namespace.socket("c").calls).toEqual([
      ["join", ["x", "y"]],
      ["leave", "x"],
      ["leave", "y"],
      ["disconnect", true],
    ]);
    expect(namespace.socket("a").calls).toEqual([]);
    expect(namespace.socket("b").calls).toEqual([]);
  });

  it("each once, although leaving changes the room that is looked through", () => {
    const visited: string[] = [];
    for (const id of ["a", "b"]) {
      namespace.socket(id).disconnect = () => {
        visited.push(id);
        adapter.delAll(id);
      };
    }
    void adapter.disconnectSockets(options(["red"]), false);
    expect(visited).toEqual(["a", "b"]);
  });
});

describe("a single node", () => {
  it("is one", async () => {
    expect(await adapter.serverCount()).toBe(1);
  });

  it("begins and ends without ado", () => {
    expect(adapter.init()).toBeUndefined();
    expect(adapter.close()).toBeUndefined();
  });

  it("keeps no sessions", async () => {
    expect(adapter.persistSession({ sid: "a", pid: "p", rooms: [], data: {} })).toBeUndefined();
    expect(await adapter.restoreSession("p", undefined)).toBeNull();
  });

  it("has nobody to send to, and says so", () => {
    const warning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    void adapter.serverSideEmit(["x"]);
    expect(warning).toHaveBeenCalledWith(expect.stringContaining("serverSideEmit"), "HawserWarning");
    warning.mockRestore();
  });
});

describe("a listener that fails", () => {
  const failure = new Error("of the application");

  it("leaves the rooms as they are to be, and is reported", () => {
    for (const event of ["create-room", "join-room", "leave-room", "delete-room"]) {
      adapter.on(event, () => {
        throw failure;
      });
    }
    join("a", "red", "blue");
    expect([...adapter.rooms.keys()]).toEqual(["red", "blue"]);
    adapter.delAll("a");
    expect([adapter.rooms.size, adapter.sids.size]).toEqual([0, 0]);
    expect(namespace.errors).toEqual(Array(8).fill(failure));
  });

  it("later, as an async one does, is reported", async () => {
    adapter.on("join-room", () => Promise.reject(failure));
    join("a", "red");
    await vi.waitFor(() => expect(namespace.errors).toEqual([failure]));
  });
});
