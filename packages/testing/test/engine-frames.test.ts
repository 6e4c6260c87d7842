import { describe, expect, it } from "vitest";
import { decodeFrame, decodePayload, encodeFrame, encodePayload, frameMatches, showFrame } from "../src/index.ts";

describe("a frame", () => {
  it.each([
    [{ type: "open", data: "{}" }, "0{}"],
    [{ type: "close" }, "1"],
    [{ type: "ping", data: "probe" }, "2probe"],
    [{ type: "pong", data: "probe" }, "3probe"],
    [{ type: "message", data: "hello" }, "4hello"],
    [{ type: "upgrade" }, "5"],
    [{ type: "noop" }, "6"],
  ] as const)("of %o is %s, and is read back", (packet, frame) => {
    expect(encodeFrame(packet)).toBe(frame);
    expect(decodeFrame(frame)).toEqual(packet);
  });

  it("of a message with empty text is read as one without data, as every Engine.IO parser does", () => {
    expect(decodeFrame(encodeFrame({ type: "message", data: "" }))).toEqual({ type: "message" });
  });

  it("of binary data holds a copy of the view, and no more", () => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const frame = encodeFrame({ type: "message", data: bytes.subarray(1, 3) });
    bytes.fill(0);
    expect(frame).toEqual(Buffer.from([2, 3]));
    expect(encodeFrame({ type: "message", data: new Uint8Array([5]).buffer })).toEqual(Buffer.from([5]));
  });

  it("leaves out what does not cross the wire", () => {
    const packet = { type: "message", data: "a", options: { compress: true }, prepared: {} } as const;
    expect(decodeFrame(encodeFrame(packet))).toEqual({ type: "message", data: "a" });
  });

  it.each(["", "7", "hello"])("that reads %j is no packet", (frame) => {
    expect(() => decodeFrame(frame)).toThrow("not an engine packet");
  });
});

describe("a payload", () => {
  it("joins frames by the record separator, binary ones in base64", () => {
    const frames = ["4hello", Buffer.from([1, 2, 3]), "2"];
    expect(encodePayload(frames)).toBe("4hello\x1ebAQID\x1e2");
    expect(decodePayload("4hello\x1ebAQID\x1e2")).toEqual(frames);
  });
});

describe("a matcher", () => {
  it("means the frame that equals a text, not one that contains it", () => {
    expect(frameMatches("2", "2")).toBe(true);
    expect(frameMatches("2probe", "2")).toBe(false);
  });

  it("means the texts that match an expression, and never binary data", () => {
    expect(frameMatches('42["a"]', /^42/g)).toBe(true);
    expect(frameMatches('42["a"]', /^42/g)).toBe(true);
    expect(frameMatches(Buffer.from("42"), /^42/)).toBe(false);
  });

  it("means what a function says", () => {
    expect(frameMatches(Buffer.from("42"), (frame) => typeof frame !== "string")).toBe(true);
  });

  it("that is missing means all", () => {
    expect(frameMatches("", undefined)).toBe(true);
  });
});

it("a frame is shown shortened", () => {
  expect(showFrame("4hello")).toBe("4hello");
  expect(showFrame(Buffer.from([1, 255]))).toBe("<2 bytes> 01ff");
  expect(showFrame("x".repeat(300))).toBe(`${"x".repeat(200)}… (300 characters)`);
});
