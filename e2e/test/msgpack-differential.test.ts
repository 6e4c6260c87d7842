/** hawser's MessagePack parser and Socket.IO's on the same input: they agree, or disagree in a way that is named here. */

import { createRequire } from "node:module";
import { inspect } from "node:util";
import { isReservedEvent, type Frame, type Packet } from "@hawser/parser";
import fc from "fast-check";
import * as hawserParser from "hawser-msgpack-parser";
import officialParser from "socket.io-msgpack-parser";
import { describe, expect, it } from "vitest";

/** As much of a parser as is compared. */
interface Parser {
  Encoder: new () => { encode(packet: Packet): unknown };
  Decoder: new () => { on(event: "decoded", listener: (packet: Packet) => void): unknown; add(frame: Frame): void };
}

const hawser: Parser = hawserParser;
const official: Parser = officialParser;

// The official parser's other half, for browsers.
const requireBeside = createRequire(createRequire(import.meta.url).resolve("socket.io-msgpack-parser"));
const browser = {
  encode: requireBeside("notepack.io/browser/encode.js") as (value: unknown) => ArrayBuffer,
  decode: requireBeside("notepack.io/browser/decode.js") as (message: ArrayBuffer) => { data: unknown[] },
};

function encode({ Encoder }: Parser, packet: Packet): Buffer {
  const [message] = new Encoder().encode(packet) as [Uint8Array];
  return Buffer.from(message);
}

/** The packet in a message, reduced to what both say of packets; undefined if it is refused. */
function decode({ Decoder }: Parser, message: Frame): Packet | undefined {
  let decoded: Packet | undefined;
  try {
    const decoder = new Decoder();
    decoder.on("decoded", (packet) => (decoded = packet));
    decoder.add(message);
  } catch {
    return undefined;
  }
  const { type, nsp, data } = decoded!;
  const id = type === 2 || type === 3 ? (decoded as { id?: number }).id : undefined;
  return { type, nsp, data, id } as Packet;
}

/** All that can be told apart about a value, -0 and invalid dates included. */
const shown = (value: unknown): string =>
  inspect(value, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });

const event = (...data: unknown[]): Packet => ({ type: 2, nsp: "/", data }) as Packet;

const argsOf = (packet: Packet | undefined): unknown[] => (packet!.data as unknown[]).slice(1);

/** What one parser makes of the arguments of an event that another one has encoded. */
const through = (from: Parser, to: Parser, ...args: unknown[]): unknown[] =>
  argsOf(decode(to, encode(from, event("a", ...args))));

const text = fc.string({ unit: "grapheme", maxLength: 60 });
const bytes = fc.uint8Array({ maxLength: 300 });

/** What both can express, and express alike. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.double().filter((number) => !Object.is(number, -0) && Math.abs(number) < 2 ** 63),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constantFrom(null, undefined, NaN, Infinity),
    fc.date({ noInvalidDate: true }),
    bytes.map((view) => Buffer.from(view)),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom("a", "b", "constructor"),
        text.filter((key) => key !== "__proto__"),
      ),
      tie("value"),
      { maxKeys: 20 },
    ),
    tie("value").map((inner) => ({ toJSON: () => ({ inner }) })),
    tie("value").map((inner) => ({ inner, run: () => {} })),
  ),
}));

const nsp = fc.constantFrom("/", "/admin", "/a,b?c=1");
const args = fc.array(value, { maxLength: 3 });
const packet = fc.oneof(
  fc
    .tuple(nsp, text, args, fc.option(fc.nat(), { nil: undefined }))
    .filter(([, name]) => !isReservedEvent(name))
    .map(([nsp, name, args, id]) => ({ type: 2, nsp, data: [name, ...args], ...(id !== undefined && { id }) })),
  fc.tuple(nsp, args, fc.nat()).map(([nsp, data, id]) => ({ type: 3, nsp, data, id })),
  nsp.map((nsp) => ({ type: 0, nsp })),
  nsp.map((nsp) => ({ type: 0, nsp, data: { token: "x" } })),
  nsp.map((nsp) => ({ type: 1, nsp })),
  nsp.map((nsp) => ({ type: 4, nsp, data: { message: "no", data: undefined } })),
) as fc.Arbitrary<Packet>;

describe("encoding", () => {
  it("gives the very bytes that it gives officially", () => {
    fc.assert(
      fc.property(packet, (sent) => {
        expect(encode(hawser, sent).toString("hex")).toBe(encode(official, sent).toString("hex"));
      }),
      { numRuns: 1000 },
    );
  });

  it("leaves out what only the sender needs to know", () => {
    const sent = { type: 2, options: { compress: true }, data: ["a"], nsp: "/" } as Packet;
    const message = encode(hawser, sent);
    expect(message.length).toBeLessThan(encode(official, sent).length);
    expect(decode(official, message)).toEqual(decode(hawser, encode(official, sent)));
  });
});

describe("decoding", () => {
  it("gives what it gives officially", () => {
    fc.assert(
      fc.property(packet, (sent) => {
        const message = encode(official, sent);
        const decoded = decode(hawser, message);
        expect(decoded).toBeDefined();
        expect(shown(decoded)).toBe(shown(decode(official, message)));
      }),
      { numRuns: 1000 },
    );
  });

  /** Fields that come close to a packet without being one. */
  const fields = fc.record(
    {
      type: fc.constantFrom<unknown>(0, 1, 2, 2, 3, 4, 5, -1, 0.5, "2", null),
      nsp: fc.constantFrom<unknown>("/", "/", "/", "admin", 1),
      data: fc.oneof(fc.constantFrom<unknown>(undefined, null, {}, [], ["a"], ["connect"], [null], "a", 1), value),
      id: fc.constantFrom<unknown>(undefined, null, 0, 7, -1, 0.5, "1", 2 ** 53),
    },
    { requiredKeys: [] },
  );
  const damaged = fc
    .tuple(packet, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }), fc.nat(20))
    .map(([sent, changes, cut]) => {
      const message = encode(official, sent);
      for (const [index, byte] of changes) message[index % message.length] = byte;
      return cut < 3 ? message.subarray(0, message.length - cut) : message;
    });
  const messages = fc.oneof(
    fields.map((value) => encode(official, value as Packet)),
    damaged,
    bytes.map((value) => Buffer.from(value)),
  );

  /** Where hawser is meant to accept more: nil for what is absent. */
  const hasNil = (message: Buffer): boolean => message.includes(0xc0);

  it("accepts nothing that is refused officially, but for nil, and takes it for the same", () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(messages, (message) => {
        const decoded = decode(hawser, message);
        // The official decoder is not asked about those: it makes an ArrayBuffer of any length that is announced, and fills it.
        if (decoded === undefined) {
          refused++;
          return;
        }
        accepted++;
        const officially = decode(official, message);
        if (officially === undefined) expect(hasNil(message)).toBe(true);
        else expect(shown(decoded)).toBe(shown(officially));
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(200);
    expect(refused).toBeGreaterThan(2000);
  });

  const raw = (fields: unknown): Buffer => encode(official, fields as Packet);

  it.each<[why: string, message: Buffer]>([
    ["a namespace begins with a slash", raw({ type: 2, nsp: "admin", data: ["a"] })],
    ["reserved names stay with the library", raw({ type: 2, nsp: "/", data: ["disconnect"] })],
    ["an event has a name", raw({ type: 2, nsp: "/", data: [] })],
    ["that name is a string or a number", raw({ type: 2, nsp: "/", data: [{ length: 1 }] })],
    ["an answer has an id", raw({ type: 3, nsp: "/", data: [] })],
    ["an id is not negative", raw({ type: 2, nsp: "/", data: ["a"], id: -1 })],
    ["an id is exact", raw({ type: 2, nsp: "/", data: ["a"], id: 2 ** 60 })],
    [
      "a key is a string or a number",
      Buffer.concat([raw({ type: 2, nsp: "/", data: ["a", 0] }).subarray(0, -1), Buffer.from("8190c0", "hex")]),
    ],
    [
      "data is nested 1000 deep at most",
      Buffer.concat([
        raw({ type: 2, nsp: "/", data: ["a", 0] }).subarray(0, -1),
        Buffer.from(`${"91".repeat(999)}c0`, "hex"),
      ]),
    ],
  ])("is stricter than officially: %s", (_why, message) => {
    expect(decode(official, message)).toBeDefined();
    expect(decode(hawser, message)).toBeUndefined();
  });

  it("takes nil for absent, as peers in other languages mean it; officially it is refused", () => {
    const message = raw({ type: 1, nsp: "/", data: null });
    expect(decode(hawser, message)).toEqual({ type: 1, nsp: "/" });
    expect(decode(official, message)).toBeUndefined();
  });

  it("makes a key named __proto__ a key like any other; officially it becomes the prototype", () => {
    const message = encode(hawser, event("a", JSON.parse('{"__proto__":{"admin":true}}')));
    const valueOf = (decoded: Packet | undefined) => argsOf(decoded)[0] as { admin?: boolean };
    expect(Object.keys(valueOf(decode(hawser, message)))).toEqual(["__proto__"]);
    expect(valueOf(decode(hawser, message)).admin).toBeUndefined();
    expect(valueOf(decode(official, message)).admin).toBe(true);
  });
});

describe("values that the official encoder gets wrong", () => {
  const invalid = new Date(NaN);
  it.each<[what: string, sent: unknown, received: unknown, officially: unknown]>([
    ["-0", -0, -0, 0],
    ["an integer of more than 64 bits", 2 ** 64 + 2 ** 40, 2 ** 64 + 2 ** 40, 2 ** 40],
    ["an invalid date", invalid, invalid, new Date(0)],
    ["half of a surrogate pair in a short text", "\ud800a", "\ufffda", "\u{10061}"],
  ])("%s", (_what, sent, received, officially) => {
    expect(through(hawser, official, sent)).toEqual([received]);
    expect(through(hawser, hawser, sent)).toEqual([received]);
    expect(through(official, official, sent)).toEqual([officially]);
  });

  const selfish = { a: 1, toJSON: (): unknown => selfish };

  it.each<[what: string, sent: unknown, received: unknown, error: string]>([
    ["a bigint", 2n ** 40n, 2 ** 40, "Could not encode"],
    ["a function in an array", [() => {}], [undefined], "Could not encode"],
    ["an object whose toJSON gives itself", selfish, { a: 1 }, "Maximum call stack size exceeded"],
  ])("%s; officially an error", (_what, sent, received, error) => {
    expect(through(hawser, official, sent)).toEqual([received]);
    expect(through(hawser, hawser, sent)).toEqual([received]);
    expect(() => encode(official, event("a", sent))).toThrow(error);
  });

  it("data that contains itself; officially the stack overflows", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => encode(hawser, event("a", circle))).toThrow("circular");
    expect(() => encode(official, event("a", circle))).toThrow("Maximum call stack size exceeded");
  });

  it("a window on memory; officially all of the memory is sent", () => {
    const window = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect(through(hawser, official, window)).toEqual([Buffer.from([2, 3])]);
    expect(through(hawser, hawser, window)).toEqual([Buffer.from([2, 3])]);
    const [memory] = through(official, official, window) as [ArrayBuffer];
    expect([...new Uint8Array(memory)]).toEqual([1, 2, 3, 4]);
  });
});

describe("an ArrayBuffer or typed array", () => {
  const values = [new Uint8Array([1, 2]), new Uint8Array([1, 2]).buffer];
  const asArrayBuffer = new Uint8Array([1, 2]).buffer;

  /** The argument of an event in a message, as the official parser gives it to a page. */
  const inBrowser = (message: Uint8Array): unknown => browser.decode(new Uint8Array(message).buffer).data[1];

  it.each(values)(
    "from here is an ArrayBuffer in a page, and a Buffer in Node.js, as with the default parser",
    (sent) => {
      expect(inBrowser(encode(hawser, event("a", sent)))).toStrictEqual(asArrayBuffer);
      expect(through(hawser, official, sent)).toStrictEqual([Buffer.from([1, 2])]);
      expect(through(hawser, hawser, sent)).toStrictEqual([Buffer.from([1, 2])]);
    },
  );

  it.each(values)("sent officially from Node.js is an ArrayBuffer here; a page is given another thing", (sent) => {
    const message = encode(official, event("a", sent));
    expect(argsOf(decode(hawser, message))).toStrictEqual([asArrayBuffer]);
    expect(argsOf(decode(hawser, new Uint8Array(message).buffer))).toStrictEqual([asArrayBuffer]);
    expect(inBrowser(message)).toStrictEqual([0, asArrayBuffer]);
  });

  it("sent officially from a page is what the page made of it", () => {
    const [typedArray, arrayBuffer] = values.map((sent) => argsOf(decode(hawser, browser.encode(event("a", sent))))[0]);
    expect(typedArray).toEqual({ 0: 1, 1: 2 });
    expect(arrayBuffer).toStrictEqual(asArrayBuffer);
  });
});
