/**
 * Engine.IO protocol 4 written by hand, so that the tools here do not share a mistake with the code they test.
 */

import type { EnginePacket, EnginePacketType } from "@hawser/core";

/** One packet as a WebSocket carries it: text, or the binary data of a message. */
export type Frame = string | Buffer;

/** Which frames are meant: the one that equals a text, the texts that match an expression, or what a function says. */
export type FrameMatcher = string | RegExp | ((frame: Frame) => boolean);

/** The types, each at the place of its digit. */
const TYPES: readonly EnginePacketType[] = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];

/** Between the packets of a polling payload. */
const RECORD_SEPARATOR = "\x1e";

/** Writes a packet. The frame shares no memory with it. */
export function encodeFrame({ type, data }: EnginePacket): Frame {
  if (data === undefined || typeof data === "string") {
    return `${TYPES.indexOf(type)}${data ?? ""}`;
  }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) {
    return Buffer.from(new Uint8Array(data));
  }
  if (ArrayBuffer.isView(data)) {
    return Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  throw new TypeError("only text, ArrayBuffers and views of them can be written without waiting");
}

/**
 * Reads a frame. Binary data becomes a Buffer of its own.
 *
 * @throws Error if the frame is no packet
 */
export function decodeFrame(frame: Frame): EnginePacket {
  if (typeof frame !== "string") {
    return { type: "message", data: Buffer.from(frame) };
  }
  const type = TYPES[Number(frame[0] ?? NaN)];
  if (!type) {
    throw new Error(`not an engine packet: ${showFrame(frame)}`);
  }
  return frame.length > 1 ? { type, data: frame.slice(1) } : { type };
}

/** Joins frames to the payload of one HTTP body. */
export function encodePayload(frames: readonly Frame[]): string {
  return frames
    .map((frame) => (typeof frame === "string" ? frame : `b${frame.toString("base64")}`))
    .join(RECORD_SEPARATOR);
}

/** Parts the payload of one HTTP body into frames, whatever they hold. */
export function decodePayload(payload: string): Frame[] {
  return payload
    .split(RECORD_SEPARATOR)
    .map((record) => (record.startsWith("b") ? Buffer.from(record.slice(1), "base64") : record));
}

/** Whether `frame` is one of those that `matcher` means; without a matcher, all are. */
export function frameMatches(frame: Frame, matcher: FrameMatcher | undefined): boolean {
  if (typeof matcher === "function") {
    return matcher(frame);
  }
  if (matcher instanceof RegExp) {
    return typeof frame === "string" && frame.search(matcher) !== -1;
  }
  return matcher === undefined || frame === matcher;
}

/** The frame on one line, shortened; for failure messages. */
export function showFrame(frame: Frame): string {
  const text = typeof frame === "string" ? frame : `<${frame.length} bytes> ${frame.subarray(0, 32).toString("hex")}`;
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text;
}
