/**
 * What the nodes of a cluster say to each other: one JSON-like object for each message, whose words are those of
 * Socket.IO's own cluster adapters, so that nodes of both kinds understand each other.
 */

import type { BroadcastFlags, Room } from "./contract.ts";

/** Names one adapter of one node: 16 random hexadecimal digits. */
export type ServerId = string;

/** Where a message stands among all that a backend has taken; empty if the backend keeps none. */
export type Offset = string;

/** The types of messages by their names, and the names by their types. */
export const MessageType = {
  /** A node has come, and asks who is there. */
  INITIAL_HEARTBEAT: 1,
  /** A node is there. */
  HEARTBEAT: 2,
  /** Sends an event to sockets; with a `requestId`, their answers are asked for. */
  BROADCAST: 3,
  /** Makes sockets join rooms. */
  SOCKETS_JOIN: 4,
  /** Makes sockets leave rooms. */
  SOCKETS_LEAVE: 5,
  /** Disconnects sockets. */
  DISCONNECT_SOCKETS: 6,
  /** Asks which sockets there are. */
  FETCH_SOCKETS: 7,
  /** The sockets of one node. */
  FETCH_SOCKETS_RESPONSE: 8,
  /** Sends an event to the other servers; with a `requestId`, their answers are asked for. */
  SERVER_SIDE_EMIT: 9,
  /** The answer of one server. */
  SERVER_SIDE_EMIT_RESPONSE: 10,
  /** To how many clients one node has sent an event. */
  BROADCAST_CLIENT_COUNT: 11,
  /** The answer of one client. */
  BROADCAST_ACK: 12,
  /** A node goes. */
  ADAPTER_CLOSE: 13,
  1: "INITIAL_HEARTBEAT",
  2: "HEARTBEAT",
  3: "BROADCAST",
  4: "SOCKETS_JOIN",
  5: "SOCKETS_LEAVE",
  6: "DISCONNECT_SOCKETS",
  7: "FETCH_SOCKETS",
  8: "FETCH_SOCKETS_RESPONSE",
  9: "SERVER_SIDE_EMIT",
  10: "SERVER_SIDE_EMIT_RESPONSE",
  11: "BROADCAST_CLIENT_COUNT",
  12: "BROADCAST_ACK",
  13: "ADAPTER_CLOSE",
} as const;

/** The type of a message. */
export type MessageType = Extract<(typeof MessageType)[keyof typeof MessageType], number>;

/** The types of messages, as types. */
export declare namespace MessageType {
  type INITIAL_HEARTBEAT = 1;
  type HEARTBEAT = 2;
  type BROADCAST = 3;
  type SOCKETS_JOIN = 4;
  type SOCKETS_LEAVE = 5;
  type DISCONNECT_SOCKETS = 6;
  type FETCH_SOCKETS = 7;
  type FETCH_SOCKETS_RESPONSE = 8;
  type SERVER_SIDE_EMIT = 9;
  type SERVER_SIDE_EMIT_RESPONSE = 10;
  type BROADCAST_CLIENT_COUNT = 11;
  type BROADCAST_ACK = 12;
  type ADAPTER_CLOSE = 13;
}

/** Which sockets are meant: `BroadcastOptions` in a form that can be written down. */
export interface EncodedOptions {
  rooms: Room[];
  except: Room[];
  flags: BroadcastFlags;
}

/** Whose message it is. */
interface Envelope {
  uid: ServerId;
  nsp: string;
}

/** What happens on all nodes may come back to the node that published it, which knows it by a number of its own. */
interface Mark {
  mark?: number;
}

/** What one node tells or asks all the others. */
export type ClusterMessage = Envelope &
  (
    | { type: MessageType.INITIAL_HEARTBEAT | MessageType.HEARTBEAT | MessageType.ADAPTER_CLOSE }
    | { type: MessageType.BROADCAST; data: { opts: EncodedOptions; packet: unknown; requestId?: string } & Mark }
    | {
        type: MessageType.SOCKETS_JOIN | MessageType.SOCKETS_LEAVE;
        data: { opts: EncodedOptions; rooms: Room[] } & Mark;
      }
    | { type: MessageType.DISCONNECT_SOCKETS; data: { opts: EncodedOptions; close?: boolean } & Mark }
    | { type: MessageType.FETCH_SOCKETS; data: { opts: EncodedOptions; requestId: string } }
    | { type: MessageType.SERVER_SIDE_EMIT; data: { packet: unknown[]; requestId?: string } }
  );

/** What one node answers another. */
export type ClusterResponse = Envelope &
  (
    | { type: MessageType.FETCH_SOCKETS_RESPONSE; data: { requestId: string; sockets: unknown[] } }
    | { type: MessageType.SERVER_SIDE_EMIT_RESPONSE; data: { requestId: string; packet: unknown } }
    | { type: MessageType.BROADCAST_CLIENT_COUNT; data: { requestId: string; clientCount: number } }
    | { type: MessageType.BROADCAST_ACK; data: { requestId: string; packet: unknown } }
  );

/** `Omit`, of each member of a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A message before its adapter has said whose it is. */
export type OutgoingMessage = Without<ClusterMessage, keyof Envelope>;

/** A response before its adapter has said whose it is. */
export type OutgoingResponse = Without<ClusterResponse, keyof Envelope>;
