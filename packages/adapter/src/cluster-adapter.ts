import {
  MessageType,
  type ClusterResponse,
  type Offset,
  type OutgoingMessage,
  type ServerId,
} from "./cluster-message.ts";
import { ClusterAcks } from "./cluster-acks.ts";
import { ClusterNode, DEFAULT_ACK_TIMEOUT } from "./cluster-node.ts";
import { ClusterRequests, type AwaitedNodes, type RequestOutcome } from "./cluster-requests.ts";
import { encodeOptions } from "./cluster-validation.ts";
import type { AdapterSocket, BroadcastOptions, BroadcastPacket, Room, SocketDetails } from "./contract.ts";
import { within } from "./time-limit.ts";

/** How long other nodes may take to answer, and a backend to take a message, in milliseconds. */
const DEFAULT_TIMEOUT = 5_000;

/** Told of the answers of the other servers; with an error, they are those that came nevertheless. */
type ServerSideAck = (error: unknown, answers: unknown[]) => void;

/**
 * The adapter of one node among several: what is to happen on all of them happens here, and is published for the others to
 * do. How messages get from node to node is left to a backend, which
 *
 * - implements {@link doPublish} and {@link doPublishResponse},
 * - calls {@link onMessage} with what arrives, and {@link onResponse} with responses that come by a way of their own,
 * - tells by `serverCount()` how many nodes there are; where nobody knows, it extends `ClusterAdapterWithHeartbeat`.
 *
 * Messages may be late, lost or repeated: that costs answers and events, and nothing waits for ever. For what arrives and
 * is no message, `dropped-message(message)` is emitted.
 */
export abstract class ClusterAdapter extends ClusterNode {
  readonly #requests = new ClusterRequests();
  readonly #acks = new ClusterAcks();
  /** Settles when everything is done that this node does itself once it is published. */
  #turn: Promise<void> = Promise.resolve();

  /** The other nodes, if it is known which they are; otherwise their number has to do, which `serverCount()` tells. */
  protected knownNodes(): ReadonlySet<ServerId> | undefined {
    return undefined;
  }

  /** A node has gone: nothing waits for it any more. */
  protected onNodeGone(uid: ServerId): void {
    this.#requests.forgo(uid);
    this.#acks.forgo(uid);
  }

  /** Ends what waits for other nodes, with an error. From now on nothing is published, and what arrives is ignored. */
  override close(): Promise<void> | void {
    this.#requests.close();
    this.#acks.close();
    return super.close();
  }

  // ── what happens on all nodes ────────────────────────────────────────────────────────────────────────────────

  /** Sends an event to the sockets of all nodes for whom it is. */
  override broadcast(packet: BroadcastPacket, options: BroadcastOptions): Promise<void> | void {
    if (options.flags?.local) {
      return super.broadcast(packet, options);
    }
    const message = { type: MessageType.BROADCAST, data: { packet, opts: encodeOptions(options) } } as const;
    return this.#everywhere(message, (offset) => {
      void super.broadcast(this.withOffset(packet, options, offset), options);
    });
  }

  /** Sends an event to the sockets of all nodes for whom it is, and collects the answers. */
  override broadcastWithAck(
    packet: BroadcastPacket,
    options: BroadcastOptions,
    clientCountCallback: (clientCount: number) => void,
    ack: (...args: unknown[]) => void,
  ): void {
    const { flags = {} } = options;
    const { timeout = DEFAULT_ACK_TIMEOUT } = flags;
    // First, so that what can't be encoded is sent to nobody; and a copy, for it gets an id that means nothing elsewhere.
    super.broadcastWithAck({ ...packet }, { ...options, flags: { ...flags, timeout } }, clientCountCallback, ack);
    if (!flags.local && !this.isClosed()) {
      const requestId = this.#acks.open({ clientCountCallback, ack }, this.knownNodes(), timeout);
      this.publish({ type: MessageType.BROADCAST, data: { packet, requestId, opts: encodeOptions(options) } });
    }
  }

  /** Makes the sockets of all nodes that `options` select join `rooms`. */
  override addSockets(options: BroadcastOptions, rooms: Room[]): Promise<void> | void {
    if (options.flags?.local) {
      return super.addSockets(options, rooms);
    }
    const message = { type: MessageType.SOCKETS_JOIN, data: { opts: encodeOptions(options), rooms } } as const;
    return this.#everywhere(message, () => void super.addSockets(options, rooms));
  }

  /** Makes the sockets of all nodes that `options` select leave `rooms`. */
  override delSockets(options: BroadcastOptions, rooms: Room[]): Promise<void> | void {
    if (options.flags?.local) {
      return super.delSockets(options, rooms);
    }
    const message = { type: MessageType.SOCKETS_LEAVE, data: { opts: encodeOptions(options), rooms } } as const;
    return this.#everywhere(message, () => void super.delSockets(options, rooms));
  }

  /** Disconnects the sockets of all nodes that `options` select; with `close`, their connections too. */
  override disconnectSockets(options: BroadcastOptions, close: boolean): Promise<void> | void {
    if (options.flags?.local) {
      return super.disconnectSockets(options, close);
    }
    const message = { type: MessageType.DISCONNECT_SOCKETS, data: { opts: encodeOptions(options), close } } as const;
    return this.#everywhere(message, () => void super.disconnectSockets(options, close));
  }

  /** Publishes a message, then acts itself: in the order of the calls, whatever order the backend finishes in. */
  #everywhere(message: OutgoingMessage, act: (offset: Offset | undefined) => void): Promise<void> {
    const published = this.#published(message);
    this.#turn = this.#turn
      .then(async () => {
        act(await published);
      })
      .catch((error: unknown) => this.reportUnlessClosed(error));
    return this.#turn;
  }

  /** The offset of a message; or undefined if it can't be published, which is told and stops nothing. */
  async #published(message: OutgoingMessage): Promise<Offset | undefined> {
    try {
      return await within(this.publishAndReturnOffset(message), DEFAULT_TIMEOUT, "ERR_PUBLISH_TIMEOUT");
    } catch (error) {
      this.reportUnlessClosed(error);
      return undefined;
    }
  }

  // ── what is asked of other nodes ─────────────────────────────────────────────────────────────────────────────

  /**
   * The sockets of all nodes that `options` select.
   *
   * @returns rejects with an `AdapterError` if nodes do not answer in time: `flags.timeout`, or 5 seconds
   */
  override async fetchSockets(options: BroadcastOptions): Promise<(AdapterSocket | SocketDetails)[]> {
    const sockets = await super.fetchSockets(options);
    const nodes = options.flags?.local ? 0 : await this.#otherNodes();
    if (isNobody(nodes)) {
      return sockets;
    }
    return new Promise((resolve, reject) => {
      const settle: RequestOutcome = (error, others) =>
        error ? reject(error) : resolve([...sockets, ...(others as SocketDetails[])]);
      const timeout = options.flags?.timeout || DEFAULT_TIMEOUT;
      const requestId = this.#requests.open(MessageType.FETCH_SOCKETS_RESPONSE, nodes, timeout, settle);
      this.publish({ type: MessageType.FETCH_SOCKETS, data: { opts: encodeOptions(options), requestId } });
    });
  }

  /**
   * Sends an event to the other servers.
   *
   * @param packet - its name and arguments; if the last one is a function, it is called with an error or null, and the
   * answers: when all are there, or after 5 seconds
   */
  override async serverSideEmit(packet: unknown[]): Promise<void> {
    const ack = packet[packet.length - 1];
    if (typeof ack !== "function") {
      this.publish({ type: MessageType.SERVER_SIDE_EMIT, data: { packet } });
      return;
    }
    const settle = this.#contained(ack as ServerSideAck);
    try {
      const nodes = await this.#otherNodes();
      if (isNobody(nodes)) {
        settle(null, []);
        return;
      }
      const requestId = this.#requests.open(MessageType.SERVER_SIDE_EMIT_RESPONSE, nodes, DEFAULT_TIMEOUT, settle);
      this.publish({ type: MessageType.SERVER_SIDE_EMIT, data: { requestId, packet: packet.slice(0, -1) } });
    } catch (error) {
      settle(error, []);
    }
  }

  protected override onAnswer(response: ClusterResponse): void {
    const { uid, type, data } = response;
    switch (type) {
      case MessageType.FETCH_SOCKETS_RESPONSE:
        this.#requests.answer(data.requestId, type, uid, data.sockets);
        break;
      case MessageType.SERVER_SIDE_EMIT_RESPONSE:
        this.#requests.answer(data.requestId, type, uid, [data.packet]);
        break;
      case MessageType.BROADCAST_CLIENT_COUNT:
        this.#acks.count(data.requestId, uid, data.clientCount);
        break;
      case MessageType.BROADCAST_ACK:
        this.#acks.ack(data.requestId, uid, data.packet);
    }
  }

  /** Who is to be asked: nobody, once all is over. */
  async #otherNodes(): Promise<AwaitedNodes> {
    const count = async (): Promise<number> =>
      (await within(this.serverCount(), DEFAULT_TIMEOUT, "ERR_CLUSTER_TIMEOUT")) - 1;
    const nodes = this.knownNodes() ?? (await count());
    return this.isClosed() ? 0 : nodes;
  }

  /** The same callback; its exceptions end here. */
  #contained(ack: ServerSideAck): ServerSideAck {
    return (error, answers) => {
      try {
        ack(error, answers);
      } catch (exception) {
        this.reportUnlessClosed(exception);
      }
    };
  }
}

function isNobody(nodes: AwaitedNodes): boolean {
  return (typeof nodes === "number" ? nodes : nodes.size) <= 0;
}
