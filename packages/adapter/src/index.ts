export { Adapter } from "./adapter.ts";
export { AdapterError, ADAPTER_FAILURES, type AdapterFailure } from "./adapter-error.ts";
export { ClusterAdapter } from "./cluster-adapter.ts";
export { ClusterAdapterWithHeartbeat, type ClusterAdapterOptions } from "./cluster-heartbeat.ts";
export {
  MessageType,
  type ClusterMessage,
  type ClusterResponse,
  type EncodedOptions,
  type Offset,
  type OutgoingMessage,
  type OutgoingResponse,
  type ServerId,
} from "./cluster-message.ts";
export { RecoveryLog, type RecoveryLogLimits } from "./recovery-log.ts";
export { SessionAwareAdapter, type RecoveryOptions } from "./session-aware-adapter.ts";
export type {
  AdapterConstructor,
  AdapterLike,
  AdapterNamespace,
  AdapterSocket,
  BroadcastFlags,
  BroadcastOptions,
  BroadcastPacket,
  PrivateSessionId,
  RecoveryGap,
  RestoredSession,
  Room,
  Session,
  SessionToPersist,
  SocketDetails,
  SocketId,
} from "./contract.ts";
