/** Nodes of a cluster, of hawser or of Socket.IO, joined by a bus within the test. */

import { EventEmitter } from "node:events";
import type { EventPacket } from "@hawser/parser";
import { ClusterBus, type BusMessage } from "@hawser/testing";
import * as official from "socket.io-adapter";
import { onTestFinished, vi } from "vitest";
import {
  ClusterAdapter,
  ClusterAdapterWithHeartbeat,
  type AdapterNamespace,
  type AdapterSocket,
  type BroadcastFlags,
  type BroadcastOptions,
  type BroadcastPacket,
  type ClusterAdapterOptions,
  type ClusterMessage,
  type ClusterResponse,
  type Room,
} from "../src/index.ts";

/** A socket of either kind of namespace, which writes down what reaches its client. */
class ClusterSocket implements AdapterSocket<EventPacket> {
  readonly id: string;
  readonly handshake: unknown;
  readonly data: unknown;
  readonly #node: ClusterTestNode;
  /** The events that the client received, each with its arguments. */
  readonly received: unknown[][] = [];
  /** How often it was disconnected, and whether with its connection. */
  readonly disconnections: boolean[] = [];
  /** What Socket.IO's adapter fills with what waits for this client's answers. */
  readonly acks = new Map<number, (...args: unknown[]) => void>();
  /** How long they are waited for, where the adapter says so. */
  readonly ackTimeouts: (number | undefined)[] = [];
  /** What Socket.IO's adapter writes to. */
  readonly client = {
    writeToEngine: ([packet]: [EventPacket]): void => this.deliver(packet),
  };

  constructor(id: string, node: ClusterTestNode) {
    this.id = id;
    this.#node = node;
    this.handshake = { address: `address of ${id}`, sessionStore: new EventEmitter() };
    this.data = { name: `data of ${id}` };
  }

  get rooms(): Set<Room> {
    return this.#node.adapter.socketRooms(this.id) ?? new Set();
  }

  join(rooms: Room | Room[]): unknown {
    return this.#node.adapter.addAll(this.id, new Set(typeof rooms === "string" ? [rooms] : rooms));
  }

  leave(room: Room): unknown {
    return this.#node.adapter.del(this.id, room);
  }

  disconnect(close = false): void {
    this.disconnections.push(close);
    this.#node.adapter.delAll(this.id);
    this.#node.sockets.delete(this.id);
  }

  deliver(packet: EventPacket): void {
    this.received.push(packet.data);
  }

  awaitAck(id: number, ack: (...args: unknown[]) => void, timeout: number | undefined): void {
    this.acks.set(id, ack);
    this.ackTimeouts.push(timeout);
  }

  /** The client answers all that it was asked. */
  answer(value: unknown): void {
    for (const [id, ack] of [...this.acks]) {
      this.acks.delete(id);
      ack(value);
    }
  }
}

/** What the tests ask of an adapter of either kind. */
export interface AnyClusterAdapter {
  readonly sids: ReadonlyMap<string, Set<Room>>;
  readonly rooms: ReadonlyMap<Room, Set<string>>;
  init(): unknown;
  close(): unknown;
  serverCount(): Promise<number>;
  socketRooms(id: string): Set<Room> | undefined;
  addAll(id: string, rooms: Set<Room>): unknown;
  del(id: string, room: Room): unknown;
  delAll(id: string): unknown;
  broadcast(packet: BroadcastPacket, options: BroadcastOptions): unknown;
  broadcastWithAck(
    packet: BroadcastPacket,
    options: BroadcastOptions,
    clientCountCallback: (clientCount: number) => void,
    ack: (...args: unknown[]) => void,
  ): void;
  fetchSockets(options: BroadcastOptions): Promise<unknown[]>;
  addSockets(options: BroadcastOptions, rooms: Room[]): unknown;
  delSockets(options: BroadcastOptions, rooms: Room[]): unknown;
  disconnectSockets(options: BroadcastOptions, close: boolean): unknown;
  serverSideEmit(packet: unknown[]): unknown;
}

/** Whose adapter a node has. */
export type Kind = "hawser" | "official";

/** How nodes know of each other: the backend tells their number, or they tell each other. */
export type Flavour = "counted" | "heartbeats";

type Bus = ClusterBus<BusMessage, BusMessage>;

/** A node: a namespace with an adapter of either kind, both of which it offers what they reach for. */
export class ClusterTestNode implements AdapterNamespace<EventPacket> {
  readonly name: string;
  readonly kind: Kind;
  readonly sockets = new Map<string, ClusterSocket>();
  readonly adapter: AnyClusterAdapter;
  /** What other servers have sent. */
  readonly serverSideEvents: unknown[][] = [];
  /** What the adapter has reported. */
  readonly errors: unknown[] = [];
  /** Answers what other servers ask; a node that has none never answers. */
  reply: ((...args: unknown[]) => unknown) | undefined;
  offersRecovery = false;
  /** What Socket.IO's adapter counts acknowledgement ids by. */
  _ids = 0;
  /** What Socket.IO's adapter looks for the parser and the options in. */
  readonly server: { encoder: object; opts: { connectionStateRecovery?: object } };

  constructor(kind: Kind, flavour: Flavour, bus: Bus, options: ClusterAdapterOptions = {}, name = "/") {
    this.kind = kind;
    this.name = name;
    this.server = { encoder: { encode: (packet: EventPacket) => [{ ...packet, data: [...packet.data] }] }, opts: {} };
    this.adapter = ADAPTERS[kind][flavour](this, bus, options);
  }

  /** Clients may recover. */
  offerRecovery(): void {
    this.offersRecovery = true;
    this.server.opts.connectionStateRecovery = {};
  }

  /** A client connects to this node and joins rooms. */
  connect(id: string, ...rooms: Room[]): ClusterSocket {
    const socket = new ClusterSocket(id, this);
    this.sockets.set(id, socket);
    this.adapter.addAll(id, new Set([id, ...rooms]));
    return socket;
  }

  prepare(packet: EventPacket, _flags: BroadcastFlags): EventPacket {
    return { ...packet, data: [...packet.data] };
  }

  sizeOf(): number {
    return 0;
  }

  nextAckId(): number {
    return this._ids++;
  }

  _onServerSideEmit(event: unknown[]): void {
    const answer = event[event.length - 1];
    if (typeof answer !== "function") {
      this.serverSideEvents.push(event);
      return;
    }
    this.serverSideEvents.push(event.slice(0, -1));
    if (this.reply) {
      (answer as (value: unknown) => void)(this.reply(...event.slice(0, -1)));
    }
  }

  reportAdapterError(error: unknown): void {
    this.errors.push(error);
  }

  reportListenerRejection(error: unknown): void {
    this.errors.push(error);
  }
}

/** What an adapter has that a bus can join. */
interface Joinable {
  readonly uid: string;
  onMessage(message: unknown, offset?: string): void;
  onResponse(response: unknown): void;
}

function join(bus: Bus, adapter: unknown): void {
  const joinable = adapter as Joinable;
  bus.join({
    uid: joinable.uid,
    onMessage: (message, offset) => joinable.onMessage(message, offset),
    onResponse: (response) => joinable.onResponse(response),
  });
}

/** A backend that can tell how many nodes there are. */
const counts = new WeakMap<Bus, number>();

class HawserCounted extends ClusterAdapter {
  readonly #bus: Bus;

  constructor(nsp: AdapterNamespace, bus: Bus) {
    super(nsp);
    this.#bus = bus;
    join(bus, this);
  }

  protected override doPublish(message: ClusterMessage): Promise<string> {
    return this.#bus.publish(message);
  }

  protected override doPublishResponse(uid: string, response: ClusterResponse): Promise<void> {
    return this.#bus.respond(uid, response);
  }

  override serverCount(): Promise<number> {
    return Promise.resolve(counts.get(this.#bus) ?? 1);
  }
}

class HawserWithHeartbeats extends ClusterAdapterWithHeartbeat {
  readonly #bus: Bus;

  constructor(nsp: AdapterNamespace, bus: Bus, options: ClusterAdapterOptions) {
    super(nsp, options);
    this.#bus = bus;
    join(bus, this);
  }

  protected override doPublish(message: ClusterMessage): Promise<string> {
    return this.#bus.publish(message);
  }

  protected override doPublishResponse(uid: string, response: ClusterResponse): Promise<void> {
    return this.#bus.respond(uid, response);
  }
}

class OfficialCounted extends official.ClusterAdapter {
  readonly #bus: Bus;

  constructor(nsp: unknown, bus: Bus) {
    super(nsp);
    this.#bus = bus;
    join(bus, this);
  }

  protected override doPublish(message: official.ClusterMessage): Promise<string> {
    return this.#bus.publish(message);
  }

  protected override doPublishResponse(uid: string, response: official.ClusterResponse): Promise<void> {
    return this.#bus.respond(uid, response);
  }

  override serverCount(): Promise<number> {
    return Promise.resolve(counts.get(this.#bus) ?? 1);
  }
}

class OfficialWithHeartbeats extends official.ClusterAdapterWithHeartbeat {
  readonly #bus: Bus;

  constructor(nsp: unknown, bus: Bus, options: ClusterAdapterOptions) {
    super(nsp, options as official.ClusterAdapterOptions);
    this.#bus = bus;
    join(bus, this);
  }

  protected override doPublish(message: official.ClusterMessage): Promise<string> {
    return this.#bus.publish(message);
  }

  protected override doPublishResponse(uid: string, response: official.ClusterResponse): Promise<void> {
    return this.#bus.respond(uid, response);
  }
}

type AdapterFactory = (node: ClusterTestNode, bus: Bus, options: ClusterAdapterOptions) => AnyClusterAdapter;

const ADAPTERS: Record<Kind, Record<Flavour, AdapterFactory>> = {
  hawser: {
    counted: (node, bus) => new HawserCounted(node, bus),
    heartbeats: (node, bus, options) => new HawserWithHeartbeats(node, bus, options),
  },
  official: {
    counted: (node, bus) => new OfficialCounted(node, bus) as unknown as AnyClusterAdapter,
    heartbeats: (node, bus, options) => new OfficialWithHeartbeats(node, bus, options) as unknown as AnyClusterAdapter,
  },
};

/** Several nodes on one bus, at virtual time, for the test that is running. */
export class TestCluster {
  readonly bus: Bus = new ClusterBus();
  readonly nodes: ClusterTestNode[] = [];
  readonly #flavour: Flavour;
  readonly #options: ClusterAdapterOptions;

  private constructor(flavour: Flavour, options: ClusterAdapterOptions) {
    this.#flavour = flavour;
    this.#options = options;
  }

  /** Nodes that know of each other. */
  static async of(flavour: Flavour, kinds: readonly Kind[], options: ClusterAdapterOptions = {}): Promise<TestCluster> {
    vi.useFakeTimers();
    const cluster = new TestCluster(flavour, options);
    onTestFinished(() => cluster.#close());
    for (const kind of kinds) {
      cluster.add(kind);
    }
    await settle();
    return cluster;
  }

  /** One more node comes. */
  add(kind: Kind, name = "/"): ClusterTestNode {
    const node = new ClusterTestNode(kind, this.#flavour, this.bus, this.#options, name);
    this.nodes.push(node);
    counts.set(this.bus, this.nodes.length);
    node.adapter.init();
    return node;
  }

  #close(): void {
    for (const { adapter } of this.nodes) {
      adapter.close();
    }
    vi.useRealTimers();
  }
}

/** All that happens at this moment has happened. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Time passes. */
export async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}
