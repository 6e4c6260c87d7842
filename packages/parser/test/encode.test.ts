import { describe, expect, it } from "vitest";
import { encodePacket } from "../src/encode.ts";
import { PacketType, type EventData, type Packet } from "../src/packet.ts";

const bytes = Buffer.from([1, 2]);

const event = (...data: EventData): Packet => ({ type: PacketType.EVENT, nsp: "/", data });

describe("text packets", () => {
  it.each<[string, Packet, string]>([
    ["CONNECT", { type: PacketType.CONNECT, nsp: "/" }, "0"],
    ["CONNECT with auth", { type: PacketType.CONNECT, nsp: "/", data: { token: "x" } }, '0{"token":"x"}'],
    ["CONNECT to a namespace", { type: PacketType.CONNECT, nsp: "/admin" }, "0/admin,"],
    [
      "CONNECT to a namespace with auth",
      { type: PacketType.CONNECT, nsp: "/admin", data: { token: "x" } },
      '0/admin,{"token":"x"}',
    ],
    ["DISCONNECT", { type: PacketType.DISCONNECT, nsp: "/" }, "1"],
    ["DISCONNECT of a namespace", { type: PacketType.DISCONNECT, nsp: "/admin" }, "1/admin,"],
    ["EVENT", event("foo", 1), '2["foo",1]'],
    ["EVENT of a namespace", { type: PacketType.EVENT, nsp: "/admin", data: ["foo"] }, '2/admin,["foo"]'],
    ["EVENT with an id", { type: PacketType.EVENT, nsp: "/", data: ["foo"], id: 12 }, '212["foo"]'],
    ["EVENT with the id 0", { type: PacketType.EVENT, nsp: "/", data: ["foo"], id: 0 }, '20["foo"]'],
    [
      "EVENT of a namespace with an id",
      { type: PacketType.EVENT, nsp: "/admin", data: ["foo"], id: 12 },
      '2/admin,12["foo"]',
    ],
    ["ACK", { type: PacketType.ACK, nsp: "/", data: ["bar"], id: 12 }, '312["bar"]'],
    ["ACK without arguments", { type: PacketType.ACK, nsp: "/admin", data: [], id: 12 }, "3/admin,12[]"],
    [
      "CONNECT_ERROR",
      { type: PacketType.CONNECT_ERROR, nsp: "/", data: { message: "no", data: { x: 1 } } },
      '4{"message":"no","data":{"x":1}}',
    ],
    [
      "CONNECT_ERROR without data",
      { type: PacketType.CONNECT_ERROR, nsp: "/zzz", data: { message: "Invalid namespace", data: undefined } },
      '4/zzz,{"message":"Invalid namespace"}',
    ],
  ])("%s is one frame", (_, packet, frame) => expect(encodePacket(packet)).toEqual([frame]));

  it("writes undefined arguments as null, and leaves undefined members out", () => {
    expect(encodePacket(event("a", undefined, { b: undefined }))).toEqual(['2["a",null,{}]']);
  });

  it("escapes lone surrogates, so that every frame is well-formed Unicode", () => {
    expect(encodePacket(event("a", "\ud800", "\ud83d\ude00"))).toEqual(['2["a","\\ud800","\ud83d\ude00"]']);
  });

  it("treats null as absent where a packet of another library has it for its payload or id", () => {
    const foreign = { type: PacketType.EVENT, nsp: "/", data: ["a"], id: null } as unknown as Packet;
    expect(encodePacket(foreign)).toEqual(['2["a"]']);
    const connect = { type: PacketType.CONNECT, nsp: "/", data: null } as unknown as Packet;
    expect(encodePacket(connect)).toEqual(["0"]);
  });
});

describe("packets with binary data", () => {
  it("EVENT becomes BINARY_EVENT with its attachments behind it", () => {
    expect(encodePacket(event("a", bytes))).toEqual(['51-["a",{"_placeholder":true,"num":0}]', bytes]);
  });

  it("ACK becomes BINARY_ACK", () => {
    const packet: Packet = { type: PacketType.ACK, nsp: "/admin", data: [bytes, { b: bytes }], id: 13 };
    expect(encodePacket(packet)).toEqual([
      '62-/admin,13[{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]',
      bytes,
      bytes,
    ]);
  });

  it("attaches the application's own object: a view keeps its window, and nothing is copied", () => {
    const view = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    expect(encodePacket(event("a", view))[1]).toBe(view);
  });

  it("leaves the packet as it was, so that it may be encoded again", () => {
    const packet = event("a", { picture: bytes });
    const first = encodePacket(packet);
    expect(encodePacket(packet)).toEqual(first);
    expect(packet).toEqual(event("a", { picture: bytes }));
  });
});

describe("a replacer", () => {
  const replacer = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);

  it("is applied to text packets", () => {
    expect(encodePacket(event("a", 1n), replacer)).toEqual(['2["a","1n"]']);
  });

  it("is applied to binary packets", () => {
    expect(encodePacket(event("a", 1n, bytes), replacer)[0]).toBe('51-["a","1n",{"_placeholder":true,"num":0}]');
  });
});

describe("what can't be encoded", () => {
  it("throws on a cycle", () => {
    const cycle: unknown[] = ["a"];
    cycle.push(cycle);
    expect(() => encodePacket(event("a", cycle))).toThrow(RangeError);
  });

  it("throws on a BigInt", () => {
    expect(() => encodePacket(event("a", 1n))).toThrow(TypeError);
  });

  it("throws what toJSON throws", () => {
    const thrown = new Error("not today");
    const toJSON = (): never => {
      throw thrown;
    };
    expect(() => encodePacket(event("a", { toJSON }))).toThrow(thrown);
  });
});
