import { expect, it } from "vitest";
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
