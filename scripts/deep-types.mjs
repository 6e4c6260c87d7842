/**
 * Files of Socket.IO's packages that editors import types from, such as `socket.io/dist/typed-events`. TypeScript finds them with
 * `"moduleResolution": "node"` alone, which does not know `exports`; Node.js finds none of them, and there is no code beside ours.
 */

const EVENTS = "L extends EventsMap, E extends EventsMap, S extends EventsMap, D";

/** By package, by file: the declarations. Each has the public names of Socket.IO's file. */
export const DEEP_TYPES = {
  server: {
    "dist/typed-events.d.ts": `
export type {
  AllButLast,
  DecorateAcknowledgements,
  DecorateAcknowledgementsWithMultipleResponses,
  DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  DefaultEventsMap,
  EventNames,
  EventNamesWithAck,
  EventNamesWithError,
  EventNamesWithoutAck,
  EventParams,
  EventsMap,
  FirstNonErrorArg,
  Last,
  RemoveAcknowledgements,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
  TypedEventBroadcaster,
} from "@hawser/core";
export type { TypedEventEmitter as StrictEventEmitter } from "./typed-emitter.js";
`,
    "dist/namespace.d.ts": `
import type { EventsMap, Namespace, NamespaceReservedEvents, ServerReservedEvents, Socket } from "./index.js";
export type { ExtendedError, Namespace } from "./index.js";
export type NamespaceReservedEventsMap<${EVENTS}> = NamespaceReservedEvents<Socket<L, E, S, D>>;
export type ServerReservedEventsMap<${EVENTS}> = ServerReservedEvents<Socket<L, E, S, D>, Namespace<L, E, S, D>>;
`,
    "dist/parent-namespace.d.ts": `
export type { Namespace as ParentNamespace } from "./index.js";
`,
    "dist/socket.d.ts": `
export type { Event, Socket } from "./index.js";
`,
    "dist/socket-types.d.ts": `
export type { DisconnectReason, Handshake, SocketReservedEvents as SocketReservedEventsMap } from "./index.js";
`,
    "dist/broadcast-operator.d.ts": `
export type { BroadcastOperator, RemoteSocket } from "./index.js";
`,
    "dist/client.d.ts": `
import type { EventsMap, Socket } from "./index.js";
export type Client<L extends EventsMap, E extends EventsMap, S extends EventsMap, D = any> = Socket<L, E, S, D>["client"];
`,
  },
  client: {
    "build/esm/manager.d.ts": `
export type { Manager, ManagerOptions, ManagerReservedEvents } from "../../dist/index.js";
`,
    "build/esm/socket.d.ts": `
export type { AllButLast, DecorateClientAcknowledgements as DecorateAcknowledgements, FirstArg, Last } from "@hawser/core";
export type { DisconnectDescription, ExtendedError, Socket, SocketOptions, SocketReservedEvents } from "../../dist/index.js";
`,
  },
};
