import { describe, expect, it } from "vitest";
import { Decoder, Encoder, PacketType, type Packet } from "../src/index.ts";

const event: Packet = { type: PacketType.EVENT, nsp: "/deck", id: 3, data: ["haul", { rope: new Uint8Array([1, 2]) }] };

it("what an encoder encodes, a decoder emits", () => {
  const decoded: Packet[] = [];
  const decoder = new Decoder().on("decoded", (packet) => decoded.push(packet));
  for (const frame of new Encoder().encode(event)) {
    decoder.add(frame);
  }
  expect(decoded).toEqual([event]);
});

it("a replacer and a reviver change the data on its way", () => {
  const double = (_key: string, value: unknown): unknown => (typeof value === "number" ? value * 2 : value);
  const [frame] = new Encoder(double).encode({ type: PacketType.EVENT, nsp: "/", data: ["a", 1] });
  expect(frame).toBe('2["a",2]');
  const decoded: Packet[] = [];
  new Decoder(double).on("decoded", (packet) => decoded.push(packet)).add(frame ?? "");
  new Decoder({ reviver: double }).on("decoded", (packet) => decoded.push(packet)).add(frame ?? "");
  expect(decoded.map(({ data }) => data)).toEqual([
    ["a", 4],
    ["a", 4],
  ]);
});

it("a decoder may be told nothing, by null as well", () => {
  const decoded: Packet[] = [];
  new Decoder(null).on("decoded", (packet) => decoded.push(packet)).add('2["a"]');
  expect(decoded).toMatchObject([{ data: ["a"] }]);
});

it("a decoder throws what it can't accept, with its code", () => {
  expect(() => new Decoder().add("9")).toThrow(expect.objectContaining({ code: "ERR_PACKET_TYPE" }));
  const strict = new Decoder({ maxAttachments: 1 });
  expect(() => strict.add('52-["a"]')).toThrow(expect.objectContaining({ code: "ERR_TOO_MANY_ATTACHMENTS" }));
});

it("a destroyed decoder has forgotten the packet that it waited for", () => {
  const decoder = new Decoder();
  decoder.add('51-["a",{"_placeholder":true,"num":0}]');
  decoder.destroy();
  expect(() => decoder.add(new Uint8Array([1]))).toThrow(expect.objectContaining({ code: "ERR_BINARY_UNEXPECTED" }));
});

describe("listeners", () => {
  /** Emits the packets that a subclass decodes itself. */
  class OwnDecoder extends Decoder {
    override add(frame: unknown): void {
      this.emitReserved("decoded", { type: PacketType.EVENT, nsp: "/", data: [frame] });
    }
  }

  it("hear what a subclass decodes", () => {
    const heard: unknown[] = [];
    new OwnDecoder().on("decoded", ({ data }) => heard.push(data)).add("a");
    expect(heard).toEqual([["a"]]);
  });

  it("that are added once hear of one packet, and can be removed before", () => {
    const heard: unknown[] = [];
    const removed = (): unknown => heard.push("removed");
    const decoder = new Decoder().once("decoded", ({ data }) => heard.push(data)).once("decoded", removed);
    expect(decoder.listeners("decoded")).toHaveLength(2);
    decoder.off("decoded", removed).add('2["a"]');
    decoder.add('2["b"]');
    expect(heard).toEqual([["a"]]);
    expect(decoder.hasListeners("decoded")).toBe(false);
  });

  it.each([
    ["addEventListener", "removeEventListener"],
    ["on", "removeListener"],
    ["on", "off"],
    ["on", "removeAllListeners"],
  ] as const)("are added by %s, removed by %s", (add, remove) => {
    const heard: unknown[] = [];
    const listener = (): unknown => heard.push("heard");
    const decoder = new Decoder()[add]("decoded", listener);
    expect(decoder.hasListeners("decoded")).toBe(true);
    expect(decoder[remove]("decoded", listener).hasListeners("decoded")).toBe(false);
    decoder.add('2["a"]');
    expect(heard).toEqual([]);
  });

  it("of other events hear nothing", () => {
    const heard: unknown[] = [];
    const decoder = new Decoder().on("error" as "decoded", () => heard.push("heard"));
    decoder.emit("error" as "decoded", event).add('2["a"]');
    expect(heard).toEqual([]);
    expect(decoder.listeners("error" as "decoded")).toEqual([]);
  });
});
