/**
 * The one door to `ws`: the WebSocket handshake, the receiver, and frames that were built beforehand.
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ZlibOptions } from "node:zlib";
import { WebSocket as WsWebSocket, WebSocketServer } from "ws";

// The types below are said here and not taken from `ws`, which has none itself: who installs this package has no `@types/ws`.

/** A message as a WebSocket receives it: text, too, comes in bytes. */
export type RawData = Buffer | ArrayBuffer | Buffer[];

/** What the engine asks of a WebSocket; those of `ws` and of its forks offer it. */
export interface WebSocket {
  /** The extensions that were negotiated, or `""`. */
  readonly extensions: string;
  /** Bytes that were sent and have not left yet. */
  readonly bufferedAmount: number;
  on(event: "message", listener: (this: this, data: RawData, isBinary: boolean) => void): unknown;
  on(event: "close", listener: (this: this) => void): unknown;
  on(event: "error", listener: (this: this, error: Error) => void): unknown;
  send(data: string | ArrayBuffer | ArrayBufferView, sent: (error?: Error | null) => void): void;
  send(
    data: string | ArrayBuffer | ArrayBufferView,
    options: { compress: boolean },
    sent: (error?: Error | null) => void,
  ): void;
  close(): void;
}

/** Compression of WebSocket messages (RFC 7692), as `ws` takes it. */
export interface PerMessageDeflateOptions {
  /** Bytes below which a message is sent as it is. Default: 1,024. */
  threshold?: number;
  /** Messages of all connections that are compressed at a time. Default: 10. */
  concurrencyLimit?: number;
  /** Whether what this side sends is compressed message by message. Default: as the client asks. */
  serverNoContextTakeover?: boolean;
  /** Whether the client is asked to do so. Default: as the client offers. */
  clientNoContextTakeover?: boolean;
  /** The window of this side, as a power of two. Default: as the client asks. */
  serverMaxWindowBits?: number;
  /** The window that the client is asked for. Default: as the client offers. */
  clientMaxWindowBits?: number;
  /** How this side compresses. */
  zlibDeflateOptions?: Omit<ZlibOptions, "dictionary"> & { dictionary?: Buffer | Buffer[] | DataView };
  /** How this side decompresses. */
  zlibInflateOptions?: ZlibOptions;
}

/** What the engine asks of a WebSocket server; `ws.WebSocketServer` and its forks offer it. */
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

const { send } = WsWebSocket.prototype;

/**
 * Whether frames may be written to the connection beneath `webSocket` without passing through it: it is one of `ws` that sends as all of
 * them do, and no extension transforms its frames.
 */
export function takesFrames(webSocket: WebSocket): boolean {
  return webSocket instanceof WsWebSocket && webSocket.send === send && webSocket.extensions === "";
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
