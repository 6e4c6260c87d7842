export type { Clock, SessionHandler, SessionPort, TimerHandle, Transport, TransportHandler } from "./ports.ts";
export { FAILURES, type CloseReason, type DisconnectReason, type FailureCode, type LeaveReason } from "./codes.ts";
export { VIOLATIONS, type ViolationCode } from "./violations.ts";
export { HawserError, failure, violation } from "./errors.ts";
export { Deadline, type Deadlines } from "./deadlines.ts";
export { DeadlineQueue } from "./deadline-queue.ts";
export { DeadlineTimers } from "./deadline-timers.ts";
export { Turn, type Inbox, type Outlet } from "./turn.ts";
export { Budget, MESSAGE_OVERHEAD, type BudgetLimits } from "./budget.ts";
export { Backoff, type BackoffOptions } from "./backoff.ts";
export {
  CLOSE,
  ENGINE_PROTOCOL,
  NOOP,
  decodeEnginePacket,
  decodeEnginePayload,
  encodeEnginePacket,
  encodeEnginePayload,
  engineParser,
  messageData,
  sizeOf,
  type BinaryType,
  type EngineData,
  type EnginePacket,
  type EnginePacketOptions,
  type EnginePacketType,
} from "./engine/wire.ts";
export { FramedPacketDecoder, encodeFramedPackets } from "./engine/stream-framing.ts";
export {
  StreamTransport,
  type ByteReader,
  type ByteStream,
  type ByteWriter,
  type StreamSettings,
  type StreamTransportState,
} from "./engine/stream-transport.ts";
export { decodeHandshake, encodeHandshake, type Handshake } from "./engine/handshake.ts";
export { REVISION_4, type Revision } from "./engine/revision.ts";
export type { Heartbeat, HeartbeatPort } from "./engine/heartbeat.ts";
export { Outbox } from "./engine/outbox.ts";
export type { Role } from "./engine/role.ts";
export { CLIENT_ROLE } from "./engine/client-role.ts";
export { SERVER_ROLE } from "./engine/server-role.ts";
export { Upgrade, type UpgradePort, type UpgradeState } from "./engine/upgrade.ts";
export { DEAF, Session, type SessionObserver, type SessionSettings, type SessionState } from "./engine/session.ts";
export { ServerSession } from "./engine/server-session.ts";
export { SentCallbacks } from "./engine/sent-callbacks.ts";
export { Acks, PendingAck, type AckCallback, type AckOptions, type AckRunner } from "./io/acks.ts";
export {
  Link,
  type AckFunction,
  type AckIds,
  type LinkHandler,
  type LinkPort,
  type LinkState,
  type SendFlags,
  type UserCodePhase,
} from "./io/link.ts";
export { ServerLink, type ConnectReply } from "./io/server-link.ts";
export { ClientLink, type BufferedEvent, type ClientLinkHandler, type Welcome } from "./io/client-link.ts";
export { assertEmittable, reservedEventError } from "./io/reserved.ts";
export { JSON_CODEC } from "./io/json-codec.ts";
export { codecOf, type PacketCheck, type Parser, type ParserDecoder, type ParserEncoder } from "./io/parser-codec.ts";
export { Mux, type Codec, type FrameDecoder, type MuxOwner, type MuxSettings, type PacketReceiver } from "./io/mux.ts";
export { ServerMux, type ServerMuxOwner, type ServerMuxSettings } from "./io/server-mux.ts";
export * from "./events.ts";
export { Emitter, type EmitterMethods } from "./emitter.ts";
