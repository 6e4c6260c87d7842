import { PacketType, ProtocolError, type Packet } from "@hawser/parser";
import { describe, expect, it } from "vitest";
import parser, * as exported from "../src/index.ts";
import { Decoder, Encoder } from "../src/index.ts";

describe("a decoder", () => {
  const event = new Encoder().encode({ type: PacketType.EVENT, nsp: "/", data: ["a"] })[0];

  it("goes on after a violation, for no message belongs to another", () => {
    const heard: unknown[] = [];
    const decoder = new Decoder().on("decoded", ({ data }) => heard.push(data));
    expect(() => decoder.add(new Uint8Array([0xc1]))).toThrow(ProtocolError);
    decoder.add(event);
    decoder.destroy();
    expect(heard).toEqual([["a"]]);
  });

  it("does not take what a listener throws for a violation", () => {
    const thrown = new Error("a listener's");
    const decoder = new Decoder().on("decoded", () => {
      throw thrown;
    });
    expect(() => decoder.add(event)).toThrow(thrown);
  });
});

it("an encoder gives one message, and a decoder emits what is in it", () => {
  const packet: Packet = {
    type: PacketType.EVENT,
    nsp: "/deck",
    id: 3,
    data: ["haul", { rope: new Uint8Array([1, 2]) }],
  };
  const decoded: Packet[] = [];
  const messages = new Encoder().encode(packet);
  const decoder = new Decoder().on("decoded", (received) => decoded.push(received));
  for (const message of messages) {
    decoder.add(message);
  }
  expect(messages).toHaveLength(1);
  expect(decoded).toEqual([packet]);
});

it("is one object for those who import it by default, and by name", () => {
  expect(parser).toEqual({ protocol: 5, PacketType, Encoder, Decoder });
  expect(exported).toMatchObject(parser);
});
