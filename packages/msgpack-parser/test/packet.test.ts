import { PacketType, ProtocolError, type Frame, type Packet } from "@hawser/parser";
import { describe, expect, it } from "vitest";
import { encode } from "../src/encode.ts";
import { decodePacket, encodePacket } from "../src/packet.ts";

/** The packet in a message, or the code of the violation. */
function decode(message: Frame): unknown {
  const result = decodePacket(message);
  return result instanceof ProtocolError ? result.code : result;
}

/** As from a peer that writes these fields. */
const received = (fields: unknown): unknown => decode(Buffer.from(encode(fields)));

describe("a packet", () => {
  it.each<Packet>([
    { type: PacketType.CONNECT, nsp: "/", data: undefined },
    { type: PacketType.CONNECT, nsp: "/admin", data: { token: "x" } },
    { type: PacketType.DISCONNECT, nsp: "/admin" },
    { type: PacketType.EVENT, nsp: "/", data: ["hello", { rope: Buffer.from([1, 2]) }], id: undefined },
    { type: PacketType.EVENT, nsp: "/a,b", data: [7], id: 0 },
    { type: PacketType.ACK, nsp: "/", data: [], id: Number.MAX_SAFE_INTEGER },
    { type: PacketType.CONNECT_ERROR, nsp: "/", data: { message: "no" } },
    { type: PacketType.CONNECT_ERROR, nsp: "/", data: "no" },
  ])("is one message, and the same at the other end: %j", (packet) => {
    expect(decode(Buffer.from(encodePacket(packet)))).toEqual(packet);
  });

  it("says of itself what its receiver must know, and no more", () => {
    const message = encodePacket({ type: PacketType.CONNECT, nsp: "/", extra: 1 } as Packet);
    expect(Buffer.from(message).toString("hex")).toBe("82a47479706500a36e7370a12f");
  });

  it("without data or an id may have null in their place", () => {
    const absent = { type: 1, nsp: "/", data: null, id: null } as unknown as Packet;
    expect(encodePacket(absent)).toEqual(encodePacket({ type: 1, nsp: "/" }));
  });

  it("may have nil where there is nothing to say", () => {
    expect(received({ type: 0, nsp: "/", data: null, id: null })).toEqual({ type: 0, nsp: "/" });
    expect(received({ type: 1, nsp: "/", data: null })).toEqual({ type: 1, nsp: "/" });
    expect(received({ type: 2, nsp: "/", data: ["a"], id: null })).toMatchObject({ data: ["a"] });
  });

  it("may say more than its receiver needs to know", () => {
    const packet = { options: { compress: true }, data: ["a"], nsp: "/", type: 2 };
    expect(received(packet)).toEqual({ type: 2, nsp: "/", data: ["a"] });
  });
});

describe("violations", () => {
  it.each([
    ["ERR_PACKET_TYPE", { type: 5, nsp: "/" }],
    ["ERR_PACKET_TYPE", null],
    ["ERR_PACKET_NAMESPACE", { type: 0, nsp: "admin" }],
    ["ERR_PACKET_PAYLOAD", { type: 2, nsp: "/", data: {} }],
    ["ERR_PACKET_PAYLOAD", { type: 2, nsp: "/", data: [Buffer.from("a")] }],
    ["ERR_PACKET_PAYLOAD", { type: 0, nsp: "/", data: Buffer.from("a") }],
    ["ERR_PACKET_PAYLOAD", { type: 0, nsp: "/", data: new Date(0) }],
    ["ERR_RESERVED_EVENT", { type: 2, nsp: "/", data: ["disconnect"] }],
    ["ERR_ACK_ID", { type: 2, nsp: "/", data: ["a"], id: 0.5 }],
    ["ERR_ACK_ID", { type: 3, nsp: "/", data: [] }],
  ])("%s: %j", (code, fields) => expect(received(fields)).toBe(code));

  it("of the packet's type: a message of the default parser", () => expect(decode("0")).toBe("ERR_PACKET_TYPE"));

  it.each([new Uint8Array([0xc1]), new ArrayBuffer(0), new Blob(["a"])])("of MessagePack itself", (message) =>
    expect(decode(message)).toBe("ERR_PACKET_PAYLOAD"),
  );

  it("do not reach into what all objects have in common", () => {
    const fields = JSON.parse('{"type":2,"nsp":"/","data":["a",{"__proto__":{"admin":true}}]}') as unknown;
    const packet = received(fields) as { data: [string, { admin?: boolean }] };
    expect(packet.data[1].admin).toBeUndefined();
    expect(Object.keys(packet.data[1])).toEqual(["__proto__"]);
    expect(received(JSON.parse('{"__proto__":{"type":0,"nsp":"/"}}'))).toBe("ERR_PACKET_TYPE");
  });
});
