/**
 * What comes from the bus is input, like what comes from clients: a node of another version may have sent it, or somebody
 * who should not be there. Nothing of it is used before its form is known.
 */

import { PacketType, isReservedEvent, type EventData } from "@hawser/parser";
import { MessageType, type ClusterMessage, type ClusterResponse, type EncodedOptions } from "./cluster-message.ts";
import type { BroadcastFlags, BroadcastOptions, Room } from "./contract.ts";

/** Some of the properties that an object may have. */
type Fields<Name extends string> = Partial<Record<Name, unknown>>;

/** An event packet as it comes from the bus. */
export interface ReceivedPacket {
  readonly data: EventData;
}

/** Whether `message` is one that this version understands. */
export function isClusterMessage(message: unknown): message is ClusterMessage | ClusterResponse {
  if (!isObject<"uid" | "nsp" | "type" | "data">(message) || !isId(message.uid) || typeof message.nsp !== "string") {
    return false;
  }
  const { type, data } = message;
  switch (type) {
    case MessageType.INITIAL_HEARTBEAT:
    case MessageType.HEARTBEAT:
    case MessageType.ADAPTER_CLOSE:
      return true;
    default:
      return isObject<DataField>(data) && isData(type, data);
  }
}

type DataField = "opts" | "packet" | "requestId" | "rooms" | "close" | "sockets" | "clientCount";

function isData(type: unknown, data: Fields<DataField>): boolean {
  switch (type) {
    case MessageType.BROADCAST:
      return isOptions(data.opts) && isEventPacket(data.packet) && isAbsentOr(isId, data.requestId);
    case MessageType.SOCKETS_JOIN:
    case MessageType.SOCKETS_LEAVE:
      return isOptions(data.opts) && isRooms(data.rooms);
    case MessageType.DISCONNECT_SOCKETS:
      return isOptions(data.opts) && isAbsentOr(isBoolean, data.close);
    case MessageType.FETCH_SOCKETS:
      return isOptions(data.opts) && isId(data.requestId);
    case MessageType.SERVER_SIDE_EMIT:
      return isServerSideEvent(data.packet) && isAbsentOr(isId, data.requestId);
    case MessageType.FETCH_SOCKETS_RESPONSE:
      return isId(data.requestId) && Array.isArray(data.sockets) && data.sockets.every(isSocketDetails);
    case MessageType.SERVER_SIDE_EMIT_RESPONSE:
    case MessageType.BROADCAST_ACK:
      return isId(data.requestId);
    case MessageType.BROADCAST_CLIENT_COUNT:
      return isId(data.requestId) && isCount(data.clientCount);
    default:
      return false;
  }
}

/** Which sockets are meant, in the form in which it is sent. */
export function encodeOptions({ rooms, except, flags }: BroadcastOptions): EncodedOptions {
  return { rooms: [...rooms], except: [...(except ?? [])], flags: flags ?? {} };
}

/** Which sockets are meant, of a message whose form is known. Flags that have no meaning are left out. */
export function decodeOptions({ rooms, except, flags }: EncodedOptions): BroadcastOptions & { flags: BroadcastFlags } {
  const { volatile, compress, timeout } = flags ?? {};
  return {
    rooms: new Set(rooms),
    except: new Set(except),
    flags: {
      volatile: volatile === true,
      compress: typeof compress === "boolean" ? compress : undefined,
      timeout: Number.isFinite(timeout) && (timeout as number) > 0 ? timeout : undefined,
    },
  };
}

function isObject<Name extends string>(value: unknown): value is Fields<Name> {
  return typeof value === "object" && value !== null;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** What encodes a message may write `undefined` as `null`, or leave it out. */
function isAbsentOr(isValid: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || value === null || isValid(value);
}

/** Rooms are strings; JavaScript applications use numbers, too. */
function isRoom(value: unknown): value is Room {
  return typeof value === "string" || typeof value === "number";
}

function isRooms(value: unknown): value is Room[] {
  return Array.isArray(value) && value.every(isRoom);
}

function isOptions(value: unknown): value is EncodedOptions {
  return (
    isObject<keyof EncodedOptions>(value) &&
    isRooms(value.rooms) &&
    isAbsentOr(isRooms, value.except) &&
    isAbsentOr(isObject, value.flags)
  );
}

/** A reserved name would make clients end their connections. */
function isEventPacket(value: unknown): value is ReceivedPacket {
  if (!isObject<"type" | "data">(value) || value.type !== PacketType.EVENT || !Array.isArray(value.data)) {
    return false;
  }
  const name: unknown = value.data[0];
  // Of other numbers, JSON makes null.
  return (typeof name === "string" || Number.isFinite(name)) && !isReservedEvent(name);
}

function isServerSideEvent(value: unknown): value is [name: string, ...args: unknown[]] {
  return Array.isArray(value) && typeof value[0] === "string";
}

function isSocketDetails(value: unknown): boolean {
  return (
    isObject<"id" | "handshake" | "rooms">(value) && isId(value.id) && isObject(value.handshake) && isRooms(value.rooms)
  );
}
