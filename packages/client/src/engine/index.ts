/** `hawser-client/engine`: connections that carry messages, by themselves. */

import { ENGINE_PROTOCOL } from "@hawser/core";
import { PollingTransport } from "../transports/polling.ts";
import { WebSocketTransport } from "../transports/websocket.ts";
import { WebTransportTransport } from "../transports/webtransport.ts";

export { Socket, SocketWithUpgrade, SocketWithoutUpgrade, type SocketOptions, type WriteOptions } from "./socket.ts";
export { Transport, type CloseDetails, type TransportReservedEvents, type TransportState } from "./transport.ts";
export { TransportError } from "../transport-error.ts";
export { parse } from "./uri.ts";
export { installTimerFunctions, nextTick } from "./timers.ts";
export {
  PollingTransport as Fetch,
  PollingTransport as NodeXHR,
  PollingTransport as XHR,
} from "../transports/polling.ts";
export { WebSocketTransport as NodeWebSocket, WebSocketTransport as WebSocket } from "../transports/websocket.ts";
export { WebTransportTransport as WebTransport } from "../transports/webtransport.ts";
export type { EngineEvents as SocketReservedEvents } from "./engine.ts";
export type { EngineOptions } from "../options.ts";
export type {
  TransportConstructor,
  TransportConstructor as TransportCtor,
  TransportContext,
} from "../transports/transport-context.ts";
export type {
  CloseReason,
  EngineData as RawData,
  EnginePacket as Packet,
  Handshake as HandshakeData,
} from "@hawser/core";

/** The name of a transport. */
export type TransportName = "polling" | "websocket" | "webtransport" | (string & {});

/** The revision of the Engine.IO protocol. */
export const protocol: number = ENGINE_PROTOCOL;

/** The transports by their names. */
export const transports: {
  readonly websocket: typeof WebSocketTransport;
  readonly webtransport: typeof WebTransportTransport;
  readonly polling: typeof PollingTransport;
} = { websocket: WebSocketTransport, webtransport: WebTransportTransport, polling: PollingTransport };
