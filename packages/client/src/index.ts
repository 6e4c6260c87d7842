import { protocol } from "@hawser/parser";
import { io } from "./io.ts";
import { Manager } from "./manager.ts";
import { Socket } from "./socket.ts";

// `io.connect()` and the like, as they have been written since the beginnings.
Object.assign(io, { io, connect: io, Manager, Socket, protocol });

export { io, io as connect, io as default, Manager, Socket, protocol };
export type { IoOptions } from "./io.ts";
export type { ManagerReservedEvents } from "./manager.ts";
export type { DisconnectDescription, SocketReservedEvents } from "./socket.ts";
export type { Auth, EngineOptions, ManagerOptions, SocketOptions } from "./options.ts";
export type { Engine, EngineEvents } from "./engine.ts";
export type { AnyListener } from "./catch-all.ts";
export type { TransportError } from "./transport-error.ts";
export type { TransportConstructor, TransportContext } from "./transports/transport-context.ts";
