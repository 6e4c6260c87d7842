import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { Outbox } from "../../src/engine/outbox.ts";
import { fittingPackets, utf8Length } from "../../src/engine/payload-size.ts";
import { NOOP, encodeEnginePayload, type EngineData, type EnginePacket } from "../../src/engine/wire.ts";

let outbox: Outbox;

/** Takes what fits, as a polling client does. */
const takePayload = (maxPayload: number): EnginePacket[] => outbox.take(fittingPackets(outbox.packets, maxPayload));

function fill(...data: EngineData[]): void {
  for (const each of data) {
    outbox.push({ type: "message", data: each });
  }
}

/** How many packets are taken at a time. */
function chunks(maxPayload: number): number[] {
  const sizes: number[] = [];
  while (outbox.length > 0) {
    sizes.push(takePayload(maxPayload).length);
  }
  return sizes;
}

beforeEach(() => {
  outbox = new Outbox();
});

describe("a payload", () => {
  it("holds all that fits, to the byte", () => {
    // "4aaa", a separator, "4bbb".
    fill("aaa", "bbb");
    expect(takePayload(9).length).toBe(2);
    fill("aaa", "bbb");
    expect(takePayload(8).length).toBe(1);
  });

  it("holds at least one packet, however large: it is for the peer to refuse it", () => {
    fill("a".repeat(100), "b");
    expect(chunks(10)).toEqual([1, 1]);
  });

  it("counts bytes, not characters", () => {
    fill("€€", "€€");
    expect(takePayload(14).length).toBe(1);
    outbox.takeAll();
    fill("€€", "€€");
    expect(takePayload(15).length).toBe(2);
  });

  it("counts binary data as base64", () => {
    // "bAQ==", a separator, "bAQ==".
    fill(new Uint8Array([1]), new Uint8Array([1]).buffer);
    expect(takePayload(10).length).toBe(1);
    outbox.takeAll();
    fill(new Uint8Array([1]), new Blob([new Uint8Array([1])]));
    expect(takePayload(11).length).toBe(2);
  });

  it("counts packets without data", () => {
    outbox.push(NOOP);
    outbox.push(NOOP);
    outbox.push(NOOP);
    expect(takePayload(3).length).toBe(2);
  });

  it("of no limit holds everything", () => {
    fill("a".repeat(1000), "b".repeat(1000));
    expect(takePayload(Infinity).length).toBe(2);
  });

  it("is never larger than allowed unless it holds a single packet, and never smaller than it could be", () => {
    const data = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.uint8Array({ maxLength: 20 }));
    const encodedLength = (packets: readonly EnginePacket[]): number => {
      let length = 0;
      encodeEnginePayload(packets, (payload) => (length = Buffer.byteLength(payload)));
      return length;
    };
    fc.assert(
      fc.property(fc.array(data, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 80 }), (all, limit) => {
        outbox = new Outbox();
        fill(...all);
        const waiting = outbox.packets.slice();
        while (outbox.length > 0) {
          const chunk = takePayload(limit);
          expect(chunk).toEqual(waiting.splice(0, chunk.length));
          expect(chunk.length === 1 || encodedLength(chunk) <= limit).toBe(true);
          const [next] = outbox.packets;
          expect(next === undefined || encodedLength([...chunk, next]) > limit).toBe(true);
        }
        expect(waiting).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

it("the length of any text in UTF-8 is the one that encoding it comes to, lone surrogates included", () => {
  const unit = fc.oneof(
    fc.nat({ max: 0xffff }),
    fc.integer({ min: 0xd7f0, max: 0xe010 }),
    fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xffff),
  );
  fc.assert(
    fc.property(fc.string({ unit: unit.map((code) => String.fromCharCode(code)), maxLength: 30 }), (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    }),
    { numRuns: 2000 },
  );
});
