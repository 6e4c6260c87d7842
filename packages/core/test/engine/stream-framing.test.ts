import { createPacketDecoderStream, createPacketEncoderStream } from "engine.io-parser";
import fc from "fast-check";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { FramedPacketDecoder, encodeFramedPackets } from "../../src/engine/stream-framing.ts";
import type { BinaryType, EnginePacket, EnginePacketType } from "../../src/engine/wire.ts";

/** The buffer that packets without a `Blob` come to, within the call. */
function encode(...packets: EnginePacket[]): Buffer {
  let encoded: Uint8Array | undefined;
  encodeFramedPackets(
    packets,
    (bytes) => (encoded = bytes),
    () => expect.fail("could not be encoded"),
  );
  return Buffer.from(encoded as Uint8Array);
}

/** What a decoder makes of chunks: packets, and the code of the violation that ended it. */
function decode(chunks: Uint8Array[], maxPayload = Infinity, binaryType: BinaryType = "nodebuffer"): unknown[] {
  const decoder = new FramedPacketDecoder(maxPayload, binaryType);
  const outcome: unknown[] = [];
  for (const chunk of chunks) {
    const error = decoder.read(chunk, (packet) => outcome.push(packet) > 0);
    if (error) {
      return [...outcome, error.code];
    }
  }
  return outcome;
}

/** Bytes, as a test writes them. */
const hex = (...parts: string[]): Buffer => Buffer.from(parts.join("").replaceAll(" ", ""), "hex");

const message = (data: string | Buffer): EnginePacket => ({ type: "message", data });

describe("a packet on a stream", () => {
  it.each<[string, EnginePacket, string]>([
    ["text", message("hello"), "06 34 68 65 6c 6c 6f"],
    ["text beyond ASCII, by its bytes", message("€"), "04 34 e2 82 ac"],
    ["no data", { type: "open" }, "01 30"],
    ["binary data, which has no digit", message(Buffer.from([1, 2, 3])), "83 01 02 03"],
  ])("is a header and %s", (_, packet, written) => {
    expect(encode(packet)).toEqual(hex(written));
    expect(decode([hex(written)])).toEqual([packet]);
  });

  it.each([
    [125, "7d", "fd"],
    [126, "7e 007e", "fe 007e"],
    [65_535, "7e ffff", "fe ffff"],
    [65_536, "7f 00000000 00010000", "ff 00000000 00010000"],
    [200_000, "7f 00000000 00030d40", "ff 00000000 00030d40"],
  ])("of %i bytes has as long a header as it needs", (length, text, binary) => {
    const texts = Buffer.concat([hex(text), Buffer.from(`4${"x".repeat(length - 1)}`)]);
    expect(encode(message("x".repeat(length - 1))).equals(texts)).toBe(true);
    expect(decode([texts])).toEqual([message("x".repeat(length - 1))]);
    const bytes = Buffer.alloc(length, 7);
    const binaries = Buffer.concat([hex(binary), bytes]);
    expect(encode(message(bytes)).equals(binaries)).toBe(true);
    expect(decode([binaries])).toEqual([message(bytes)]);
  });

  it("may have a header that is longer than it needs", () => {
    expect(decode([hex("7e 0002 3461", "7f 00000000 00000002 3462")])).toEqual([message("a"), message("b")]);
  });

  it("of a view holds what the view shows", () => {
    const view = new Uint16Array([1, 0x0203, 4]).subarray(1, 2);
    expect(encode({ type: "message", data: view })).toEqual(hex("82 03 02"));
    expect(encode({ type: "message", data: new DataView(new ArrayBuffer(4), 1, 2) })).toEqual(hex("82 00 00"));
    expect(encode({ type: "message", data: new Uint8Array([9]).buffer })).toEqual(hex("81 09"));
  });

  it("of no binary data at all is base64, for a length of 0 is refused by many peers, but is read as well", () => {
    expect(encode(message(Buffer.alloc(0)))).toEqual(hex("01 62"));
    expect(decode([hex("01 62", "80", "02 34 61")])).toEqual([
      message(Buffer.alloc(0)),
      message(Buffer.alloc(0)),
      message("a"),
    ]);
  });

  it("of several is one buffer", () => {
    expect(encode(message("a"), message(Buffer.from([1])), { type: "pong" })).toEqual(
      hex("02 34 61", "81 01", "01 33"),
    );
  });

  it("of a Blob is written when that has been read, in its place", async () => {
    const blob = new Blob([new Uint8Array([1, 2])]);
    const encoded = await new Promise<Uint8Array>((resolve, reject) => {
      encodeFramedPackets([message("a"), { type: "message", data: blob }, message("b")], resolve, reject);
    });
    expect(Buffer.from(encoded)).toEqual(hex("02 34 61", "82 01 02", "02 34 62"));
  });

  it("of a Blob that can't be read is never written, and the error is told", async () => {
    const error = new Error("the file is gone");
    const blob = Object.assign(new Blob([]), { arrayBuffer: () => Promise.reject(error) });
    const outcome = new Promise((resolve) => {
      encodeFramedPackets([message("a"), { type: "message", data: blob }], () => resolve("written"), resolve);
    });
    expect(await outcome).toBe(error);
  });
});

describe("binary data that was received", () => {
  it("is an ArrayBuffer of its own size, or a Buffer", () => {
    const chunk = new Uint8Array(64).fill(7);
    chunk.set([0x84, 1, 2, 3, 4]);
    chunk.set([0x02, 0x34, 0x61], 5);
    const [{ data }] = decode([chunk.subarray(0, 8)], Infinity, "arraybuffer") as [EnginePacket];
    expect(data).toEqual(new Uint8Array([1, 2, 3, 4]).buffer);
    expect((decode([chunk.subarray(0, 8)]) as [EnginePacket])[0].data).toBeInstanceOf(Buffer);
  });

  it.each(["nodebuffer", "arraybuffer"] as const)("is a copy: chunks may be used again (%s)", (binaryType) => {
    const decoder = new FramedPacketDecoder(100, binaryType);
    const received: EnginePacket[] = [];
    const chunk = hex("83 01 02 03");
    decoder.read(chunk, (packet) => received.push(packet) > 0);
    decoder.read(chunk.subarray(0, 2), () => true);
    chunk.fill(0);
    decoder.read(hex("08 09"), (packet) => received.push(packet) > 0);
    expect(received.map(({ data }) => [...new Uint8Array(data as ArrayBuffer)])).toEqual([
      [1, 2, 3],
      [1, 8, 9],
    ]);
  });
});

describe("a stream is garbage", () => {
  it.each([
    ["text without a digit", "00"],
    ["text without a digit, said at length", "7e 0000"],
    ["a digit that is none", "01 39"],
    ["more than is accepted", "0b"],
    ["much more than is accepted", "7e 0fff"],
    ["binary data of more than is accepted", "8b"],
    ["more than a number can tell", "7f 00200000 00000000"],
    ["the most that 64 bits can tell", "ff ffffffff ffffffff"],
  ])("at %s, before any of it has arrived", (_, header) => {
    expect(decode([hex("02 34 61", header, "34 34 34")], 10)).toEqual([message("a"), "ERR_ENGINE_PACKET"]);
  });

  it("at a length beyond 2^53 - 1, although no limit is set, and not below", () => {
    expect(decode([hex("7f 001fffff ffffffff")])).toEqual([]);
    expect(decode([hex("7f 00200000 00000000")])).toEqual(["ERR_ENGINE_PACKET"]);
    expect(decode([hex("7f 00200000 00000001")])).toEqual(["ERR_ENGINE_PACKET"]);
  });

  it("never at what is just not too long", () => {
    expect(decode([hex("0a", "34".repeat(10))], 10)).toEqual([message("444444444")]);
  });
});

it("an empty chunk changes nothing", () => {
  expect(decode([hex(""), hex("02"), hex(""), hex("34"), hex(""), hex("61")])).toEqual([message("a")]);
});

it("nothing is read any more once nobody wants to go on", () => {
  const received: EnginePacket[] = [];
  const decoder = new FramedPacketDecoder(100, "nodebuffer");
  expect(decoder.read(hex("02 34 61", "02 34 62", "00"), (packet) => received.push(packet) < 1)).toBeUndefined();
  expect(received).toEqual([message("a")]);
});

// ── what holds for every packet, however it is cut ─────────────────────────────────────────────────────────────────

const controls = fc.constantFrom<EnginePacketType>("open", "close", "ping", "pong", "upgrade", "noop");

/** Any text that UTF-8 can tell. */
const text = fc.string({ unit: "binary", maxLength: 200 });

const packet: fc.Arbitrary<EnginePacket> = fc.oneof(
  controls.map((type) => ({ type })),
  text.map((data) => (data ? message(data) : { type: "message" as const })),
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => message(Buffer.from(bytes))),
  fc.constantFrom(126, 65_535, 65_536, 70_000).map((length) => message(Buffer.alloc(length, 1))),
);

const packets = fc.array(packet, { minLength: 1, maxLength: 8 });

/** How to cut: the lengths of the chunks, in turn. */
const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

function cut(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let offset = 0, index = 0; offset < bytes.length; index++) {
    // Long packets would make a hundred thousand chunks.
    const length = (cuts[index % cuts.length] as number) * (bytes.length > 10_000 ? 1000 : 1);
    chunks.push(bytes.slice(offset, offset + length));
    offset += length;
  }
  return chunks;
}

describe("any packets", () => {
  it("are read as they were written, wherever the stream is cut", () => {
    fc.assert(
      fc.property(packets, lengths, (sent, cuts) => {
        expect(isDeepStrictEqual(decode(cut(encode(...sent), cuts)), sent)).toBe(true);
      }),
    );
  });

  it("are written as by Socket.IO", async () => {
    await fc.assert(
      fc.asyncProperty(packets, async (sent) => {
        expect(encode(...sent).equals(Buffer.concat(await encodeOfficially(sent)))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("are read as by Socket.IO, and so is what was damaged on the way", async () => {
    const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(packets, lengths, damage, async (sent, cuts, damaged) => {
        const bytes = encode(...sent);
        for (const { at, byte } of damaged) {
          bytes[at % bytes.length] = byte;
        }
        const chunks = cut(bytes, cuts);
        // The one thing in which they are meant to differ is accepted there as garbage, and told above.
        fc.pre(!decode(chunks, 100_000).some((read) => isEmptyBinary(read)));
        expect(isDeepStrictEqual(decode(chunks, 100_000), await decodeOfficially(chunks, 100_000))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

const isEmptyBinary = (read: unknown): boolean =>
  Buffer.isBuffer((read as EnginePacket).data) && !(read as { data: Buffer }).data.length;

async function encodeOfficially(sent: EnginePacket[]): Promise<Uint8Array[]> {
  const stream = createPacketEncoderStream();
  const writer = stream.writable.getWriter();
  const written = Promise.all([...sent.map((each) => writer.write(each as never)), writer.close()]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.readable as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
  }
  await written;
  return chunks;
}

async function decodeOfficially(chunks: Uint8Array[], maxPayload: number): Promise<unknown[]> {
  const stream = createPacketDecoderStream(maxPayload, "nodebuffer");
  const writer = stream.writable.getWriter();
  const written = Promise.all([...chunks.map((chunk) => writer.write(chunk)), writer.close()]);
  const outcome: unknown[] = [];
  for await (const read of stream.readable as unknown as AsyncIterable<{ type: string }>) {
    // It does not stop there, but nobody asks it any further.
    if (outcome.at(-1) !== "ERR_ENGINE_PACKET") {
      outcome.push(read.type === "error" ? "ERR_ENGINE_PACKET" : read);
    }
  }
  await written;
  return outcome;
}

// ── what it costs ──────────────────────────────────────────────────────────────────────────────────────────────────

describe("the decoder's cost", () => {
  /** How many bytes are copied while chunks are read; nothing but this grows with more than their number. */
  function bytesCopied(chunks: Uint8Array[]): number {
    const set = vi.spyOn(Uint8Array.prototype, "set");
    decode(chunks);
    const copied = set.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
    set.mockRestore();
    return copied;
  }

  it("is no copy for packets that arrive whole, however many are in one chunk", () => {
    expect(bytesCopied([Buffer.alloc(20_000, hex("01 32"))])).toBe(0);
  });

  it("is few copies of each byte for a packet that comes byte by byte", () => {
    const packet = encode(message("x".repeat(99_999)));
    expect(bytesCopied(Array.from(packet, (byte) => Uint8Array.of(byte)))).toBeLessThan(4 * packet.length);
  });

  it("is no memory for what is only promised", () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 1000 }, () => {
      const decoder = new FramedPacketDecoder(1_000_000, "nodebuffer");
      decoder.read(hex("ff 00000000 000f4240 01"), () => true);
      return decoder;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(decoders).toHaveLength(1000);
  });
});
