import {
  ProtocolError,
  packetError,
  type DecodeResult,
  type Frame,
  type Packet,
  type PacketViolation,
} from "@hawser/parser";
import type { Codec, FrameDecoder, PacketReceiver } from "./mux.ts";

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

/** Looks at what a parser lets through: the packet, or the violation that it is. */
export type PacketCheck = (packet: Packet) => Packet | ProtocolError;

/** A parser's decoder, which emits what it decodes, at once or later, and throws what it can't. */
class ParserFrameDecoder implements FrameDecoder {
  /** A parser does not tell; those with attachments of their own are not given a time limit for them. */
  readonly pending = false;
  private readonly $decoder: ParserDecoder;
  private $destroyed = false;

  constructor(decoder: ParserDecoder, receiver: PacketReceiver, check: PacketCheck | undefined) {
    this.$decoder = decoder;
    decoder.on("decoded", (packet) => {
      if (!this.$destroyed) {
        receiver.onDecoded(check ? check(packet) : packet);
      }
    });
  }

  add(frame: Frame): DecodeResult {
    try {
      this.$decoder.add(frame);
    } catch (error) {
      return violationOf(error);
    }
    return undefined;
  }

  reset(): void {
    this.$destroyed = true;
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

/**
 * Makes a parser usable as a codec.
 *
 * @param check - looks at each packet. Default: the parser is believed, and so is the peer
 */
export function codecOf(parser: Parser, check?: PacketCheck): Codec {
  const encoder = new parser.Encoder();
  return {
    encode: (packet) => encoder.encode(packet) as Frame[],
    createDecoder: (receiver) => new ParserFrameDecoder(new parser.Decoder(), receiver, check),
  };
}
