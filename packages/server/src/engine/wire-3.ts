/** How packets of Engine.IO revision 3 are written (`docs/protocol.md`, "Revision 3"). */

import { violation, type EngineData, type EnginePacket, type EnginePacketType, type ViolationCode } from "@hawser/core";
import type { ProtocolError } from "@hawser/parser";

/** The types by the digits that stand for them. */
const TYPES: readonly EnginePacketType[] = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];

/** What begins a packet of a binary payload. */
const STRING = 0;
const BINARY = 1;

/** What ends the length of a packet of a binary payload. */
const END_OF_LENGTH = 255;

/** The most digits that the length of a packet has: any more, and it would not fit in memory. */
const MAX_DIGITS = 10;

type Violation = ProtocolError<ViolationCode>;

function isText(data: EngineData | undefined): data is string | undefined {
  return typeof data === "string" || data === undefined;
}

function bytesOf(data: EngineData): Buffer {
  const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data as ArrayBuffer);
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function textOf({ type, data = "" }: EnginePacket): string {
  return `${TYPES.indexOf(type)}${data as string}`;
}

/**
 * Encodes one packet for a frame of its own.
 *
 * @param supportsBinary - whether the frame may be a binary one; if not, binary data becomes base64
 */
export function encodePacket3(packet: EnginePacket, supportsBinary: boolean): string | Buffer {
  const { type, data } = packet;
  if (isText(data)) {
    return textOf(packet);
  }
  const digit = TYPES.indexOf(type);
  const bytes = bytesOf(data);
  return supportsBinary ? Buffer.concat([Buffer.of(digit), bytes]) : `b${digit}${bytes.toString("base64")}`;
}

/** Decodes one packet from a frame, or from one part of a payload. */
export function decodePacket3(encoded: string | Buffer): EnginePacket | Violation {
  if (typeof encoded !== "string") {
    const type = TYPES[encoded[0] ?? -1];
    return type ? { type, data: encoded.subarray(1) } : violation("ERR_ENGINE_PACKET");
  }
  const isBase64 = encoded.startsWith("b");
  const digit = encoded.charCodeAt(isBase64 ? 1 : 0) - 48;
  const type = TYPES[digit];
  if (!type) {
    return violation("ERR_ENGINE_PACKET");
  }
  if (isBase64) {
    return { type, data: Buffer.from(encoded.slice(2), "base64") };
  }
  return encoded.length > 1 ? { type, data: encoded.slice(1) } : { type };
}

/**
 * Encodes a payload: as text, `<length>:<packet>` for each packet, or, if it holds binary data and the client takes that,
 * in the binary form.
 */
export function encodePayload3(packets: readonly EnginePacket[], supportsBinary: boolean): string | Buffer {
  if (supportsBinary && packets.some(({ data }) => !isText(data))) {
    return Buffer.concat(packets.flatMap(binaryRecordOf));
  }
  if (packets.length === 0) {
    return "0:";
  }
  return packets
    .map((packet) => encodePacket3(packet, false) as string)
    .map((text) => `${text.length}:${text}`)
    .join("");
}

/** `00` or `01`, the digits of the length as a byte each, `ff`, the packet. */
function binaryRecordOf(packet: EnginePacket): Buffer[] {
  const encoded = encodePacket3(packet, true);
  const [kind, bytes] = typeof encoded === "string" ? [STRING, Buffer.from(encoded)] : [BINARY, encoded];
  const digits = Array.from(String(bytes.length), Number);
  return [Buffer.of(kind, ...digits, END_OF_LENGTH), bytes];
}

/**
 * Decodes a payload one packet at a time.
 *
 * @param accept - receives each packet; returns whether to go on
 * @returns the violation that ended it, if one did
 */
export function decodePayload3(
  payload: string | Buffer,
  accept: (packet: EnginePacket) => boolean,
): Violation | undefined {
  return typeof payload === "string" ? decodeText(payload, accept) : decodeBinary(payload, accept);
}

function decodeText(payload: string, accept: (packet: EnginePacket) => boolean): Violation | undefined {
  let index = 0;
  do {
    const colon = payload.indexOf(":", index);
    const digits = payload.slice(index, colon);
    if (colon === -1 || digits.length > MAX_DIGITS || !/^(?:0|[1-9]\d*)$/.test(digits)) {
      return violation("ERR_ENGINE_PACKET");
    }
    const end = colon + 1 + Number(digits);
    if (end > payload.length) {
      return violation("ERR_ENGINE_PACKET");
    }
    index = end;
    if (digits === "0") {
      // A payload of nothing is written so.
      continue;
    }
    const packet = decodePacket3(payload.slice(colon + 1, end));
    if ("code" in packet) {
      return packet;
    }
    if (!accept(packet)) {
      return undefined;
    }
  } while (index < payload.length);
  return undefined;
}

function decodeBinary(payload: Buffer, accept: (packet: EnginePacket) => boolean): Violation | undefined {
  let index = 0;
  do {
    const kind = payload[index];
    let length = 0;
    let digits = 0;
    for (index++; payload[index] !== END_OF_LENGTH; index++) {
      const digit = payload[index] ?? END_OF_LENGTH;
      if (digit > 9 || ++digits > MAX_DIGITS) {
        return violation("ERR_ENGINE_PACKET");
      }
      length = 10 * length + digit;
    }
    const start = index + 1;
    const end = start + length;
    if ((kind !== STRING && kind !== BINARY) || digits === 0 || end > payload.length) {
      return violation("ERR_ENGINE_PACKET");
    }
    const bytes = payload.subarray(start, end);
    const packet = decodePacket3(kind === STRING ? bytes.toString() : bytes);
    if ("code" in packet) {
      return packet;
    }
    if (!accept(packet)) {
      return undefined;
    }
    index = end;
  } while (index < payload.length);
  return undefined;
}
