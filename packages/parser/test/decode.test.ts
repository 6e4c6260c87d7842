import { describe, expect, it } from "vitest";
import { decodeHeader } from "../src/decode.ts";
import { PacketType } from "../src/packet.ts";
import { ProtocolError } from "../src/protocol-error.ts";

/** The packet in a frame, or the code of the violation. */
function decode(text: string, maxAttachments = 10): unknown {
  const header = decodeHeader(text, maxAttachments);
  return header instanceof ProtocolError ? header.code : header.packet;
}

/** How many attachments a frame announces. */
function attachments(text: string, maxAttachments = 10): unknown {
  const header = decodeHeader(text, maxAttachments);
  return header instanceof ProtocolError ? header.code : header.attachments;
}

describe("the packet in a frame", () => {
  it.each([
    ["0", { type: PacketType.CONNECT, nsp: "/" }],
    ['0{"token":"x"}', { type: PacketType.CONNECT, nsp: "/", data: { token: "x" } }],
    ["0/admin,", { type: PacketType.CONNECT, nsp: "/admin" }],
    ["0/admin", { type: PacketType.CONNECT, nsp: "/admin" }],
    ['0/admin,{"token":"x"}', { type: PacketType.CONNECT, nsp: "/admin", data: { token: "x" } }],
    ["0/admin?x=1,", { type: PacketType.CONNECT, nsp: "/admin?x=1" }],
    ["1", { type: PacketType.DISCONNECT, nsp: "/" }],
    ["1/admin,", { type: PacketType.DISCONNECT, nsp: "/admin" }],
    ['2["foo",1]', { type: PacketType.EVENT, nsp: "/", data: ["foo", 1] }],
    ['2/,["foo"]', { type: PacketType.EVENT, nsp: "/", data: ["foo"] }],
    ['2/admin,12["foo"]', { type: PacketType.EVENT, nsp: "/admin", data: ["foo"], id: 12 }],
    ['20["foo"]', { type: PacketType.EVENT, nsp: "/", data: ["foo"], id: 0 }],
    ["2[1]", { type: PacketType.EVENT, nsp: "/", data: [1] }],
    ['312["bar"]', { type: PacketType.ACK, nsp: "/", data: ["bar"], id: 12 }],
    ["3/admin,12[]", { type: PacketType.ACK, nsp: "/admin", data: [], id: 12 }],
    ['4{"message":"no"}', { type: PacketType.CONNECT_ERROR, nsp: "/", data: { message: "no" } }],
    ['4"no"', { type: PacketType.CONNECT_ERROR, nsp: "/", data: "no" }],
  ])("%s", (text, packet) => expect(decode(text)).toEqual(packet));

  it("is an event without a name or an acknowledgement without arguments, if there is no payload at all", () => {
    expect(decode("2")).toEqual({ type: PacketType.EVENT, nsp: "/", data: [] });
    expect(decode("212")).toEqual({ type: PacketType.EVENT, nsp: "/", data: [], id: 12 });
    expect(decode("312")).toEqual({ type: PacketType.ACK, nsp: "/", data: [], id: 12 });
  });

  it("is an EVENT or ACK if it was a binary one", () => {
    expect(decode('51-["a",{"_placeholder":true,"num":0}]')).toMatchObject({ type: PacketType.EVENT });
    expect(decode('61-7[{"_placeholder":true,"num":0}]')).toMatchObject({ type: PacketType.ACK, id: 7 });
  });
});

describe("the number of attachments", () => {
  it("is 0 for text packets", () => {
    expect(attachments('2["a"]')).toBe(0);
  });

  it("stands before a dash for binary packets", () => {
    expect(attachments('52-["a"]')).toBe(2);
    expect(attachments('510-/admin,["a"]')).toBe(10);
  });

  it.each(["5", "5-", '5["a"]', "50-", '5-1-["a"]', '51["a"]', '51.5-["a"]', '51e1-["a"]', '5 1-["a"]', '5+1-["a"]'])(
    "is illegal in %s",
    (text) => expect(attachments(text)).toBe("ERR_ATTACHMENT_COUNT"),
  );

  it("may not exceed the limit", () => {
    expect(attachments('52-["a"]', 2)).toBe(2);
    expect(attachments('53-["a"]', 2)).toBe("ERR_TOO_MANY_ATTACHMENTS");
    expect(attachments(`5${"9".repeat(400)}-["a"]`, 2)).toBe("ERR_TOO_MANY_ATTACHMENTS");
  });
});

describe("violations", () => {
  it.each(["", "7", "9", "a", "-1", " 2", '"2"', "\u0000", "١"])("of the packet type: %j", (text) =>
    expect(decode(text)).toBe("ERR_PACKET_TYPE"),
  );

  it.each([
    "2{}",
    "2[]",
    "2[null]",
    "2[true]",
    '2[["a"]]',
    '2[{"toString":"a"}]',
    '2"a"',
    "2null",
    '2["a"',
    '2["a"]x',
    '2abc["a"]',
    '2-1["a"]',
    "0[]",
    '0"a"',
    "0null",
    "0 1",
    "1{}",
    "1[]",
    "1null",
    "3{}",
    '312"a"',
    "312null",
    "4",
    "4[]",
    "4 1",
    "4null",
  ])("of the payload: %s", (text) => expect(decode(text)).toBe("ERR_PACKET_PAYLOAD"));

  it.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])(
    "of the event name: %s",
    (name) => {
      expect(decode(`2["${name}"]`)).toBe("ERR_RESERVED_EVENT");
      expect(decode(`51-["${name}",{"_placeholder":true,"num":0}]`)).toBe("ERR_RESERVED_EVENT");
    },
  );

  it.each(['3["a"]', "3", '29007199254740992["a"]', `3${"9".repeat(400)}[]`])("of the id: %s", (text) =>
    expect(decode(text)).toBe("ERR_ACK_ID"),
  );

  it("keeps what JSON.parse threw as the cause", () => {
    expect(decodeHeader("2[", 10)).toMatchObject({
      code: "ERR_PACKET_PAYLOAD",
      cause: expect.any(SyntaxError) as unknown,
    });
  });

  it("takes the largest id that is exact", () => {
    expect(decode('29007199254740991["a"]')).toMatchObject({ id: Number.MAX_SAFE_INTEGER });
  });
});

describe("a reviver", () => {
  it("is applied to the payload", () => {
    const header = decodeHeader('2["a","1n"]', 10, (_key, value) => (value === "1n" ? 1n : value));
    expect(header).toMatchObject({ packet: { data: ["a", 1n] } });
  });

  it("makes the packet a violation by throwing", () => {
    const thrown = new Error("not that");
    const header = decodeHeader('2["a"]', 10, () => {
      throw thrown;
    });
    expect(header).toMatchObject({ code: "ERR_PACKET_PAYLOAD", cause: thrown });
  });

  it("can't pass off a payload as absent", () => {
    expect(decodeHeader('2["a"]', 10, () => undefined)).toMatchObject({ code: "ERR_PACKET_PAYLOAD" });
    expect(decodeHeader("1{}", 10, () => undefined)).toMatchObject({ code: "ERR_PACKET_PAYLOAD" });
  });
});
