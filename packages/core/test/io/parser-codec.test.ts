import { PacketType, ProtocolError, packetError, type Frame, type Packet } from "@hawser/parser";
import { beforeEach, describe, expect, it } from "vitest";
import { codecOf, type Codec, type Parser } from "../../src/index.ts";
import { MuxFixture } from "./mux-fixture.ts";

const event: Packet = { type: PacketType.EVENT, nsp: "/", data: ["a"] };

/** A parser of somebody else: one frame of JSON for each packet, and all of what a decoder may do wrong. */
class Encoder {
  encode(packet: Packet): Frame[] {
    return [JSON.stringify(packet)];
  }
}

let destroyed: number;

class Decoder {
  #decoded: (packet: Packet) => void = () => {};

  on(_event: "decoded", listener: (packet: Packet) => void): void {
    this.#decoded = listener;
  }

  add(frame: Frame): void {
    if (frame === "reserved") {
      throw packetError("ERR_RESERVED_EVENT");
    }
    if (frame !== "part") {
      this.#decoded(JSON.parse(frame as string) as Packet);
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
    codec = codecOf(parser);
  });

  it("encodes as the parser does", () => {
    expect(codec.encode(event)).toEqual(['{"type":2,"nsp":"/","data":["a"]}']);
  });

  it("answers each frame with what the parser emitted for it", () => {
    const decoder = codec.createDecoder();
    expect(decoder.add(JSON.stringify(event))).toEqual(event);
    expect(decoder.add("part")).toBeUndefined();
    expect(decoder.pending).toBe(false);
  });

  it("answers with a violation where the parser throws", () => {
    const decoder = codec.createDecoder();
    const result = decoder.add("{") as ProtocolError;
    expect(result).toBeInstanceOf(ProtocolError);
    expect(result).toMatchObject({ code: "ERR_PACKET_PAYLOAD", cause: expect.any(SyntaxError) as unknown });
    expect(decoder.add("reserved")).toMatchObject({ code: "ERR_RESERVED_EVENT" });
    expect(decoder.add(JSON.stringify(event))).toEqual(event);
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
    const result = codecOf({ Encoder, Decoder: OtherDecoder }).createDecoder().add("") as ProtocolError;
    expect(result).toBeInstanceOf(ProtocolError);
    expect(result).toMatchObject({ code: "ERR_ACK_ID", message: "of another copy", cause: event });
  });

  it.each([null, undefined, "text"])("answers with a violation if the parser throws what is no error: %s", (thrown) => {
    class ThrowingDecoder extends Decoder {
      override add(): void {
        throw thrown;
      }
    }
    const decoder = codecOf({ Encoder, Decoder: ThrowingDecoder }).createDecoder();
    expect(decoder.add("")).toMatchObject({ code: "ERR_PACKET_PAYLOAD" });
  });

  it("gives every connection a decoder of its own", () => {
    const [one, two] = [codec.createDecoder(), codec.createDecoder()];
    expect(one.add(JSON.stringify({ ...event, nsp: "/one" }))).toMatchObject({ nsp: "/one" });
    expect(two.add("part")).toBeUndefined();
    expect(one.add("part")).toBeUndefined();
  });

  it("lets go of what the parser holds when the connection ends", () => {
    codec.createDecoder().reset();
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
});
