/**
 * The one door to `engine.io-parser`: engine packets and how they are written (`docs/protocol.md`, "Engine packets").
 */

import { decodePacket, encodePacket } from "engine.io-parser";
import { isBinary, type BinaryData, type ProtocolError } from "@hawser/parser";
import { violation } from "../errors.ts";
import type { ViolationCode } from "../violations.ts";

/** The parser itself, for those who are to have all of it. */
export * as engineParser from "engine.io-parser";

/** The revision of the Engine.IO protocol, as in the `EIO` query parameter. */
export const ENGINE_PROTOCOL = 4;

/** What an engine packet is for. */
export type EnginePacketType = "open" | "close" | "ping" | "pong" | "message" | "upgrade" | "noop";

/** What an engine packet carries: text, or binary data in a `message`. */
export type EngineData = string | BinaryData;

/**
 * What an application has sent as a message: text and binary data as they are, of anything else its text, and nothing if it counts as false.
 *
 * @throws TypeError if it has no text, as a symbol has none; or what its `toString` throws
 */
export function messageData(value: unknown): EngineData | undefined {
  if (typeof value === "string" || (typeof value === "object" && value !== null && isBinary(value))) {
    return value;
  }
  // Unlike `String()`, it makes no text of a symbol.
  return value ? "".concat(value as string) : undefined;
}

/** How many bytes data takes, or nearly so: each unit of a text counts as one, which is exact for ASCII. */
export function sizeOf(data: EngineData | undefined): number {
  if (data === undefined) {
    return 0;
  }
  return typeof data === "string" ? data.length : "byteLength" in data ? data.byteLength : data.size;
}

/** How a packet wishes to be sent. */
export interface EnginePacketOptions {
  /** Whether the transport may compress it. Default: true. */
  compress?: boolean | undefined;
}

/** One packet of the Engine.IO protocol. It may stand in the outboxes of many sessions at once, so nobody changes what it says. */
export interface EnginePacket {
  readonly type: EnginePacketType;
  readonly data?: EngineData | undefined;
  /** The default is filled in where applications see the packet. */
  options?: EnginePacketOptions | undefined;
  /** What a transport made of this packet and may use again for its next recipient; nobody else's concern. */
  prepared?: unknown;
}

/** How binary data is handed to the application. */
export type BinaryType = "nodebuffer" | "arraybuffer" | "blob";

/** Between two packets of a polling payload. */
const RECORD_SEPARATOR = "\x1e";

/** Packets without data, which everybody shares. */
export const PING: EnginePacket = { type: "ping" };
export const PONG: EnginePacket = { type: "pong" };
export const CLOSE: EnginePacket = { type: "close" };
export const NOOP: EnginePacket = { type: "noop" };
export const UPGRADE: EnginePacket = { type: "upgrade" };
export const PROBE_PING: EnginePacket = { type: "ping", data: "probe" };
export const PROBE_PONG: EnginePacket = { type: "pong", data: "probe" };

/**
 * Encodes one packet.
 *
 * @param supportsBinary - whether the transport carries binary frames; if not, binary data becomes base64 text
 * @param done - receives the encoded packet; later than the call where a browser must read a `Blob`
 */
export function encodeEnginePacket(
  packet: EnginePacket,
  supportsBinary: boolean,
  done: (encoded: EngineData) => void,
): void {
  encodePacket(packet as Parameters<typeof encodePacket>[0], supportsBinary, done);
}

/** Encodes a payload: the packets of one HTTP body, in order. */
export function encodeEnginePayload(packets: readonly EnginePacket[], done: (payload: string) => void): void {
  const encoded: string[] = [];
  let missing = packets.length;
  packets.forEach((packet, index) => {
    encodeEnginePacket(packet, false, (text) => {
      encoded[index] = text as string;
      if (--missing === 0) {
        done(encoded.join(RECORD_SEPARATOR));
      }
    });
  });
}

/** Decodes one packet from a frame, or from one record of a payload. */
export function decodeEnginePacket(
  encoded: EngineData,
  binaryType?: BinaryType,
): EnginePacket | ProtocolError<ViolationCode> {
  const packet = decodePacket(encoded as string, binaryType);
  return packet.type === "error" ? violation("ERR_ENGINE_PACKET") : (packet as EnginePacket);
}

/**
 * Decodes a payload one packet at a time, so that a body of a million tiny packets is never held as a million objects.
 *
 * @param accept - receives each packet; returns whether to go on
 * @returns the violation that ended it, if one did
 */
export function decodeEnginePayload(
  payload: string,
  binaryType: BinaryType,
  accept: (packet: EnginePacket) => boolean,
): ProtocolError<ViolationCode> | undefined {
  let start = 0;
  while (start <= payload.length) {
    const separator = payload.indexOf(RECORD_SEPARATOR, start);
    const end = separator === -1 ? payload.length : separator;
    const packet = decodeEnginePacket(payload.slice(start, end), binaryType);
    if ("code" in packet) {
      return packet;
    }
    if (!accept(packet)) {
      return undefined;
    }
    start = end + 1;
  }
  return undefined;
}
