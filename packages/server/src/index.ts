export { Server, type AnyHttpServer, type ServerReservedEvents } from "./server.ts";
export {
  Namespace,
  type ExtendedError,
  type NamespaceMiddleware,
  type NamespaceReservedEvents,
} from "./namespace.ts";
export { Socket, type Event, type SocketMiddleware, type SocketReservedEvents } from "./socket.ts";
export { BroadcastOperator } from "./broadcast-operator.ts";
export { RemoteSocket } from "./remote-socket.ts";
export type { Handshake } from "./handshake.ts";
export type { ServerOptions } from "./options.ts";
export type { UserErrorContext } from "./user-errors.ts";
export type { CookieOptions } from "./engine/cookie.ts";
export type { CorsOptions } from "./engine/cors.ts";
export type { DefaultEventsMap, DisconnectReason, EventsMap } from "@hawser/core";
