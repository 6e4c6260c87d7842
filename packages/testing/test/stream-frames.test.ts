import { describe, expect, it } from "vitest";
import { decodeStreamFrames, encodeStreamFrame, type Frame } from "../src/index.ts";

describe("frames on a stream", () => {
  it.each<[string, Frame, string]>([
    ["text", "4hi", "03346869"],
    ["binary data", Buffer.from([1, 2]), "820102"],
    ["126 bytes", `4${"a".repeat(125)}`, `7e007e34${"61".repeat(125)}`],
    ["65,536 bytes", Buffer.alloc(65_536, 7), `ff0000000000010000${"07".repeat(65_536)}`],
  ])("have a header: %s", (_, frame, written) => {
    expect(encodeStreamFrame(frame).toString("hex")).toBe(written);
    expect(decodeStreamFrames(Buffer.from(written, "hex"))).toEqual({ frames: [frame], rest: Buffer.alloc(0) });
  });

  it("are taken from the front, as far as they are complete", () => {
    const bytes = Buffer.concat([encodeStreamFrame("2"), encodeStreamFrame("4a"), encodeStreamFrame("4b")]);
    for (let length = 0; length < bytes.length; length++) {
      const { frames, rest } = decodeStreamFrames(bytes.subarray(0, length));
      expect(frames).toEqual(["2", "4a"].slice(0, Number(length >= 2) + Number(length >= 5)));
      expect(Buffer.concat([...frames.map(encodeStreamFrame), rest])).toEqual(bytes.subarray(0, length));
    }
  });
});
