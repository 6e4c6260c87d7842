/** What holds for every packet and for every message, whoever made them. */

import { inspect } from "node:util";
import { PacketType, ProtocolError, isReservedEvent, type Frame, type Packet } from "@hawser/parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../src/encode.ts";
import { Decoder, Encoder } from "../src/index.ts";

/** A value as an application sends it, and as the other one receives it. */
interface Passage {
  sent: unknown;
  received: unknown;
}

const same = (value: unknown): Passage => ({ sent: value, received: value });

/** Any UTF-16 that is text. */
const text = fc.string({ unit: "grapheme", maxLength: 80 });

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b", "__proto__", "constructor", "length", "0", "") },
  { weight: 1, arbitrary: text.filter((key) => key !== "toJSON") },
);

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });

const leaf: fc.Arbitrary<Passage> = fc.oneof(
  text.map(same),
  fc.double().map(same),
  fc.integer().map(same),
  fc.maxSafeInteger().map(same),
  int64.map((sent) => same(Number(sent))),
  int64.map((sent) => ({ sent, received: Number(sent) })),
  fc.boolean().map(same),
  fc.constantFrom<Passage>(same(null), same(undefined), { sent: Symbol("x"), received: undefined }),
  fc.date({ noInvalidDate: false }).map(same),
);

const binary: fc.Arbitrary<Passage> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => same(Buffer.from(bytes))),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => ({ sent: bytes.slice().buffer, received: Buffer.from(bytes) })),
  fc.float32Array({ maxLength: 4 }).map((floats) => {
    const window = floats.subarray(1);
    return { sent: window, received: Buffer.from(window.buffer, window.byteOffset, window.byteLength) };
  }),
);

const list = (items: Passage[]): Passage => ({
  sent: items.map((item) => item.sent),
  received: items.map((item) => item.received),
});

/** `Object.fromEntries` makes own properties, even of `__proto__`. */
const record = (entries: [string, Passage][]): Passage => ({
  sent: Object.fromEntries([["run", () => {}], ...entries.map(([key, value]): [string, unknown] => [key, value.sent])]),
  received: Object.fromEntries(entries.map(([key, value]) => [key, value.received])),
});

const { tree } = fc.letrec<{ tree: Passage }>((tie) => {
  const items = fc.array(tie("tree"), { maxLength: 5 });
  return {
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      binary,
      items.map(list),
      fc.array(fc.tuple(name, tie("tree")), { maxLength: 20 }).map(record),
      items.map(list).map(({ sent, received }) => ({ sent: { toJSON: () => sent, hidden: 1 }, received })),
    ),
  };
});

const nsp = text.map((rest) => "/" + rest);
const id = fc.maxSafeNat();
const eventName = fc.oneof(
  text.filter((event) => !isReservedEvent(event)),
  fc.integer(),
);
const values = fc.array(tree, { maxLength: 20 }).map(list);
const members = fc.array(fc.tuple(name, tree), { maxLength: 4 }).map(record);

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
  fc.tuple(nsp, members).map(([nsp, auth]) => passage({ type: PacketType.CONNECT, nsp }, auth)),
  nsp.map((nsp) => passage({ type: PacketType.CONNECT, nsp }, same(undefined))),
  nsp.map((nsp) => passage({ type: PacketType.DISCONNECT, nsp }, same(undefined))),
  fc
    .tuple(nsp, fc.oneof(members, text.map(same)))
    .map(([nsp, refusal]) => passage({ type: PacketType.CONNECT_ERROR, nsp }, refusal)),
);

/** What a decoder makes of a message. */
function decode(message: Frame): Packet | ProtocolError {
  let decoded: Packet | undefined;
  try {
    new Decoder().on("decoded", (packet) => (decoded = packet)).add(message);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  if (!decoded) throw new Error("the decoder said nothing");
  return decoded;
}

/** All that can be told apart about a packet: -0 and invalid dates are seen here, and keys such as `constructor` do no harm. */
const shown = ({ type, nsp, data, ...rest }: Packet): string =>
  inspect([type, nsp, data, "id" in rest ? rest.id : undefined], {
    depth: Infinity,
    maxArrayLength: Infinity,
    maxStringLength: Infinity,
  });

describe("every packet", () => {
  it("survives being encoded and decoded", () => {
    fc.assert(
      fc.property(packets, ({ sent, received }) => {
        const [message] = new Encoder().encode(sent);
        const decoded = decode(Buffer.from(message));
        expect(decoded).not.toBeInstanceOf(ProtocolError);
        expect(shown(decoded as Packet)).toBe(shown(received));
      }),
      { numRuns: 300 },
    );
  });
});

/** Whether the rooms above may rely on `packet`, whatever its type says of it. */
function isSound(packet: Packet): boolean {
  if (!packet.nsp.startsWith("/")) return false;
  const isRecord = (value: unknown): boolean => Object.prototype.toString.call(value) === "[object Object]";
  switch (packet.type) {
    case PacketType.CONNECT:
      return packet.data === undefined || isRecord(packet.data);
    case PacketType.DISCONNECT:
      return packet.data === undefined;
    case PacketType.EVENT:
      return (
        Array.isArray(packet.data) &&
        ["string", "number"].includes(typeof packet.data[0]) &&
        !isReservedEvent(packet.data[0]) &&
        (packet.id === undefined || (Number.isSafeInteger(packet.id) && packet.id >= 0))
      );
    case PacketType.ACK:
      return Array.isArray(packet.data) && Number.isSafeInteger(packet.id) && packet.id >= 0;
    case PacketType.CONNECT_ERROR:
      return typeof packet.data === "string" || isRecord(packet.data);
    default:
      return false;
  }
}

/** Fields that come close to a packet without being one. */
const fields = fc.record(
  {
    type: fc.oneof(fc.constantFrom(0, 1, 2, 2, 2, 3, 3, 4), fc.constantFrom(5, -1, 0.5, "2", null)),
    nsp: fc.constantFrom("/", "/", "/", "/admin", "admin", "", 1),
    data: fc.oneof(
      fc.constantFrom<unknown>(undefined, null, {}, [], ["a"], ["connect"], [1], [null], "a", 1, { message: "no" }),
      tree.map(({ sent }) => sent),
    ),
    id: fc.constantFrom<unknown>(undefined, null, 0, 7, 7, -1, 0.5, "1", 2 ** 53),
  },
  { requiredKeys: ["type", "nsp"] },
);

/** Those that are wrong in one thing alone. */
const almost = fc.constantFrom<unknown>(
  { type: 2, nsp: "/", data: ["connect"] },
  { type: 2, nsp: "/", data: ["a"], id: -1 },
  { type: 2, nsp: "admin", data: ["a"] },
  { type: 5, nsp: "/", data: ["a"] },
);

const bytes = fc.uint8Array({ maxLength: 200 });

/** A message of which some bytes were exchanged for others, cut off, or said twice. */
const damaged = fc
  .tuple(packets, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }), fc.double({ min: 0, max: 1.2 }))
  .map(([{ sent }, changes, part]) => {
    const message = Buffer.from(new Encoder().encode(sent)[0]);
    for (const [index, byte] of changes) message[index % message.length] = byte;
    return Buffer.concat([message, message]).subarray(0, Math.ceil(message.length * Math.max(part, 0.9)));
  });

const messages = fc.oneof(
  fc.oneof(fields, fields, almost).map((value): Frame => Buffer.from(encode(value))),
  damaged,
  bytes.map((value): Frame => Buffer.from(value)),
  bytes.map((value): Frame => value.slice().buffer),
  fc.constantFrom(0x91, 0x81, 0xa0, 0x82).map((byte): Frame => Buffer.alloc(3000, byte)),
  text,
);

describe("every message", () => {
  it("is a sound packet or a violation, and nothing is thrown but that", () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(messages, (message) => {
        const result = decode(message);
        outcomes.add(result instanceof ProtocolError ? result.code : "packet");
        expect(result instanceof ProtocolError || isSound(result)).toBe(true);
      }),
      { numRuns: 1500 },
    );
    // The messages are worth something only if they reach every outcome.
    expect([...outcomes].sort()).toEqual([
      "ERR_ACK_ID",
      "ERR_NESTING",
      "ERR_PACKET_NAMESPACE",
      "ERR_PACKET_PAYLOAD",
      "ERR_PACKET_TYPE",
      "ERR_RESERVED_EVENT",
      "packet",
    ]);
  });

  it("is looked at in a time that its length bounds, whatever its bytes are", () => {
    const length = 2 ** 14;
    // An EVENT whose data is an array of as many items as there are bytes, and those bytes all the same.
    const header = Buffer.from("83a47479706502a36e7370a12fa464617461dd00004000", "hex");
    const started = performance.now();
    for (let byte = 0; byte <= 0xff; byte++) {
      decode(Buffer.concat([header, Buffer.alloc(length, byte)]));
      decode(Buffer.alloc(length, byte));
    }
    // A fraction of a second, and not the minutes that a quadratic loop would need.
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});
