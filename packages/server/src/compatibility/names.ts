/**
 * The compatibility port: what packages that were written for Socket.IO reach for although it is no part of its documented API. The classes
 * hand these names on to the inside in a line each. `docs/compatibility.md` lists the packages.
 */

import type { AdapterLike, BroadcastFlags, Room } from "@hawser/adapter";
import type { AckCallback, Parser, ParserEncoder } from "@hawser/core";
import type { EventPacket, Frame } from "@hawser/parser";
import type { Engine } from "../engine/engine.ts";
import type { ServerOptions } from "../options.ts";

/** How an adapter that has encoded a packet itself wishes it to be sent. */
export interface WriteOptions {
  /** What is handed over is frames, which it always is. */
  preEncoded?: boolean | undefined;
  /** Whether it may be lost if the client can't take it at once. Default: false. */
  volatile?: boolean | undefined;
  /** Whether the transport may compress it. Default: true. */
  compress?: boolean | undefined;
  /** A WebSocket frame of the packet, in pieces. Not needed: the transport of the first recipient builds one for all others. */
  wsPreEncodedFrame?: readonly Uint8Array[] | undefined;
}

/** What adapters do with the acknowledgements that a socket waits for: a `Map` of callbacks by the ids of their events. */
export interface AckMap {
  get(id: number): AckCallback | undefined;
  has(id: number): boolean;
  /** Calls `callback` with the answer to the event `id`. One that does not come within ten minutes is not waited for any longer. */
  set(id: number, callback: AckCallback): this;
  delete(id: number): boolean;
}

/** What a server is asked for. */
export interface CompatibleServer {
  /**
   * The admin UI looks for namespaces, and for what their adapters are. Applications delete namespaces there: their sockets stay as they
   * are, and who asks for the name again asks for a new namespace.
   */
  readonly _nsps: Map<string, unknown>;
  /** The engine, by the name that it had before it was public. */
  readonly eio: Engine | undefined;
  /**
   * The options, with the defaults of `connectionStateRecovery` filled in. `SessionAwareAdapter` and `ClusterAdapter` of `socket.io-adapter`, and the
   * adapters for Redis streams and MongoDB, ask whether and for how long clients may recover.
   */
  readonly opts: Partial<ServerOptions>;
  /** The same object, by its name in Socket.IO 4.8. */
  readonly _opts: Partial<ServerOptions>;
  /** The parser, by its name in Socket.IO: adapters of applications encode with it. */
  readonly _parser: Parser;
  /** Turns packets into frames. Every adapter of `socket.io-adapter` takes it when it is made, and encodes broadcasts with it. */
  readonly encoder: ParserEncoder;
}

/** What a namespace is asked for. */
export interface CompatibleNamespace {
  /** The next acknowledgement id. `broadcastWithAck` of `socket.io-adapter` takes it, and counts on. */
  _ids: number;
  /** Adapters for several servers hand over what another server has sent by `serverSideEmit()`. */
  _onServerSideEmit(event: [name: string, ...args: unknown[]]): void;
}

/** What a connection is asked for. */
export interface CompatibleClient {
  /** The server. */
  readonly server: unknown;
  /** Leaves all namespaces and closes the connection: `disconnect()`, by its name in Socket.IO. */
  _disconnect(): void;
  /**
   * Sends frames. `socket.io-adapter`, and so every adapter that extends it, calls it for each recipient of a broadcast.
   *
   * @param encodedPackets - what the encoder made of one packet: an array that all recipients share, or one frame by itself
   * @param options - how it wishes to be sent
   */
  writeToEngine(encodedPackets: readonly Frame[] | Frame, options: WriteOptions): void;
}

/** What a socket is asked for. */
export interface CompatibleSocket {
  /** The server. */
  readonly server: unknown;
  /** Leaves all rooms, that of its id included; public in Socket.IO 2, and applications went on using it. */
  leaveAll(): void;
  /** Where `broadcastWithAck` of `socket.io-adapter` leaves a callback for the answer. */
  readonly acks: AckMap;
  /** Where instrumentation by OpenTelemetry finds the name of the namespace. */
  readonly adapter: AdapterLike;
  /** Calls the `onAnyOutgoing` listeners. `socket.io-adapter` does for each recipient of a broadcast, which does not pass the socket. */
  notifyOutgoingListeners(packet: Pick<EventPacket, "data">): void;
}

/** What OpenTelemetry's instrumentation finds out of a broadcast: whom it is for, and in which namespace. */
export interface CompatibleOperator {
  readonly adapter: AdapterLike;
  readonly rooms: ReadonlySet<Room>;
  readonly exceptRooms: ReadonlySet<Room>;
  readonly flags: BroadcastFlags;
}
