export { Adapter } from "./adapter.ts";
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
  RestoredSession,
  Room,
  SessionToPersist,
  SocketId,
} from "./contract.ts";
