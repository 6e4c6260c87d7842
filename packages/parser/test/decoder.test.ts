import { describe, expect, it } from "vitest";
import type { Frame } from "../src/binary.ts";
import { PacketDecoder, type PacketDecoderOptions } from "../src/decoder.ts";
import { PacketType } from "../src/packet.ts";
import { ProtocolError } from "../src/protocol-error.ts";

const bytes = Buffer.from([1, 2]);
const binaryEvent = '51-["a",{"_placeholder":true,"num":0}]';

/** What comes of each frame in turn: a packet, a violation's code, or undefined. */
function feed(frames: Frame[], options?: PacketDecoderOptions): unknown[] {
  const decoder = new PacketDecoder(options);
  return frames.map((frame) => {
    const result = decoder.add(frame);
    return result instanceof ProtocolError ? result.code : result;
  });
}

const event = (...data: unknown[]): unknown => ({ type: PacketType.EVENT, nsp: "/", id: undefined, data });

describe("packets", () => {
  it("of text are whole at once", () => {
    expect(feed(['2["a"]', '2["b"]'])).toEqual([event("a"), event("b")]);
  });

  it("of binary data are whole with their last attachment", () => {
    const frames = ['52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', bytes, bytes, '2["b"]'];
    expect(feed(frames)).toEqual([undefined, undefined, event("a", bytes, bytes), event("b")]);
  });

  it("get the very attachments that arrived, not copies", () => {
    const [, packet] = feed([binaryEvent, bytes]);
    expect((packet as { data: unknown[] }).data[1]).toBe(bytes);
  });
});

describe("a half-received packet", () => {
  it("is pending until its last attachment", () => {
    const decoder = new PacketDecoder();
    expect(decoder.pending).toBe(false);
    decoder.add(binaryEvent);
    expect(decoder.pending).toBe(true);
    decoder.add(bytes);
    expect(decoder.pending).toBe(false);
  });

  it("is forgotten by reset", () => {
    const decoder = new PacketDecoder();
    decoder.add(binaryEvent);
    decoder.reset();
    expect(decoder.pending).toBe(false);
    expect(decoder.add('2["b"]')).toEqual(event("b"));
  });
});

describe("violations", () => {
  it.each<[string, Frame[], string]>([
    ["text while attachments are awaited", [binaryEvent, '2["b"]'], "ERR_TEXT_WITHIN_BINARY"],
    ["an attachment that nothing announced", [bytes], "ERR_BINARY_UNEXPECTED"],
    ["one attachment too many", [binaryEvent, bytes, bytes], "ERR_BINARY_UNEXPECTED"],
    ["a placeholder without an attachment", ['51-["a",{"_placeholder":true,"num":1}]', bytes], "ERR_PLACEHOLDER"],
    ["an attachment without a placeholder", ['51-["a"]', bytes], "ERR_PLACEHOLDER"],
    ["an attachment of an event without a payload", ["51-", bytes], "ERR_PLACEHOLDER"],
    ["a frame of text that is no packet", ["9"], "ERR_PACKET_TYPE"],
    ["deep nesting around an attachment", [`51-["a",${"[".repeat(5000)}${"]".repeat(5000)}]`, bytes], "ERR_NESTING"],
  ])("%s", (_, frames, code) => expect(feed(frames).at(-1)).toBe(code));

  it("leave the decoder ready for the next packet", () => {
    expect(feed([binaryEvent, '2["b"]', '2["c"]'])).toEqual([undefined, "ERR_TEXT_WITHIN_BINARY", event("c")]);
    expect(feed(['51-["a"]', bytes, '2["c"]'])).toEqual([undefined, "ERR_PLACEHOLDER", event("c")]);
  });

  it("are returned, not thrown, even if a reviver made objects that can't be changed", () => {
    const reviver = (_key: string, value: unknown): unknown => Object.freeze(value);
    expect(feed([binaryEvent, bytes], { reviver })).toEqual([undefined, "ERR_PACKET_PAYLOAD"]);
  });
});

describe("options", () => {
  it("allow 10 attachments unless told otherwise", () => {
    expect(feed(['510-["a"]'])).toEqual([undefined]);
    expect(feed(['511-["a"]'])).toEqual(["ERR_TOO_MANY_ATTACHMENTS"]);
    expect(feed(['511-["a"]'], { maxAttachments: 11 })).toEqual([undefined]);
    expect(feed(['51-["a"]'], { maxAttachments: 0 })).toEqual(["ERR_TOO_MANY_ATTACHMENTS"]);
  });

  it("apply a reviver to the data", () => {
    const reviver = (_key: string, value: unknown): unknown => (value === "1n" ? 1n : value);
    expect(feed(['2["a","1n"]'], { reviver })).toEqual([event("a", 1n)]);
  });
});
