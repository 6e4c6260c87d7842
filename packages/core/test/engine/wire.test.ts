import { describe, expect, it } from "vitest";
import {
  CLOSE,
  ENGINE_PROTOCOL,
  NOOP,
  PING,
  PONG,
  PROBE_PING,
  PROBE_PONG,
  UPGRADE,
  decodeEnginePacket,
  decodeEnginePayload,
  encodeEnginePacket,
  encodeEnginePayload,
  type EngineData,
  type EnginePacket,
} from "../../src/engine/wire.ts";

const bytes = Buffer.from([1, 2, 3]);

function encode(packet: EnginePacket, supportsBinary = true): EngineData | undefined {
  let encoded: EngineData | undefined;
  encodeEnginePacket(packet, supportsBinary, (result) => (encoded = result));
  return encoded;
}

function encodePayload(packets: EnginePacket[]): string | undefined {
  let encoded: string | undefined;
  encodeEnginePayload(packets, (result) => (encoded = result));
  return encoded;
}

it("speaks revision 4", () => {
  expect(ENGINE_PROTOCOL).toBe(4);
});

describe("a packet", () => {
  it.each<[EnginePacket, string]>([
    [{ type: "open", data: "{}" }, "0{}"],
    [CLOSE, "1"],
    [PING, "2"],
    [PROBE_PING, "2probe"],
    [PONG, "3"],
    [PROBE_PONG, "3probe"],
    [{ type: "message", data: "a" }, "4a"],
    [{ type: "message", data: "" }, "4"],
    [UPGRADE, "5"],
    [NOOP, "6"],
  ])("%o is written as %s, and read back", (packet, text) => {
    expect(encode(packet)).toBe(text);
    expect(decodeEnginePacket(text)).toEqual(packet.data === "" ? { type: packet.type } : packet);
  });

  it("of binary data is the data itself, or base64 where only text is carried", () => {
    expect(encode({ type: "message", data: bytes })).toBe(bytes);
    expect(encode({ type: "message", data: bytes }, false)).toBe("bAQID");
    expect(encode({ type: "message", data: new Uint8Array([0, 1, 2, 3]).subarray(1) }, false)).toBe("bAQID");
  });

  it("is read as a message if it is binary, with its data as the application wants it", () => {
    expect(decodeEnginePacket(bytes)).toEqual({ type: "message", data: bytes });
    const { data } = decodeEnginePacket(bytes, "arraybuffer") as EnginePacket;
    expect(data).toBeInstanceOf(ArrayBuffer);
    expect(Buffer.from(data as ArrayBuffer)).toEqual(bytes);
    expect(decodeEnginePacket("bAQID", "nodebuffer")).toEqual({ type: "message", data: bytes });
  });

  it.each(["", "7", "9", "a", " 4", "-1", "__proto__", "toString"])("is undecodable: %j", (text) => {
    expect(decodeEnginePacket(text)).toMatchObject({ code: "ERR_ENGINE_PACKET" });
  });
});

describe("a payload", () => {
  /** The packets in a payload, and the violation that ended it. */
  function decode(payload: string, limit = Infinity): unknown[] {
    const packets: unknown[] = [];
    const error = decodeEnginePayload(payload, "nodebuffer", (packet) => packets.push(packet) < limit);
    return error ? [...packets, error.code] : packets;
  }

  it("is its packets with separators in between", () => {
    expect(encodePayload([PING, { type: "message", data: bytes }, { type: "message", data: "a" }])).toBe(
      "2\x1ebAQID\x1e4a",
    );
  });

  it("is read packet by packet, in order", () => {
    expect(decode("2\x1ebAQID\x1e4a")).toEqual([
      { type: "ping" },
      { type: "message", data: bytes },
      { type: "message", data: "a" },
    ]);
  });

  it("ends at the first packet that is undecodable; those before it count", () => {
    expect(decode("4a\x1e9\x1e4b")).toEqual([{ type: "message", data: "a" }, "ERR_ENGINE_PACKET"]);
  });

  it.each(["", "\x1e4a"])("without a first packet is undecodable: %j", (payload) => {
    expect(decode(payload)).toEqual(["ERR_ENGINE_PACKET"]);
  });

  it("must not end in a separator", () => {
    expect(decode("4a\x1e")).toEqual([{ type: "message", data: "a" }, "ERR_ENGINE_PACKET"]);
  });

  it("is not read further once nobody wants to go on", () => {
    expect(decode("4a\x1e4b\x1e9", 1)).toEqual([{ type: "message", data: "a" }]);
  });
});
