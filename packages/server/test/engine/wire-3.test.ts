import type { EnginePacket } from "@hawser/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePacket3, decodePayload3, encodePacket3, encodePayload3 } from "../../src/engine/wire-3.ts";

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const text = (data: string): EnginePacket => ({ type: "message", data });
const binary = (...values: number[]): EnginePacket => ({ type: "message", data: bytes(...values) });

/** What a payload holds, or the code of the violation that ended it. */
function decoded(payload: string | Buffer): (EnginePacket | string)[] {
  const packets: (EnginePacket | string)[] = [];
  const error = decodePayload3(payload, (packet) => packets.push(packet) > 0);
  return error ? [...packets, error.code] : packets;
}

describe("a packet of revision 3", () => {
  it.each([
    ["text", text("hello"), "4hello"],
    ["nothing", { type: "ping" } as const, "2"],
    ["an empty text", text(""), "4"],
  ])("with %s is its digit and its text", (_what, packet, encoded) => {
    expect(encodePacket3(packet, true)).toBe(encoded);
    expect(encodePacket3(packet, false)).toBe(encoded);
  });

  it("with bytes is a binary frame that begins with its type, or base64", () => {
    expect(encodePacket3(binary(1, 2, 3), true)).toEqual(bytes(4, 1, 2, 3));
    expect(encodePacket3(binary(1, 2, 3), false)).toBe("b4AQID");
    const view = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
    expect(encodePacket3({ type: "message", data: view }, true)).toEqual(bytes(4, 1, 2));
    expect(encodePacket3({ type: "message", data: new Uint8Array([7]).buffer }, true)).toEqual(bytes(4, 7));
  });

  it("is read from either", () => {
    expect(decodePacket3("4hello")).toEqual(text("hello"));
    expect(decodePacket3("2")).toEqual({ type: "ping" });
    expect(decodePacket3("2probe")).toEqual({ type: "ping", data: "probe" });
    expect(decodePacket3("b4AQID")).toEqual(binary(1, 2, 3));
    expect(decodePacket3(bytes(4, 1, 2, 3))).toEqual(binary(1, 2, 3));
  });

  it.each([
    ["nothing", ""],
    ["an unknown digit", "7"],
    ["no digit", "x"],
    ["base64 without a type", "b"],
    ["no byte", bytes()],
    ["an unknown byte", bytes(7, 1)],
  ])("is not %s", (_what, encoded) => {
    expect(decodePacket3(encoded)).toMatchObject({ code: "ERR_ENGINE_PACKET" });
  });
});

describe("a payload of revision 3", () => {
  it("counts the characters of each packet as JavaScript does", () => {
    expect(encodePayload3([text("€"), { type: "pong" }, text("🚢")], true)).toBe("2:4€1:33:4🚢");
    expect(decoded("2:4€1:33:4🚢")).toEqual([text("€"), { type: "pong" }, text("🚢")]);
  });

  it("of nothing is an empty packet, which is none", () => {
    expect(encodePayload3([], true)).toBe("0:");
    expect(decoded("0:")).toEqual([]);
    expect(decoded("0:1:20:")).toEqual([{ type: "ping" }]);
  });

  it("holds bytes as base64 if the client takes no binary payloads", () => {
    expect(encodePayload3([text("a"), binary(1, 2, 3)], false)).toBe("2:4a6:b4AQID");
    expect(decoded("2:4a6:b4AQID")).toEqual([text("a"), binary(1, 2, 3)]);
  });

  it("is binary if anything in it is: kind, digits of the length, ff, packet", () => {
    const payload = bytes(0, 4, 255, ...Buffer.from("4€"), 1, 4, 255, 4, 1, 2, 3);
    expect(encodePayload3([text("€"), binary(1, 2, 3)], true)).toEqual(payload);
    expect(decoded(payload)).toEqual([text("€"), binary(1, 2, 3)]);
  });

  it("has a byte for each digit of a length", () => {
    const data = "x".repeat(122);
    const payload = encodePayload3([text(data), binary()], true) as Buffer;
    expect([...payload.subarray(0, 5)]).toEqual([0, 1, 2, 3, 255]);
    expect(decoded(payload)).toEqual([text(data), binary()]);
  });

  it.each([
    ["no length", "4hello"],
    ["a length that is none", "x:4"],
    ["a length that begins with zero", "01:4"],
    ["a negative length", "-1:4"],
    ["a length beyond the end", "9:4hello"],
    ["a length that nothing could have", `${"9".repeat(400)}:4`],
    ["digits at the end", "2:4a12"],
    ["nothing", ""],
    ["no bytes", bytes()],
    ["a kind that there is not", bytes(2, 1, 255, 52)],
    ["no end of its length", bytes(0, 1, 2, 3)],
    ["a digit that is none", bytes(0, 10, 255, 52)],
    ["bytes without a length", bytes(0, 255, 52)],
    ["a length beyond the end of the bytes", bytes(0, 2, 255, 52)],
    ["more digits than a length has", bytes(0, ...Array<number>(400).fill(1), 255)],
  ])("with %s is a violation", (_what, payload) => {
    expect(decoded(payload).at(-1)).toBe("ERR_ENGINE_PACKET");
  });

  it("gives the packets that came before the violation", () => {
    expect(decoded("2:4a1:9")).toEqual([text("a"), "ERR_ENGINE_PACKET"]);
    expect(decoded(bytes(0, 2, 255, 52, 97, 3))).toEqual([text("a"), "ERR_ENGINE_PACKET"]);
  });

  it("is read no further than is wanted", () => {
    const packets: EnginePacket[] = [];
    expect(decodePayload3("2:4a2:4bnonsense", (packet) => packets.push(packet) < 2)).toBeUndefined();
    expect(packets).toEqual([text("a"), text("b")]);
  });

  it("is read as it was written, whatever it holds", () => {
    const packet = fc.oneof(
      fc.string({ unit: "binary", minLength: 1 }).map(text),
      fc.uint8Array().map((data): EnginePacket => ({ type: "message", data: Buffer.from(data) })),
    );
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1 }), fc.boolean(), (packets, supportsBinary) => {
        expect(decoded(encodePayload3(packets, supportsBinary))).toEqual(packets);
      }),
    );
  });

  it("of any bytes at all is read without an exception", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array().map(Buffer.from)), (payload) => {
        decoded(payload as string | Buffer);
      }),
    );
  });
});
