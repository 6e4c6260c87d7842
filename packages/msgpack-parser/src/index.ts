import { PacketType, protocol } from "@hawser/parser";
import { Decoder, Encoder } from "./parser.ts";

export { decodePacket, encodePacket } from "./packet.ts";
export { Decoder, Encoder, PacketType, protocol };

/** The parser, for the option `parser` of a server or client. */
const parser: {
  readonly protocol: number;
  readonly PacketType: typeof PacketType;
  readonly Encoder: typeof Encoder;
  readonly Decoder: typeof Decoder;
} = { protocol, PacketType, Encoder, Decoder };
export default parser;
