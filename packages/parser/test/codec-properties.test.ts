/** What holds for every packet and for every sequence of frames, whoever made them. */

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  PacketDecoder,
  PacketType,
  ProtocolError,
  encodePacket,
  isReservedEvent,
  type Frame,
  type Packet,
} from "../src/index.ts";

/** A value as an application sends it, and as the other one receives it. */
interface Passage {
  sent: unknown;
  received: unknown;
}

const same = (value: unknown): Passage => ({ sent: value, received: value });

/** Any UTF-16, lone surrogates included. */
const text = fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)) });

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b", "__proto__", "constructor", "num", "length", "") },
  { weight: 1, arbitrary: text.filter((key) => key !== "_placeholder" && key !== "toJSON") },
);

const leaf: fc.Arbitrary<Passage> = fc.oneof(
  text.map(same),
  fc.double().map((sent) => ({ sent, received: Number.isFinite(sent) ? sent + 0 : null })),
  fc.boolean().map(same),
  fc.constantFrom<Passage>(same(null), { sent: undefined, received: undefined }),
  fc.date({ noInvalidDate: true }).map((sent) => ({ sent, received: sent.toISOString() })),
);

const binary: fc.Arbitrary<Passage> = fc.oneof(
  fc.uint8Array({ maxLength: 8 }).map((bytes) => same(Buffer.from(bytes))),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => same(bytes.slice().buffer)),
  fc.float32Array({ maxLength: 4 }).map((floats) => same(floats.subarray(1))),
);

const list = (items: Passage[]): Passage => ({
  sent: items.map((item) => item.sent),
  received: items.map((item) => item.received ?? null),
});

/** `Object.fromEntries` makes own properties, even of `__proto__`. */
const record = (entries: [string, Passage][]): Passage => ({
  sent: Object.fromEntries(entries.map(([key, value]) => [key, value.sent])),
  received: Object.fromEntries(
    [...new Map(entries)]
      .filter(([, value]) => value.received !== undefined)
      .map(([key, value]) => [key, value.received]),
  ),
});

/** Trees of arrays, objects and objects with a `toJSON`, with `leaves` at their ends. */
function trees(leaves: fc.Arbitrary<Passage>): fc.Arbitrary<Passage> {
  const { tree } = fc.letrec<{ tree: Passage }>((tie) => {
    const items = fc.array(tie("tree"), { maxLength: 4 });
    return {
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        leaves,
        items.map(list),
        fc.array(fc.tuple(name, tie("tree")), { maxLength: 4 }).map(record),
        items.map(list).map(({ sent, received }) => ({ sent: { toJSON: () => sent, hidden: 1 }, received })),
      ),
    };
  });
  return tree;
}

const nsp = fc.oneof(
  fc.constant("/"),
  text.map((rest) => "/" + rest.replaceAll(",", "")),
);
const id = fc.maxSafeNat();
const eventName = fc.oneof(
  text.filter((event) => !isReservedEvent(event)),
  fc.integer(),
);
const values = fc.array(trees(fc.oneof(leaf, binary)), { maxLength: 5 }).map(list);
const textRecord = fc.array(fc.tuple(name, trees(leaf)), { maxLength: 4 }).map(record);

/** A packet as it is handed to the encoder, and as it leaves the decoder. */
interface PacketPassage {
  sent: Packet;
  received: Packet;
}

const passage = (header: object, { sent, received }: Passage): PacketPassage => ({
  sent: { ...header, data: sent } as Packet,
  received: { ...header, data: received } as Packet,
});

const packets: fc.Arbitrary<PacketPassage> = fc.oneof(
  fc
    .tuple(nsp, fc.option(id, { nil: undefined }), eventName, values)
    .map(([nsp, id, event, args]) =>
      passage(
        { type: PacketType.EVENT, nsp, id },
        { sent: [event, ...(args.sent as unknown[])], received: [event, ...(args.received as unknown[])] },
      ),
    ),
  fc.tuple(nsp, id, values).map(([nsp, id, args]) => passage({ type: PacketType.ACK, nsp, id }, args)),
  fc.tuple(nsp, textRecord).map(([nsp, auth]) => passage({ type: PacketType.CONNECT, nsp }, auth)),
  nsp.map((nsp) => passage({ type: PacketType.CONNECT, nsp }, same(undefined))),
  nsp.map((nsp) => passage({ type: PacketType.DISCONNECT, nsp }, same(undefined))),
  fc
    .tuple(nsp, fc.oneof(textRecord, text.map(same)))
    .map(([nsp, refusal]) => passage({ type: PacketType.CONNECT_ERROR, nsp }, refusal)),
);

describe("every packet", () => {
  it("survives being encoded and decoded, one after the other on one connection", () => {
    fc.assert(
      fc.property(fc.array(packets, { minLength: 1, maxLength: 3 }), (sequence) => {
        const decoder = new PacketDecoder({ maxAttachments: Infinity });
        for (const { sent, received } of sequence) {
          const results = encodePacket(sent).map((frame) => decoder.add(frame));
          expect(results.slice(0, -1)).toEqual(Array.from({ length: results.length - 1 }));
          const decoded = results.at(-1) as Packet;
          expect(decoded).not.toBeInstanceOf(ProtocolError);
          expect({ ...decoded, data: undefined }).toEqual({ ...received, data: undefined });
          // Vitest's own comparison trips over keys such as `constructor`.
          expect(isDeepStrictEqual(decoded.data, received.data)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});

/** Frames that come close to the grammar without keeping to it. */
const piece = fc.constantFrom(
  ...Array.from("0123456789"),
  "-",
  "1-",
  "2-",
  "11-",
  "/",
  "/admin",
  ",",
  "[",
  "]",
  "[]",
  "{}",
  '{"a":1}',
  '"a"',
  '["a"]',
  '["connect"]',
  '["a",{"_placeholder":true,"num":0}]',
  "null",
  " ",
  "\ud800",
);
const attachment = fc.uint8Array({ maxLength: 4 });
const binaryHeader = fc.constantFrom(
  '51-["a",{"_placeholder":true,"num":0}]',
  '52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
  '52-["a",{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}]',
  '51-["a",{"_placeholder":true,"num":"0"}]',
  '51-["a",{"__proto__":{"_placeholder":true,"num":0}}]',
  '61-/admin,3[{"_placeholder":true,"num":0}]',
);
const burst: fc.Arbitrary<Frame[]> = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((pieces) => [pieces.join("")]),
  fc
    .constantFrom("0", "1", '2["a"]', '2["connect"]', '31["b"]', '3["b"]', '511-["a"]', '5["a"]')
    .map((frame) => [frame]),
  text.map((frame) => [frame]),
  fc
    .tuple(binaryHeader, fc.array(attachment, { maxLength: 3 }))
    .map(([header, attachments]) => [header, ...attachments]),
);
const frames = fc.array(burst, { maxLength: 8 }).map((bursts) => bursts.flat());

/** Whether the rooms above may rely on `packet`, whatever its type says of it. */
function isSound(packet: Packet): boolean {
  switch (packet.type) {
    case PacketType.CONNECT:
      return packet.data === undefined || (typeof packet.data === "object" && !Array.isArray(packet.data));
    case PacketType.DISCONNECT:
      return packet.data === undefined;
    case PacketType.EVENT:
      return (
        Array.isArray(packet.data) &&
        (packet.data.length === 0 || ["string", "number"].includes(typeof packet.data[0])) &&
        !isReservedEvent(packet.data[0]) &&
        (packet.id === undefined || Number.isSafeInteger(packet.id))
      );
    case PacketType.ACK:
      return Array.isArray(packet.data) && Number.isSafeInteger(packet.id);
    case PacketType.CONNECT_ERROR:
      return typeof packet.data === "string" || (typeof packet.data === "object" && packet.data !== null);
    default:
      return false;
  }
}

describe("every sequence of frames", () => {
  it("gives sound packets or violations, and never throws", () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(frames, (sequence) => {
        const decoder = new PacketDecoder({ maxAttachments: 2 });
        for (const frame of sequence) {
          const result = decoder.add(frame);
          expect(decoder.pending).toBe(result === undefined);
          if (result instanceof ProtocolError) {
            outcomes.add(result.code);
          } else if (result) {
            outcomes.add("packet");
            expect(result.nsp.startsWith("/")).toBe(true);
            expect(isSound(result)).toBe(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
    // The frames are worth something only if they reach every outcome but the one that takes a thousand levels.
    expect([...outcomes].sort()).toEqual([
      "ERR_ACK_ID",
      "ERR_ATTACHMENT_COUNT",
      "ERR_BINARY_UNEXPECTED",
      "ERR_PACKET_PAYLOAD",
      "ERR_PACKET_TYPE",
      "ERR_PLACEHOLDER",
      "ERR_RESERVED_EVENT",
      "ERR_TEXT_WITHIN_BINARY",
      "ERR_TOO_MANY_ATTACHMENTS",
      "packet",
    ]);
  });
});

it("a placeholder look-alike next to binary data can't be told from a placeholder, and is refused", () => {
  const lookAlike = { _placeholder: true, num: 0 };
  const through = (...data: unknown[]): unknown => {
    const decoder = new PacketDecoder();
    return encodePacket({ type: PacketType.EVENT, nsp: "/", data: ["a", ...data] })
      .map((frame) => decoder.add(frame))
      .at(-1);
  };
  expect(through(lookAlike)).toMatchObject({ data: ["a", lookAlike] });
  expect(through(lookAlike, Buffer.from([1]))).toMatchObject({ code: "ERR_PLACEHOLDER" });
});
