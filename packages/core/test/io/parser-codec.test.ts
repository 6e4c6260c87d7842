import {
  PacketType,
  ProtocolError,
  packetError,
  toPacket,
  type EventPacket,
  type Frame,
  type Packet,
} from "@hawser/parser";
import { beforeEach, describe, expect, it } from "vitest";
import { codecOf, type Codec, type FrameDecoder, type Parser } from "../../src/index.ts";
import { MuxFixture } from "./mux-fixture.ts";

const event: EventPacket = { type: PacketType.EVENT, nsp: "/", data: ["a"] };

/** A parser of somebody else: one frame of JSON for each packet, and all of what a decoder may do wrong. */
class Encoder {
  encode(packet: Packet): Frame[] {
    return [JSON.stringify(packet)];
  }
}

let destroyed: number;
/** What the last decoder is told to decode later. */
let later: () => void;

class Decoder {
  #decoded: (packet: Packet) => void = () => {};

  on(_event: "decoded", listener: (packet: Packet) => void): void {
    this.#decoded = listener;
  }

  add(frame: Frame): void {
    if (frame === "reserved") {
      throw packetError("ERR_RESERVED_EVENT");
    }
    if (frame === "later") {
      later = () => this.#decoded({ ...event, data: ["later"] });
    } else if (frame !== "part") {
      for (const packet of [JSON.parse(frame as string)].flat() as Packet[]) {
        this.#decoded(packet);
      }
    }
  }

  destroy(): void {
    destroyed++;
  }
}

const parser: Parser = { Encoder, Decoder };

describe("a codec made of a parser", () => {
  let codec: Codec;

  beforeEach(() => {
    destroyed = 0;
    codec = codecOf(parser, toPacket);
  });

  it("encodes as the parser does", () => {
    expect(codec.encode(event)).toEqual(['{"type":2,"nsp":"/","data":["a"]}']);
  });

  /** A decoder, and what it tells of. */
  function decoding(): { decoder: FrameDecoder; decoded: unknown[] } {
    const decoded: unknown[] = [];
    return { decoder: codec.createDecoder({ onDecoded: (result) => decoded.push(result) }), decoded };
  }

  it("tells of what the parser emits", () => {
    const { decoder, decoded } = decoding();
    expect(decoder.add(JSON.stringify(event))).toBeUndefined();
    decoder.add("part");
    expect(decoded).toEqual([event]);
    expect(decoder.pending).toBe(false);
  });

  it("tells of each packet, however many a frame holds", () => {
    const { decoder, decoded } = decoding();
    decoder.add(JSON.stringify([event, { ...event, nsp: "/chat" }]));
    expect(decoded).toEqual([event, { ...event, nsp: "/chat" }]);
  });

  it("tells of packets that are decoded later, but not after the end", () => {
    const { decoder, decoded } = decoding();
    decoder.add("later");
    later();
    expect(decoded).toEqual([{ ...event, data: ["later"] }]);
    decoder.reset();
    later();
    expect(decoded).toHaveLength(1);
  });

  it.each([
    [{ type: 2, nsp: "/" }, "ERR_PACKET_PAYLOAD"],
    [{ type: 2, nsp: "/", data: "text" }, "ERR_PACKET_PAYLOAD"],
    [{ type: 2, nsp: "/", data: ["connect"] }, "ERR_RESERVED_EVENT"],
    [{ type: 3, nsp: "/", data: [], id: "1" }, "ERR_ACK_ID"],
    [{ type: 9, nsp: "/" }, "ERR_PACKET_TYPE"],
    [{ type: 2, data: ["a"] }, "ERR_PACKET_NAMESPACE"],
    [null, "ERR_PACKET_TYPE"],
  ])("tells of a violation where a parser lets %j through", (packet, code) => {
    const { decoder, decoded } = decoding();
    decoder.add(JSON.stringify([packet]));
    expect(decoded).toEqual([expect.objectContaining({ name: "ProtocolError", code })]);
  });

  it("tells of whatever a parser lets through, if nobody asked for a check", () => {
    const decoded: unknown[] = [];
    codecOf(parser)
      .createDecoder({ onDecoded: (result) => decoded.push(result) })
      .add('[{"type":9}]');
    expect(decoded).toEqual([{ type: 9 }]);
  });

  it("answers with a violation where the parser throws", () => {
    const { decoder, decoded } = decoding();
    const result = decoder.add("{") as ProtocolError;
    expect(result).toBeInstanceOf(ProtocolError);
    expect(result).toMatchObject({ code: "ERR_PACKET_PAYLOAD", cause: expect.any(SyntaxError) as unknown });
    expect(decoder.add("reserved")).toMatchObject({ code: "ERR_RESERVED_EVENT" });
    decoder.add(JSON.stringify(event));
    expect(decoded).toEqual([event]);
  });

  it("knows a violation by its name, for a parser may be an ES module beside a server that is CommonJS, with a class of its own", () => {
    class OtherProtocolError extends Error {
      override readonly name = "ProtocolError";
      readonly code = "ERR_ACK_ID";
    }
    class OtherDecoder extends Decoder {
      override add(): void {
        throw new OtherProtocolError("of another copy", { cause: event });
      }
    }
    const result = codecOf({ Encoder, Decoder: OtherDecoder })
      .createDecoder({ onDecoded() {} })
      .add("") as ProtocolError;
    expect(result).toBeInstanceOf(ProtocolError);
    expect(result).toMatchObject({ code: "ERR_ACK_ID", message: "of another copy", cause: event });
  });

  it.each([null, undefined, "text"])("answers with a violation if the parser throws what is no error: %s", (thrown) => {
    class ThrowingDecoder extends Decoder {
      override add(): void {
        throw thrown;
      }
    }
    const decoder = codecOf({ Encoder, Decoder: ThrowingDecoder }).createDecoder({ onDecoded() {} });
    expect(decoder.add("")).toMatchObject({ code: "ERR_PACKET_PAYLOAD" });
  });

  it("gives every connection a decoder of its own", () => {
    const [one, two] = [decoding(), decoding()];
    one.decoder.add(JSON.stringify({ ...event, nsp: "/one" }));
    expect(one.decoded).toMatchObject([{ nsp: "/one" }]);
    expect(two.decoded).toEqual([]);
  });

  it("lets go of what the parser holds when the connection ends", () => {
    decoding().decoder.reset();
    expect(destroyed).toBe(1);
  });

  it("serves a connection", () => {
    const fixture = new MuxFixture({ codec });
    fixture.attach();
    fixture.mux.sendPacket(event);
    fixture.clock.runDeferred();
    fixture.receive(`4${JSON.stringify(event)}`, "4{");
    expect(fixture.transport.sent).toEqual(['4{"type":2,"nsp":"/","data":["a"]}']);
    expect(fixture.take().slice(0, 2)).toEqual(["EVENT / a", "violation ERR_PACKET_PAYLOAD"]);
    fixture.clock.runDeferred();
    expect(destroyed).toBe(1);
  });

  it("serves a connection whose packets take time to decode", () => {
    const fixture = new MuxFixture({ codec });
    fixture.attach();
    fixture.receive("4later");
    expect(fixture.take()).toEqual([]);
    later();
    fixture.clock.runDeferred();
    expect(fixture.take()).toEqual(["EVENT / later"]);
    fixture.mux.session.abort();
    fixture.clock.runDeferred();
    const ended = fixture.take();
    later();
    fixture.clock.runDeferred();
    expect([ended.length > 0, fixture.take()]).toEqual([true, []]);
  });
});
