import { toStringTag } from "./binary.ts";
import { PacketType, isReservedEvent, type EventData, type Packet } from "./packet.ts";
import { packetError, type ProtocolError } from "./protocol-error.ts";
import type { PacketViolation } from "./violations.ts";

/**
 * Builds the packet that a peer has sent, if its data fits its type.
 *
 * @param type - from CONNECT to CONNECT_ERROR
 * @param nsp - the namespace
 * @param id - the acknowledgement id, if there is one
 * @param data - what came as the packet's data; undefined if there was none
 * @returns the packet, or the violation
 */
export function assemblePacket(
  type: number,
  nsp: string,
  id: number | undefined,
  data: unknown,
): Packet | ProtocolError<PacketViolation> {
  switch (type) {
    case PacketType.EVENT:
      return assembleEvent(nsp, id, data);
    case PacketType.ACK:
      // Like an EVENT, an ACK may come without any payload at all and then has no arguments.
      if (data !== undefined && !Array.isArray(data)) {
        return packetError("ERR_PACKET_PAYLOAD");
      }
      return id === undefined ? packetError("ERR_ACK_ID") : { type, nsp, id, data: data ?? [] };
    case PacketType.CONNECT:
      return data === undefined || isRecord(data) ? { type, nsp, data } : packetError("ERR_PACKET_PAYLOAD");
    case PacketType.DISCONNECT:
      return data === undefined ? { type, nsp } : packetError("ERR_PACKET_PAYLOAD");
    default:
      return typeof data === "string" || isRecord(data)
        ? { type: PacketType.CONNECT_ERROR, nsp, data: data as string | { message: string } }
        : packetError("ERR_PACKET_PAYLOAD");
  }
}

/**
 * The packet that has these fields. Parsers that write packets in ways of their own share it, so that the same is a packet for all of them.
 * An `id` that is null, and the `data` of a CONNECT or DISCONNECT, count as absent, which is how peers in other languages write it.
 *
 * @param fields - an object with `type`, `nsp`, `data` and `id`, or whatever a peer has sent in its place
 * @returns the packet, or the violation. Never throws
 */
export function toPacket(fields: unknown): Packet | ProtocolError<PacketViolation> {
  const { type, nsp, data, id } = (fields ?? {}) as Record<keyof Packet | "id", unknown>;
  if (!isCount(type) || type > PacketType.CONNECT_ERROR) {
    return packetError("ERR_PACKET_TYPE");
  }
  if (typeof nsp !== "string" || !nsp.startsWith("/")) {
    return packetError("ERR_PACKET_NAMESPACE");
  }
  if (id !== undefined && id !== null && !isCount(id)) {
    return packetError("ERR_ACK_ID");
  }
  // In the other types something must stand there, and null is then something that does not fit.
  const mayBeAbsent = type === PacketType.CONNECT || type === PacketType.DISCONNECT;
  return assemblePacket(type, nsp, id ?? undefined, data ?? (mayBeAbsent ? undefined : null));
}

/** A packet whose data nobody has looked at yet. */
export interface UncheckedPacket {
  readonly type: number;
  readonly nsp: string;
  readonly data?: unknown;
  readonly id?: number | undefined;
}

/**
 * Whether the fields of a packet fit each other. Other than {@link toPacket} it takes nothing for absent but `undefined`, wants
 * arguments in each EVENT and ACK, and does not mind an ACK without an id: parsers for Socket.IO ask this.
 */
export function isPacketValid({ type, nsp, data, id }: UncheckedPacket): boolean {
  const mayBeEmpty = type === PacketType.CONNECT || type === PacketType.DISCONNECT;
  return (
    isCount(type) &&
    type <= PacketType.CONNECT_ERROR &&
    typeof nsp === "string" &&
    (id === undefined || Number.isInteger(id)) &&
    (mayBeEmpty || data !== undefined) &&
    !("code" in assemblePacket(type, nsp, id ?? 0, data))
  );
}

/** Whether `value` is an integer that is exact, and not negative. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function assembleEvent(nsp: string, id: number | undefined, data: unknown): Packet | ProtocolError<PacketViolation> {
  if (!Array.isArray(data)) {
    // `42` alone is what the official decoder delivers as an event without a name.
    return data === undefined
      ? { type: PacketType.EVENT, nsp, id, data: [] as unknown as EventData }
      : packetError("ERR_PACKET_PAYLOAD");
  }
  const name: unknown = data[0];
  if (typeof name !== "string" && typeof name !== "number") {
    return packetError("ERR_PACKET_PAYLOAD");
  }
  if (isReservedEvent(name)) {
    return packetError("ERR_RESERVED_EVENT");
  }
  return { type: PacketType.EVENT, nsp, id, data: data as EventData };
}

/** Whether `value` is an object with keys, rather than an array, a date, or binary data. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return toStringTag.call(value) === "[object Object]";
}
