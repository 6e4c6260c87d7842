/** hawser's codec and Socket.IO's on the same input: they agree, or disagree in a way that is named here. */

import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import {
  PacketDecoder,
  PacketType,
  ProtocolError,
  encodePacket,
  isReservedEvent,
  type Frame,
  type Packet,
} from "@hawser/parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** As much of Socket.IO's codec as is compared. */
interface OfficialCodec {
  Encoder: new () => { encode(packet: object): Frame[] };
  Decoder: new () => { on(event: "decoded", listener: (packet: Packet) => void): void; add(frame: Frame): void };
}

// The codec is a dependency of Socket.IO's packages, not of these tests.
const official = createRequire(createRequire(import.meta.url).resolve("socket.io"))(
  "socket.io-parser",
) as OfficialCodec;

/** What a decoder makes of a sequence of frames: packets, and a word if it refuses to go on. */
type Outcome = (Packet | "refused")[];

/** What both are said to have decoded: an id only where the type has one, and arguments even if the payload is absent. */
function normalise(packet: Packet): Packet {
  const { type, nsp, data } = packet;
  return type === PacketType.EVENT || type === PacketType.ACK
    ? ({ type, nsp, id: packet.id, data: (data as unknown) ?? [] } as Packet)
    : ({ type, nsp, data } as Packet);
}

function decodeWithHawser(frames: Frame[]): Outcome {
  const decoder = new PacketDecoder();
  const outcome: Outcome = [];
  for (const frame of frames) {
    const result = decoder.add(frame);
    if (result instanceof ProtocolError) {
      return [...outcome, "refused"];
    }
    if (result) {
      outcome.push(normalise(result));
    }
  }
  return outcome;
}

function decodeOfficially(frames: Frame[]): Outcome {
  const decoder = new official.Decoder();
  const outcome: Outcome = [];
  decoder.on("decoded", (packet) => outcome.push(normalise(packet)));
  for (const frame of frames) {
    try {
      decoder.add(frame);
    } catch {
      return [...outcome, "refused"];
    }
  }
  return outcome;
}

const bytes = new Uint8Array([1]);
const deep = `${"[".repeat(1001)}${"]".repeat(1001)}`;

/** Where hawser is meant to differ: which text frames are concerned, and what one of them comes to at either end. */
interface Difference {
  name: string;
  concerns: RegExp;
  example: Frame[];
  hawser: Outcome;
  official: Outcome;
}

const event = (id: number | undefined, ...data: unknown[]): Packet => ({ type: 2, nsp: "/", id, data }) as Packet;

const decodingDifferences: Difference[] = [
  {
    name: "a blank is no packet type; officially it reads as CONNECT",
    concerns: /^(\s|$)/,
    example: [""],
    hawser: ["refused"],
    official: [{ type: 0, nsp: "/", data: undefined }],
  },
  {
    name: "only digits count attachments; officially, whatever converts to a number does",
    concerns: /^[56](?!\d+-)/,
    example: ['51e0-["a",{"_placeholder":true,"num":0}]', bytes],
    hawser: ["refused"],
    official: [event(undefined, "a", bytes)],
  },
  {
    name: "each attachment is used exactly once; officially some may be left out and others stand twice",
    concerns: /^[56]\d+-/,
    example: ['51-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]', bytes],
    hawser: ["refused"],
    official: [event(undefined, "a", bytes, bytes)],
  },
  {
    name: "data around attachments is nested 1000 levels deep at most; officially, as deep as the stack is",
    concerns: /^[56]\d+-.*\[{1000}/,
    example: [`51-["a",{"_placeholder":true,"num":0},${deep}]`, bytes],
    hawser: ["refused"],
    official: [event(undefined, "a", bytes, JSON.parse(deep))],
  },
  {
    name: "blanks before the payload are no id; officially they are the digit 0",
    concerns: /^\d(\d*-)?(\/[^,]*(,|$))?\d*\s/,
    example: ['2 ["a"]'],
    hawser: [event(undefined, "a")],
    official: [event(0, "a")],
  },
  {
    name: "an ACK has an id; officially one without is delivered",
    concerns: /^(3|6\d+-)(\/[^,]*(,|$))?(\[|$)/,
    example: ["3[]"],
    hawser: ["refused"],
    official: [{ type: 3, nsp: "/", id: undefined, data: [] } as unknown as Packet],
  },
  {
    name: "an id is a safe integer; officially a larger one is rounded",
    concerns: /^\d(\d*-)?(\/[^,]*(,|$))?\d{16}/,
    example: ['29007199254740993["a"]'],
    hawser: ["refused"],
    official: [event(9007199254740992, "a")],
  },
  {
    name: "a CONNECT_ERROR says something; officially it may come without a payload",
    concerns: /^4(\/[^,]*(,|$))?\d*$/,
    example: ["4"],
    hawser: ["refused"],
    official: [{ type: 4, nsp: "/", data: undefined } as unknown as Packet],
  },
];

/** Any UTF-16, lone surrogates included. */
const text = fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)) });

/** A text frame piece by piece, some of them wrong. */
const textFrame = fc
  .tuple(
    fc.constantFrom(...Array.from("0123456"), "2", "2", "7", "", " ", "a"),
    fc.constantFrom("", "", "", "1-", "0-", "10-", "11-", "1e0-", "-", "1", " 1-"),
    fc.constantFrom("", "", "", "/", "/,", "/admin", "/admin,", "/a?b=1,", "admin,"),
    fc.constantFrom("", "", "", "0", "12", "007", " ", "9007199254740991", "9007199254740992"),
    fc.oneof(
      fc.constantFrom("", "[]", "{}", "null", "true", "1", '"a"', '["a"', '["connect"]', "[1]", '[["a"]]', '["a"]x'),
      fc.json().map((json) => `["a",${json}]`),
      fc.json(),
    ),
  )
  .map((pieces) => pieces.join(""));
const attachment = fc.uint8Array({ maxLength: 3 });
const placeholder = fc
  .constantFrom<unknown>(0, 1, 2, -1, 0.5, "0", null)
  .map((num) => JSON.stringify({ _placeholder: true, num }));
const binaryBurst = fc
  .tuple(
    fc.constantFrom("51-", "52-", "61-4", "52-/admin,", "51-7"),
    fc.array(placeholder, { maxLength: 3 }),
    fc.array(attachment, { maxLength: 3 }),
  )
  .map(([header, placeholders, attachments]): Frame[] => [
    `${header}["a",{"b":[${placeholders.join(",")}]}]`,
    ...attachments,
  ]);
const frames = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: textFrame.map((frame): Frame[] => [frame]) },
      { weight: 3, arbitrary: binaryBurst },
      { weight: 1, arbitrary: text.map((frame): Frame[] => [frame]) },
      { weight: 1, arbitrary: attachment.map((frame): Frame[] => [frame]) },
    ),
    { maxLength: 4 },
  )
  .map((bursts) => bursts.flat());

describe("decoding", () => {
  it("comes to what it comes to officially, but for the differences named here", () => {
    const met = { agreements: 0, packets: 0, differences: 0 };
    fc.assert(
      fc.property(frames, (sequence) => {
        const [ours, theirs] = [decodeWithHawser(sequence), decodeOfficially(sequence)];
        if (isDeepStrictEqual(ours, theirs)) {
          met.agreements++;
          met.packets += ours.length;
          return;
        }
        met.differences++;
        const explained = decodingDifferences.some(
          ({ concerns, hawser }) =>
            sequence.some((frame) => typeof frame === "string" && concerns.test(frame)) &&
            // Where hawser is the stricter one, it has to be so here too, rather than to come to something else.
            (hawser[0] !== "refused" || isDeepStrictEqual(ours, [...theirs.slice(0, ours.length - 1), "refused"])),
        );
        expect({ ours, theirs, explained }).toMatchObject({ explained: true });
      }),
      { numRuns: 5000 },
    );
    // Neither may the named differences swallow the whole comparison, nor may they be idle.
    expect(met.agreements).toBeGreaterThan(2500);
    expect(met.packets).toBeGreaterThan(500);
    expect(met.differences).toBeGreaterThan(100);
  });

  it.each(decodingDifferences)("$name", ({ concerns, example, hawser, official }) => {
    expect(concerns.test(example[0] as string)).toBe(true);
    expect(decodeWithHawser(example)).toEqual(hawser);
    expect(decodeOfficially(example)).toEqual(official);
  });
});

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: true }),
    attachment,
    attachment.map((view) => view.slice().buffer),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom("a", "b", "constructor"),
        text.filter((key) => key !== "__proto__"),
      ),
      tie("value"),
      { maxKeys: 4 },
    ),
    tie("value").map((inner) => ({ toJSON: () => ({ inner }) })),
  ),
}));
const nsp = fc.constantFrom("/", "/admin", "/a?b=1");
const packet = fc.oneof(
  fc
    .tuple(nsp, fc.option(fc.nat(), { nil: undefined }), text, fc.array(value, { maxLength: 3 }))
    .filter(([, , name]) => !isReservedEvent(name))
    .map(([nsp, id, name, args]): Packet => ({ type: PacketType.EVENT, nsp, id, data: [name, ...args] })),
  fc
    .tuple(nsp, fc.nat(), fc.array(value, { maxLength: 3 }))
    .map(([nsp, id, data]): Packet => ({ type: PacketType.ACK, nsp, id, data })),
  nsp.map((nsp): Packet => ({ type: PacketType.CONNECT, nsp, data: { token: "x" } })),
  nsp.map((nsp): Packet => ({ type: PacketType.DISCONNECT, nsp })),
  nsp.map((nsp): Packet => ({ type: PacketType.CONNECT_ERROR, nsp, data: { message: "no", data: undefined } })),
);

describe("encoding", () => {
  it("gives the very frames that it gives officially", () => {
    fc.assert(
      fc.property(packet, (sent) => {
        expect(encodePacket(sent)).toEqual(new official.Encoder().encode({ ...sent }));
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps an own key named __proto__ next to binary data; officially it is lost", () => {
    const sent = { ...event(undefined, "a", JSON.parse('{"__proto__":{"b":1}}'), bytes) };
    expect(encodePacket(sent)[0]).toBe('51-["a",{"__proto__":{"b":1}},{"_placeholder":true,"num":0}]');
    expect(new official.Encoder().encode({ ...sent })[0]).toBe('51-["a",{},{"_placeholder":true,"num":0}]');
  });
});
