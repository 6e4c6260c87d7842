/** `hawser/engine`: connections that carry messages, by themselves. */

import { engineParser } from "@hawser/core";
import { PollingTransport } from "./transports/polling.ts";
import { WebSocketTransport } from "./transports/websocket.ts";
import { WebTransportTransport } from "./transports/webtransport.ts";

export { attach, listen, Server, type ServerOptions } from "./server.ts";
export { EngineSocket as Socket, type EngineReadyState } from "./engine-socket.ts";
export type { ConnectionError } from "./engine.ts";
export type { VerifyCallback } from "./application.ts";
export type { EngineRequest } from "./request.ts";
export type { AttachOptions, EngineOptions, TransportName } from "./options.ts";
export type { EngineMiddleware } from "./middleware.ts";
export type { WebTransportSession } from "./transports/webtransport.ts";
export type { CookieOptions } from "./cookie.ts";
export type { CorsOptions } from "./cors.ts";
export type { CloseReason, EngineData as RawData, EnginePacket as Packet, Transport } from "@hawser/core";

/** How packets are written: the package `engine.io-parser`. */
export const parser: typeof engineParser = engineParser;

/** The revision of the Engine.IO protocol. */
export const protocol: number = engineParser.protocol;

/** The transports by their names. */
export const transports: {
  readonly polling: typeof PollingTransport;
  readonly websocket: typeof WebSocketTransport;
  readonly webtransport: typeof WebTransportTransport;
} = { polling: PollingTransport, websocket: WebSocketTransport, webtransport: WebTransportTransport };
