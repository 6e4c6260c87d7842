import {
  ProtocolError,
  packetError,
  type DecodeResult,
  type Frame,
  type Packet,
  type PacketViolation,
} from "@hawser/parser";
import type { Codec, FrameDecoder } from "./mux.ts";

/** Turns packets into frames, as parsers for Socket.IO do. */
export interface ParserEncoder {
  /** Gives an array. That it may be a lone message is what the declarations of `socket.io-msgpack-parser` say, although it never is. */
  encode(packet: Packet): Frame[] | ArrayBuffer;
}

/** Turns frames into packets, which it emits as `decoded`; throws on what it can't read. */
export interface ParserDecoder {
  on(event: "decoded", listener: (packet: Packet) => void): unknown;
  add(frame: Frame): void;
  destroy(): void;
}

/** A parser: how packets become frames. Both ends of a connection must use the same. */
export interface Parser {
  Encoder: new () => ParserEncoder;
  Decoder: new () => ParserDecoder;
}

/** Lets a parser's decoder, which emits and throws, answer with what came of each frame. */
class ParserFrameDecoder implements FrameDecoder {
  /** A parser does not tell; those with attachments of their own are not given a time limit for them. */
  readonly pending = false;
  private readonly $decoder: ParserDecoder;
  private $decoded: Packet | undefined;

  constructor(decoder: ParserDecoder) {
    this.$decoder = decoder;
    decoder.on("decoded", (packet) => {
      this.$decoded = packet;
    });
  }

  add(frame: Frame): DecodeResult {
    this.$decoded = undefined;
    try {
      this.$decoder.add(frame);
    } catch (error) {
      return violationOf(error);
    }
    return this.$decoded;
  }

  reset(): void {
    this.$decoder.destroy();
  }
}

/**
 * The violation that a parser has thrown. It is known by its name: a parser that was imported has another copy of the class than a library that
 * was required.
 */
function violationOf(thrown: unknown): DecodeResult {
  const { name, code, message, cause } = Object(thrown) as ProtocolError<PacketViolation>;
  return name === "ProtocolError" ? new ProtocolError(code, message, cause) : packetError("ERR_PACKET_PAYLOAD", thrown);
}

/** Makes a parser usable as a codec. */
export function codecOf(parser: Parser): Codec {
  const encoder = new parser.Encoder();
  return {
    encode: (packet) => encoder.encode(packet) as Frame[],
    createDecoder: () => new ParserFrameDecoder(new parser.Decoder()),
  };
}
