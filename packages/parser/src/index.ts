export {
  PacketType,
  isReservedEvent,
  protocol,
  type AckPacket,
  type ConnectErrorPacket,
  type ConnectPacket,
  type DisconnectPacket,
  type EventData,
  type EventPacket,
  type Packet,
} from "./packet.ts";
export { hasBinary, isBinary, type BinaryData, type BlobLike, type Frame } from "./binary.ts";
export { encodePacket, type Replacer } from "./encode.ts";
export { Decoder, Encoder, type DecoderOptions } from "./parser.ts";
export { DecodedEmitter, type DecodedListener } from "./decoded-emitter.ts";
export { isPacketValid, toPacket, type UncheckedPacket } from "./assemble.ts";
export { type Reviver } from "./decode.ts";
export { DEFAULT_MAX_ATTACHMENTS, PacketDecoder, type DecodeResult, type PacketDecoderOptions } from "./decoder.ts";
export { ProtocolError, packetError } from "./protocol-error.ts";
export { PACKET_VIOLATIONS, type PacketViolation } from "./violations.ts";
