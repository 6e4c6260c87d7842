import { EventEmitter } from "node:events";
import type { EventPacket } from "@hawser/parser";
import type {
  AdapterLike,
  AdapterNamespace,
  AdapterSocket,
  BroadcastOptions,
  BroadcastPacket,
  PrivateSessionId,
  RestoredSession,
  Room,
  SessionToPersist,
  SocketDetails,
  SocketId,
} from "./contract.ts";

/**
 * The adapter for a single node: rooms in memory, and the broadcast to those who are in them.
 *
 * Emits `create-room(room)`, `join-room(room, id)`, `leave-room(room, id)` and `delete-room(room)`.
 */
export class Adapter extends EventEmitter implements AdapterLike {
  readonly nsp: AdapterNamespace;
  /** Who is in each room. A room exists while somebody is in it. */
  readonly rooms: Map<Room, Set<SocketId>> = new Map<Room, Set<SocketId>>();
  /** In which rooms each socket is. */
  readonly sids: Map<SocketId, Set<Room>> = new Map<SocketId, Set<Room>>();

  constructor(nsp: AdapterNamespace) {
    // The promise of an `async` listener is watched: its rejection is handled like an exception.
    super({ captureRejections: true });
    this.nsp = nsp;
  }

  /** Called once the namespace exists. */
  init(): Promise<void> | void {}

  /** Called when the server closes, or the namespace goes. */
  close(): Promise<void> | void {}

  /** How many nodes there are. */
  serverCount(): Promise<number> {
    return Promise.resolve(1);
  }

  /** Puts a socket into rooms; those it is in already are passed over. */
  addAll(id: SocketId, rooms: Set<Room>): Promise<void> | void {
    let joined = this.sids.get(id);
    if (!joined) {
      joined = new Set();
      this.sids.set(id, joined);
    }
    for (const room of rooms) {
      joined.add(room);
      let members = this.rooms.get(room);
      if (!members) {
        members = new Set();
        this.rooms.set(room, members);
        this.tell("create-room", room);
      }
      if (!members.has(id)) {
        members.add(id);
        this.tell("join-room", room, id);
      }
    }
  }

  /** Takes a socket out of a room. */
  del(id: SocketId, room: Room): Promise<void> | void {
    this.sids.get(id)?.delete(room);
    this.#leave(id, room);
  }

  /** Takes a socket out of all rooms; it is gone. */
  delAll(id: SocketId): void {
    const joined = this.sids.get(id);
    if (joined) {
      for (const room of joined) {
        this.#leave(id, room);
      }
      this.sids.delete(id);
    }
  }

  /** Sends an event to whom it is for, encoded once. */
  broadcast(packet: BroadcastPacket, options: BroadcastOptions): Promise<void> | void {
    this.deliver(packet, options);
  }

  /** Sends an event to those of this node for whom it is; returns what was sent to each. */
  protected deliver(packet: BroadcastPacket, options: BroadcastOptions): unknown {
    const prepared = this.nsp.prepare(this.#address(packet), options.flags ?? {});
    this.forEach(options, (socket) => socket.deliver(prepared));
    return prepared;
  }

  /**
   * Sends an event and collects the answers.
   *
   * @param clientCountCallback - told how many sockets were sent the event
   * @param ack - called with each answer
   */
  broadcastWithAck(
    packet: BroadcastPacket,
    options: BroadcastOptions,
    clientCountCallback: (clientCount: number) => void,
    ack: (...args: unknown[]) => void,
  ): void {
    const flags = options.flags ?? {};
    const id = this.nsp.nextAckId();
    const prepared = this.nsp.prepare({ ...this.#address(packet), id }, flags);
    let clientCount = 0;
    this.forEach(options, (socket) => {
      clientCount++;
      socket.awaitAck(id, ack, flags.timeout);
      socket.deliver(prepared);
    });
    clientCountCallback(clientCount);
  }

  /** The ids of the sockets in any of `rooms`; of all sockets if it is empty. */
  sockets(rooms: Set<Room>): Promise<Set<SocketId>> {
    const ids = new Set<SocketId>();
    this.forEach({ rooms }, (socket) => ids.add(socket.id));
    return Promise.resolve(ids);
  }

  /** The rooms of a socket. */
  socketRooms(id: SocketId): Set<Room> | undefined {
    return this.sids.get(id);
  }

  /** The sockets that `options` select: those of this node themselves, and details of those of other nodes. */
  fetchSockets(options: BroadcastOptions): Promise<(AdapterSocket | SocketDetails)[]> {
    const sockets: AdapterSocket[] = [];
    this.forEach(options, (socket) => sockets.push(socket));
    return Promise.resolve(sockets);
  }

  /** Makes the sockets that `options` select join `rooms`. */
  addSockets(options: BroadcastOptions, rooms: Room[]): Promise<void> | void {
    this.forEach(options, (socket) => this.#watch(socket.join(rooms)));
  }

  /** Makes the sockets that `options` select leave `rooms`. */
  delSockets(options: BroadcastOptions, rooms: Room[]): Promise<void> | void {
    this.forEach(options, (socket) => {
      for (const room of rooms) {
        this.#watch(socket.leave(room));
      }
    });
  }

  /**
   * Disconnects the sockets that `options` select.
   *
   * @param close - whether to close the underlying connection too
   */
  disconnectSockets(options: BroadcastOptions, close: boolean): Promise<void> | void {
    this.forEach(options, (socket) => void socket.disconnect(close));
  }

  /** Sends an event to the other nodes: there are none. */
  serverSideEmit(_packet: unknown[]): Promise<void> | void {
    process.emitWarning("this adapter does not support serverSideEmit(): it serves a single node", "HawserWarning");
  }

  /** Keeps a session: this adapter keeps none. */
  persistSession(_session: SessionToPersist): Promise<void> | void {}

  /** Brings a session back: this adapter kept none. */
  restoreSession(_pid: PrivateSessionId, _offset: string | undefined): Promise<RestoredSession | null | undefined> {
    return Promise.resolve(null);
  }

  /** Calls the listeners of an event of the adapter, which goes on whatever they throw. */
  protected tell(event: string, ...args: unknown[]): void {
    try {
      this.emit(event, ...args);
    } catch (error) {
      this.nsp.reportAdapterError(error, event);
    }
  }

  /** Calls `visit` once for each socket of this node that `options` select. */
  protected forEach(options: BroadcastOptions, visit: (socket: AdapterSocket) => void): void {
    const { rooms } = options;
    const excluded = this.#membersOf(options.except);
    if (rooms.size === 0) {
      this.#visitEach(this.sids, excluded, undefined, visit);
      return;
    }
    // Whoever is in several of the rooms is visited once; with one room nobody can be.
    const visited = rooms.size > 1 ? new Set<SocketId>() : undefined;
    for (const room of rooms) {
      const members = this.rooms.get(room);
      if (members) {
        this.#visitEach(members, excluded, visited, visit);
      }
    }
  }

  #visitEach(
    members: ReadonlySet<SocketId> | ReadonlyMap<SocketId, unknown>,
    excluded: Set<SocketId> | undefined,
    visited: Set<SocketId> | undefined,
    visit: (socket: AdapterSocket) => void,
  ): void {
    // Whoever leaves and joins again while it is visited comes at the end once more, and could do so for ever.
    let left = members.size;
    for (const id of members.keys()) {
      if (left-- === 0) {
        break;
      }
      if (!visited?.has(id)) {
        visited?.add(id);
        this.#visit(id, excluded, visit);
      }
    }
  }

  /** What a socket does in its own time may fail in its own time. */
  #watch(result: unknown): void {
    if (result instanceof Promise) {
      result.catch((error: unknown) => this.nsp.reportAdapterError(error));
    }
  }

  #visit(id: SocketId, excluded: Set<SocketId> | undefined, visit: (socket: AdapterSocket) => void): void {
    const socket = excluded?.has(id) ? undefined : this.nsp.sockets.get(id);
    if (socket) {
      visit(socket);
    }
  }

  #membersOf(rooms: Set<Room> | undefined): Set<SocketId> | undefined {
    if (!rooms || rooms.size === 0) {
      return undefined;
    }
    const ids = new Set<SocketId>();
    for (const room of rooms) {
      for (const id of this.rooms.get(room) ?? []) {
        ids.add(id);
      }
    }
    return ids;
  }

  #address(packet: BroadcastPacket): EventPacket {
    packet.nsp = this.nsp.name;
    return packet as EventPacket;
  }

  #leave(id: SocketId, room: Room): void {
    const members = this.rooms.get(room);
    if (members?.delete(id)) {
      this.tell("leave-room", room, id);
      if (members.size === 0 && this.rooms.delete(room)) {
        this.tell("delete-room", room);
      }
    }
  }
}

// Node calls this method of an emitter that watches its listeners' promises.
Object.defineProperty(Adapter.prototype, EventEmitter.captureRejectionSymbol, {
  configurable: true,
  writable: true,
  value(this: Adapter, error: unknown, event: string): void {
    this.nsp.reportListenerRejection(error, event);
  },
});
