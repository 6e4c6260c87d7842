/**
 * What an adapter is, and what it may ask of the namespace it serves.
 */

import type { EventEmitter } from "node:events";
import type { EventPacket } from "@hawser/parser";

/** Names a room. */
export type Room = string;

/** Names a socket; each socket is alone in a room of that name. */
export type SocketId = string;

/** How a broadcast wishes to be sent. */
export interface BroadcastFlags {
  /** Whether it may be lost for recipients that can't take it at once. Default: false. */
  volatile?: boolean | undefined;
  /** Whether transports may compress it. Default: true. */
  compress?: boolean | undefined;
  /** Whether it stays on this node. Default: false. */
  local?: boolean | undefined;
  /** Milliseconds to wait for acknowledgements. */
  timeout?: number | undefined;
  /** Whether exactly one socket is meant, and so one answer rather than a list. */
  expectSingleResponse?: boolean | undefined;
  /** Whether the sender is left out; nodes of Socket.IO send it along, and it says nothing more than `except` does. */
  broadcast?: boolean | undefined;
  /** Whether there is binary data; older nodes of Socket.IO send it along, and it is found out anew. */
  binary?: boolean | undefined;
}

/** Whom a broadcast is for. */
export interface BroadcastOptions {
  /** Whoever is in any of these rooms; everybody if it is empty. */
  rooms: Set<Room>;
  /** But nobody who is in any of these. */
  except?: Set<Room> | undefined;
  flags?: BroadcastFlags | undefined;
}

/** An event packet before the adapter has filled in its namespace. */
export type BroadcastPacket = Omit<EventPacket, "nsp"> & { nsp?: string };

/** Names a session privately: whoever knows it may take the session over. */
export type PrivateSessionId = string;

/** What is kept of a socket that may come back. */
export interface SessionToPersist {
  readonly sid: SocketId;
  readonly pid: PrivateSessionId;
  readonly rooms: Room[];
  readonly data: unknown;
}

/** A session that came back, with the events that it missed. */
export type RestoredSession = SessionToPersist & { readonly missedPackets: unknown[][] };

/** The same, by the name that it has in Socket.IO. */
export type Session = RestoredSession;

/** What one node tells another of a socket. */
export interface SocketDetails {
  readonly id: SocketId;
  readonly handshake: unknown;
  readonly rooms: Room[];
  readonly data: unknown;
}

/** A socket of this node, as far as an adapter deals with it. */
export interface AdapterSocket<Prepared = unknown> {
  readonly id: SocketId;
  readonly handshake: unknown;
  readonly data: unknown;
  join(rooms: Room | Room[]): unknown;
  leave(room: Room): unknown;
  disconnect(close?: boolean): unknown;
  /** Sends what the namespace prepared for all recipients alike. */
  deliver(prepared: Prepared): void;
  /** Calls `ack` with the answer to the event `id`; forgets it after `timeout` milliseconds, if given. */
  awaitAck(id: number, ack: (...args: unknown[]) => void, timeout: number | undefined): void;
}

/** The namespace that an adapter serves. */
export interface AdapterNamespace<Prepared = unknown> {
  readonly name: string;
  /** The sockets of this node. */
  readonly sockets: ReadonlyMap<SocketId, AdapterSocket<Prepared>>;
  /** Encodes a packet once for all its recipients. */
  prepare(packet: EventPacket, flags: BroadcastFlags): Prepared;
  /** How many bytes a prepared packet takes on the wire, about. */
  sizeOf(prepared: Prepared): number;
  /** The next acknowledgement id. */
  nextAckId(): number;
  /** Whether clients may recover: what they may have to be sent again then ends with its offset. */
  readonly offersRecovery: boolean;
  /** Emits what another server has sent by `serverSideEmit()`; the listeners' exceptions end there. */
  _onServerSideEmit(event: [name: string, ...args: unknown[]]): void;
  /**
   * Takes an error of the adapter that nobody waits for.
   *
   * @param event - of the adapter, if a listener for that failed
   */
  reportAdapterError(error: unknown, event?: string): void;
  /** Takes what an `async` listener for an event of the adapter rejected with. */
  reportListenerRejection(error: unknown, event: string): void;
}

/** Makes the adapter of a namespace: a class, or a function. */
export type AdapterConstructor =
  (new (nsp: AdapterNamespace) => AdapterLike) | ((nsp: AdapterNamespace) => AdapterLike);

/**
 * The time between a look at the log for what a client has missed, and the moment at which it is in its rooms again. What is published
 * meanwhile would be lost to it; and what the log had already, but this node has yet to hear of, would reach it twice.
 */
export interface RecoveryGap {
  /** The socket is about to be in its rooms again: its session gets what came meanwhile, and nothing in there reaches it again. */
  close(session: RestoredSession): void;
  /** The client does not come back. */
  abandon(): void;
}

/**
 * What a namespace asks of its adapter, which also emits `create-room`, `join-room`, `leave-room` and `delete-room`.
 * `Adapter` is the one for a single node.
 */
export interface AdapterLike extends EventEmitter {
  readonly rooms: Map<Room, Set<SocketId>>;
  readonly sids: Map<SocketId, Set<Room>>;
  init(): Promise<void> | void;
  close(): Promise<void> | void;
  serverCount(): Promise<number>;
  addAll(id: SocketId, rooms: Set<Room>): Promise<void> | void;
  del(id: SocketId, room: Room): Promise<void> | void;
  delAll(id: SocketId): void;
  broadcast(packet: BroadcastPacket, options: BroadcastOptions): Promise<void> | void;
  broadcastWithAck(
    packet: BroadcastPacket,
    options: BroadcastOptions,
    clientCountCallback: (clientCount: number) => void,
    ack: (...args: unknown[]) => void,
  ): void;
  sockets(rooms: Set<Room>): Promise<Set<SocketId>>;
  socketRooms(id: SocketId): Set<Room> | undefined;
  fetchSockets(options: BroadcastOptions): Promise<unknown[]>;
  addSockets(options: BroadcastOptions, rooms: Room[]): Promise<void> | void;
  delSockets(options: BroadcastOptions, rooms: Room[]): Promise<void> | void;
  disconnectSockets(options: BroadcastOptions, close: boolean): Promise<void> | void;
  serverSideEmit(packet: unknown[]): Promise<void> | void;
  persistSession(session: SessionToPersist): Promise<void> | void;
  restoreSession(pid: PrivateSessionId, offset: string | undefined): Promise<RestoredSession | null | undefined>;
  /**
   * Called when a session that {@link restoreSession} gave out has not been made use of: the client was not let in, or has gone. It can be
   * claimed again, for as long as before. An adapter that does not have this method is asked to persist the session anew.
   */
  returnSession?(session: RestoredSession): Promise<void> | void;
  /** Called before {@link restoreSession}; an adapter whose log is elsewhere sees to it that nothing is lost or repeated meanwhile. */
  openGap?(): RecoveryGap;
}
