import type { Engine as EngineClass } from "./engine/engine.ts";
import type { TransportError as TransportErrorClass } from "./transport-error.ts";

export { io, io as connect, io as default, protocol } from "./io.ts";
export { Manager } from "./manager.ts";
export { Socket } from "./socket.ts";
/** The transports, for the option `transports`. Each goes by all the names that it has in Socket.IO. */
export {
  PollingTransport as Fetch,
  PollingTransport as NodeXHR,
  PollingTransport as XHR,
} from "./transports/polling.ts";
export { WebSocketTransport as NodeWebSocket, WebSocketTransport as WebSocket } from "./transports/websocket.ts";
export { WebTransportTransport as WebTransport } from "./transports/webtransport.ts";
/** What `manager.engine` is. */
export type Engine = EngineClass;
/** What `connect_error` and `disconnect` listeners are told of a transport. */
export type TransportError = TransportErrorClass;
export type { IoOptions } from "./io.ts";
export type { ManagerReservedEvents } from "./manager.ts";
export type { DisconnectDescription, ExtendedError, SocketReservedEvents } from "./socket.ts";
export type { Auth, EngineOptions, ManagerOptions, SocketOptions } from "./options.ts";
export type { EngineEvents } from "./engine/engine.ts";
export type { AnyListener } from "./catch-all.ts";
export type { TransportConstructor, TransportContext } from "./transports/transport-context.ts";
