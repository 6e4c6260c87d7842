import { engineParser, type EngineData, type EnginePacket } from "@hawser/core";
import { describe, expect, it } from "vitest";
import { decodePacket, encodePacket } from "../src/engine-parser.ts";

const BYTES = Uint8Array.of(0, 127, 128, 255).buffer;

/** What `encode` hands out at once. */
function encoded(encode: typeof encodePacket, packet: EnginePacket): EngineData[] {
  const handed: EngineData[] = [];
  encode(packet, true, (data) => handed.push(data));
  return handed;
}

describe("the parser of the bundles", () => {
  it.each<EnginePacket>([
    { type: "open", data: "{}" },
    { type: "close" },
    { type: "ping", data: "probe" },
    { type: "pong" },
    { type: "message", data: "" },
    { type: "message", data: "2[]" },
    { type: "message", data: BYTES },
    { type: "upgrade" },
    { type: "noop" },
  ])("encodes $type $data as engine.io-parser does", (packet) => {
    expect(encoded(encodePacket, packet)).toEqual(
      encoded(engineParser.encodePacket as unknown as typeof encodePacket, packet),
    );
  });

  it.each(["0{}", "1", "2probe", "3", "4", "4é\x1e", "5", "6", "7", "/", "", "x4", "-1", " ", "error"])(
    "decodes %o as engine.io-parser does",
    (frame) => {
      const { type, data } = engineParser.decodePacket(frame, "arraybuffer");
      expect(decodePacket(frame)).toEqual(type === "error" ? { type } : { type, data });
    },
  );

  it.each(["", "AH+A/w==", "AH+A/w", "AA=="])("decodes %o from base64", (base64) => {
    expect(decodePacket(`b${base64}`)).toEqual({
      type: "message",
      data: new Uint8Array(Buffer.from(base64, "base64")).buffer,
    });
  });

  it("takes base64 that is none for an error", () => {
    expect(decodePacket("b%")).toEqual({ type: "error" });
  });

  it("hands out an ArrayBuffer that came as it is", () => {
    expect(decodePacket(BYTES).data).toBe(BYTES);
  });
});
