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
export { type Reviver } from "./decode.ts";
export { DEFAULT_MAX_ATTACHMENTS, PacketDecoder, type DecodeResult, type PacketDecoderOptions } from "./decoder.ts";
export { PACKET_VIOLATIONS, ProtocolError, packetError, type PacketViolation } from "./protocol-error.ts";
