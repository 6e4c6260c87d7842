/**
 * The Socket.IO packets (protocol revision 5) as values. The words are those of `docs/protocol.md`.
 */

/** The revision of the Socket.IO protocol that this package speaks. */
export const protocol = 5;

/** The packet types by their names, as they stand on the wire; and their names by the types. */
export const PacketType = {
  /** Joins a namespace, or confirms that the peer joined it. */
  CONNECT: 0,
  /** Leaves a namespace. */
  DISCONNECT: 1,
  /** Carries an event and its arguments. */
  EVENT: 2,
  /** Answers an event that asked for an acknowledgement. */
  ACK: 3,
  /** Refuses to let the peer join a namespace. */
  CONNECT_ERROR: 4,
  /** An EVENT followed by attachments; exists on the wire only. */
  BINARY_EVENT: 5,
  /** An ACK followed by attachments; exists on the wire only. */
  BINARY_ACK: 6,
  0: "CONNECT",
  1: "DISCONNECT",
  2: "EVENT",
  3: "ACK",
  4: "CONNECT_ERROR",
  5: "BINARY_EVENT",
  6: "BINARY_ACK",
} as const;

/** The type of a packet. */
export type PacketType = Extract<(typeof PacketType)[keyof typeof PacketType], number>;

/** The packet types, as types. */
export declare namespace PacketType {
  type CONNECT = 0;
  type DISCONNECT = 1;
  type EVENT = 2;
  type ACK = 3;
  type CONNECT_ERROR = 4;
  type BINARY_EVENT = 5;
  type BINARY_ACK = 6;
}

/** The event's name, then its arguments. */
export type EventData = [name: string | number, ...args: unknown[]];

/** A client asks to join `nsp` with its auth payload as `data`; a server answers with the socket's id in `data.sid`. */
export interface ConnectPacket {
  type: typeof PacketType.CONNECT;
  nsp: string;
  data?: Record<string, unknown> | undefined;
  id?: undefined;
}

/** The sender leaves `nsp`. */
export interface DisconnectPacket {
  type: typeof PacketType.DISCONNECT;
  nsp: string;
  data?: undefined;
  id?: undefined;
}

/** An event; with an `id` the sender waits for an ACK of the same `id`. */
export interface EventPacket {
  type: typeof PacketType.EVENT;
  nsp: string;
  data: EventData;
  id?: number | undefined;
}

/** The arguments that the receiver of event `id` passed to its acknowledgement. */
export interface AckPacket {
  type: typeof PacketType.ACK;
  nsp: string;
  data: unknown[];
  id: number;
}

/** The refusal to let the peer join `nsp`. */
export interface ConnectErrorPacket {
  type: typeof PacketType.CONNECT_ERROR;
  nsp: string;
  data: string | { message: string; data?: unknown };
  id?: undefined;
}

/** Any packet, as the rooms above the codec see it: binary types are surfaced as EVENT and ACK. */
export type Packet = ConnectPacket | DisconnectPacket | EventPacket | AckPacket | ConnectErrorPacket;

const RESERVED_EVENTS: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

/** Whether `name` belongs to the library and may not be emitted by an application, in either direction. */
export function isReservedEvent(name: unknown): boolean {
  return RESERVED_EVENTS.has(name as string);
}
