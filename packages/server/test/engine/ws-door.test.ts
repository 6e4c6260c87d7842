import { PassThrough, type Writable } from "node:stream";
import * as ws from "ws";
import { describe, expect, it } from "vitest";
import { binaryFrame, textFrame } from "../../src/engine/ws-door.ts";

/** As `ws` exports it; its types do not mention it. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: { isServer: boolean; binaryType: string }) => Writable;
};

/** What a WebSocket makes of `bytes`. */
function received(bytes: Buffer): unknown[] {
  const messages: unknown[] = [];
  const receiver = new Receiver({ isServer: false, binaryType: "nodebuffer" });
  receiver.on("message", (data: Buffer, binary: boolean) => messages.push(binary ? data : data.toString()));
  receiver.write(bytes);
  return messages;
}

const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];

describe("a frame built beforehand", () => {
  it.each(SIZES)("carries text of %d bytes", (size) => {
    const text = "x".repeat(size);
    expect(received(textFrame(text))).toEqual([text]);
  });

  it.each(SIZES)("carries %d bytes of binary data", (size) => {
    const data = Buffer.alloc(size, "hawser");
    const [message] = received(binaryFrame(data)) as [Buffer];
    expect(Buffer.compare(message, data)).toBe(0);
  });

  it("counts the bytes of the text, not its characters", () => {
    const text = "€".repeat(42);
    expect(received(textFrame(text))).toEqual([text]);
  });

  it("takes no more of a view than it shows, and nothing else of its memory", () => {
    const memory = Uint8Array.from({ length: 64 }, (_, index) => index);
    expect(received(binaryFrame(memory.subarray(8, 12)))).toEqual([Buffer.from([8, 9, 10, 11])]);
    expect(received(binaryFrame(new Uint16Array(memory.buffer, 8, 1)))).toEqual([Buffer.from([8, 9])]);
    expect(received(binaryFrame(memory.buffer.slice(0, 2)))).toEqual([Buffer.from([0, 1])]);
  });

  it("has no byte that was not written: two of the same content are the same", () => {
    // Memory that was used before, as a pool's is.
    Buffer.allocUnsafe(100_000).fill(0xaa);
    const make = (): Buffer =>
      Buffer.concat(SIZES.flatMap((size) => [textFrame("x".repeat(size)), binaryFrame(new Uint8Array(size))]));
    expect(Buffer.compare(make(), make())).toBe(0);
  });
});

it("a text frame may be written many times", () => {
  const stream = new PassThrough();
  const frame = textFrame("again");
  stream.write(frame);
  stream.write(frame);
  expect(received(stream.read() as Buffer)).toEqual(["again", "again"]);
});
