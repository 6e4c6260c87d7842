/** Parsers that were written to extend that of Socket.IO compile when they extend ours. */

import type { Parser } from "@hawser/core";
import * as official from "socket.io-parser";
import { describe, expectTypeOf, test } from "vitest";
import * as hawser from "../src/index.ts";
import {
  Decoder,
  Encoder,
  PacketType,
  isPacketValid,
  protocol,
  type DecoderOptions,
  type Packet,
} from "../src/index.ts";

describe("a parser as it is written for Socket.IO", () => {
  class UpperEncoder extends Encoder {
    constructor() {
      super((_key, value) => (typeof value === "bigint" ? String(value) : (value?.name ?? value)));
    }

    override encode(packet: Packet): any[] {
      if (packet.type === PacketType.EVENT || packet.type === PacketType.ACK) {
        return super.encode({ ...packet, data: packet.data.map(String) });
      }
      return [packet.nsp, packet.id, ...super.encode(packet)];
    }
  }

  class UpperDecoder extends Decoder {
    constructor(opts?: DecoderOptions | ((this: any, key: string, value: any) => any)) {
      super(opts);
    }

    override add(chunk: any): void {
      if (typeof chunk !== "string") {
        super.add(chunk);
        return;
      }
      const packet: Packet = JSON.parse(chunk);
      if (isPacketValid(packet)) {
        this.emitReserved("decoded", packet);
      }
    }

    override destroy(): void {
      super.destroy();
    }
  }

  test("extends ours", () => {
    expectTypeOf(
      new UpperDecoder({ maxAttachments: 5 }).on("decoded", (packet) => packet.nsp),
    ).toEqualTypeOf<UpperDecoder>();
    expectTypeOf(new UpperDecoder((_key, value) => value).once("decoded", () => {})).toEqualTypeOf<UpperDecoder>();
    expectTypeOf(new UpperEncoder().encode({ type: PacketType.DISCONNECT, nsp: "/" })).toEqualTypeOf<any[]>();
    expectTypeOf({ Encoder: UpperEncoder, Decoder: UpperDecoder }).toExtend<Parser>();
  });

  test("knows no other event", () => {
    // @ts-expect-error a decoder decodes, and does nothing else
    new UpperDecoder().on("error", () => {});
  });
});

describe("the types of packets", () => {
  test("are an enumeration, as values and as types", () => {
    expectTypeOf<PacketType>().toEqualTypeOf<0 | 1 | 2 | 3 | 4 | 5 | 6>();
    expectTypeOf<PacketType.BINARY_EVENT>().toEqualTypeOf<typeof PacketType.BINARY_EVENT>();
    const type = 2 as PacketType;
    expectTypeOf(PacketType[type]).toExtend<string>();
    expectTypeOf(protocol).toExtend<number>();
  });
});

describe("what both packages export", () => {
  test("has the same names", () => {
    expectTypeOf<Exclude<keyof typeof official, keyof typeof hawser>>().toEqualTypeOf<never>();
  });

  test("is a parser", () => {
    expectTypeOf<Pick<typeof hawser, keyof Parser>>().toExtend<Parser>();
  });

  test("takes the same packets, listeners and options", () => {
    expectTypeOf<official.Packet>().toExtend<Parameters<Encoder["encode"]>[0]>();
    expectTypeOf<Parameters<official.Decoder["add"]>>().toExtend<Parameters<Decoder["add"]>>();
    expectTypeOf<official.DecoderOptions["maxAttachments"]>().toExtend<DecoderOptions["maxAttachments"]>();
    expectTypeOf<official.DecoderOptions["reviver"]>().toExtend<DecoderOptions["reviver"]>();
    expectTypeOf<typeof isPacketValid>().toExtend<typeof official.isPacketValid>();
  });
});
