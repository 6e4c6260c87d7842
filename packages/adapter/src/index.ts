export { Adapter } from "./adapter.ts";
export type {
  AdapterConstructor,
  AdapterLike,
  AdapterNamespace,
  AdapterSocket,
  BroadcastFlags,
  BroadcastOptions,
  BroadcastPacket,
  Room,
  SocketId,
} from "./contract.ts";
