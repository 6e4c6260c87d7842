import { describe, expect, it } from "vitest";
import { PacketType, toPacket } from "../src/index.ts";

const { CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR } = PacketType;

describe("fields are a packet", () => {
  it.each([
    [{ type: CONNECT, nsp: "/" }],
    [{ type: CONNECT, nsp: "/admin", data: { token: "x" } }],
    [{ type: DISCONNECT, nsp: "/" }],
    [{ type: EVENT, nsp: "/", data: ["a", 1], id: 0 }],
    [{ type: EVENT, nsp: "/", data: [7] }],
    [{ type: ACK, nsp: "/", data: [], id: 12 }],
    [{ type: CONNECT_ERROR, nsp: "/", data: { message: "no" } }],
    [{ type: CONNECT_ERROR, nsp: "/", data: "no" }],
  ])("%j", (fields) => expect(toPacket(fields)).toEqual(fields));

  it("whatever stands beside them", () => {
    expect(toPacket({ type: EVENT, nsp: "/", data: ["a"], options: {} })).toEqual({ type: 2, nsp: "/", data: ["a"] });
  });

  it("with null for what is absent", () => {
    expect(toPacket({ type: CONNECT, nsp: "/", data: null, id: null })).toEqual({ type: 0, nsp: "/" });
    expect(toPacket({ type: DISCONNECT, nsp: "/", data: null })).toEqual({ type: 1, nsp: "/" });
    expect(toPacket({ type: EVENT, nsp: "/", data: ["a"], id: null })).toEqual({ type: 2, nsp: "/", data: ["a"] });
  });
});

/** Objects that JSON can't bring, but other parsers can. */
const OBJECTS = [new Date(0), new ArrayBuffer(1), new Uint8Array(1), new Map([["token", "x"]]), () => {}];

describe("violations", () => {
  it.each([undefined, null, 1, "a", [], [0]])("what has no fields: %j", (value) =>
    expect(toPacket(value)).toMatchObject({ code: "ERR_PACKET_TYPE" }),
  );

  it.each([undefined, null, 5, 6, -1, 0.5, NaN, "0", [0], {}, 0n])("of the type: %s", (type) =>
    expect(toPacket({ type, nsp: "/" })).toMatchObject({ code: "ERR_PACKET_TYPE" }),
  );

  it.each([undefined, null, "", "admin", 1, ["/"], { startsWith: () => true }])("of the namespace: %j", (nsp) =>
    expect(toPacket({ type: CONNECT, nsp })).toMatchObject({ code: "ERR_PACKET_NAMESPACE" }),
  );

  it.each([
    [CONNECT, ["a", 1, false, [], ...OBJECTS]],
    [DISCONNECT, ["a", 0, false, {}, []]],
    [EVENT, [undefined, null, "a", {}, [], [null], [true], [["a"]], ...OBJECTS.map((name) => [name])]],
    [ACK, [undefined, null, "a", 0, {}, ...OBJECTS]],
    [CONNECT_ERROR, [undefined, null, 0, [], ...OBJECTS]],
  ])("of the data of type %d", (type, all) => {
    for (const data of all as unknown[]) {
      expect(toPacket({ type, nsp: "/", data, id: 1 })).toMatchObject({ code: "ERR_PACKET_PAYLOAD" });
    }
  });

  it.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])(
    "of the event's name: %s",
    (name) => expect(toPacket({ type: EVENT, nsp: "/", data: [name] })).toMatchObject({ code: "ERR_RESERVED_EVENT" }),
  );

  it.each([-1, 0.5, NaN, 2 ** 53, "1", [1], {}, true, 1n])("of the id: %s", (id) => {
    expect(toPacket({ type: EVENT, nsp: "/", data: ["a"], id })).toMatchObject({ code: "ERR_ACK_ID" });
    expect(toPacket({ type: ACK, nsp: "/", data: [], id })).toMatchObject({ code: "ERR_ACK_ID" });
  });

  it("of the id: an answer without one", () => {
    expect(toPacket({ type: ACK, nsp: "/", data: [] })).toMatchObject({ code: "ERR_ACK_ID" });
    expect(toPacket({ type: ACK, nsp: "/", data: [], id: null })).toMatchObject({ code: "ERR_ACK_ID" });
  });
});
