/**
 * The one door to `ws`: the WebSocket handshake, the receiver, and frames that were built beforehand.
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer, type PerMessageDeflateOptions, type RawData } from "ws";

export type { PerMessageDeflateOptions, RawData, WebSocket };

/**
 * What the engine asks of a WebSocket server; `ws.WebSocketServer` and its forks offer it. Of the WebSockets that come of it the engine
 * asks for the events `message(data, isBinary)`, `close` and `error`, `send(data, sent)` and `close()`.
 */
export interface WebSocketEngine {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    accepted: (webSocket: WebSocket, request: IncomingMessage) => void,
  ): void;
  /** Where there is none, nothing can be added to the 101. */
  on?(event: "headers", listener: (headers: string[], request: IncomingMessage) => void): unknown;
  close(): void;
}

/** A class that makes a {@link WebSocketEngine}. */
export type WebSocketEngineConstructor = new (options: {
  noServer: true;
  clientTracking: false;
  maxPayload: number;
  perMessageDeflate: PerMessageDeflateOptions | false | undefined;
}) => WebSocketEngine;

export const DefaultWebSocketEngine: WebSocketEngineConstructor = WebSocketServer;

const { send } = WebSocket.prototype;

/**
 * Whether frames may be written to the connection beneath `webSocket` without passing through it: it is one of `ws` that sends as all of
 * them do, and no extension transforms its frames.
 */
export function takesFrames(webSocket: WebSocket): boolean {
  return webSocket instanceof WebSocket && webSocket.send === send && webSocket.extensions === "";
}

const FINAL_TEXT = 0x81;
const FINAL_BINARY = 0x82;

/** The length of the header of an unmasked frame. */
function headerLength(payloadLength: number): number {
  return payloadLength < 126 ? 2 : payloadLength < 65536 ? 4 : 10;
}

function writeHeader(frame: Buffer, firstByte: number, payloadLength: number): void {
  frame[0] = firstByte;
  if (payloadLength < 126) {
    frame[1] = payloadLength;
  } else if (payloadLength < 65536) {
    frame[1] = 126;
    frame.writeUInt16BE(payloadLength, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(payloadLength / 2 ** 32), 2);
    frame.writeUInt32BE(payloadLength >>> 0, 6);
  }
}

/** A whole text frame as a server sends it (RFC 6455 §5.2): header and payload in one buffer, one write. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const offset = headerLength(length);
  // Every byte is written below: the header fills the first `offset`, the text the rest.
  const frame = Buffer.allocUnsafe(offset + length);
  writeHeader(frame, FINAL_TEXT, length);
  frame.write(text, offset);
  return frame;
}

/** A whole binary frame as a server sends it. */
export function binaryFrame(data: ArrayBuffer | ArrayBufferView): Buffer {
  const payload = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  const offset = headerLength(payload.length);
  const frame = Buffer.allocUnsafe(offset + payload.length);
  writeHeader(frame, FINAL_BINARY, payload.length);
  frame.set(payload, offset);
  return frame;
}
