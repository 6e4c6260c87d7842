import { AdapterError } from "./adapter-error.ts";
import {
  MessageType,
  type ClusterMessage,
  type ClusterResponse,
  type Offset,
  type OutgoingMessage,
  type ServerId,
} from "./cluster-message.ts";
import { ClusterAcks } from "./cluster-acks.ts";
import { ClusterNode, DEFAULT_ACK_TIMEOUT } from "./cluster-node.ts";
import { ClusterRequests, type AnswerType, type AwaitedNodes, type RequestOutcome } from "./cluster-requests.ts";
import { encodeOptions } from "./cluster-validation.ts";
import type { AdapterSocket, BroadcastOptions, BroadcastPacket, Room, SocketDetails } from "./contract.ts";
import { Publications } from "./publications.ts";
import { within } from "./time-limit.ts";

/** How long other nodes may take to answer, in milliseconds. */
const DEFAULT_TIMEOUT = 5_000;

/** What happens on all nodes. */
type Marked = Extract<OutgoingMessage, { data: { mark?: number } }>;

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
  readonly #publications = new Publications((error) => this.reportUnlessClosed(error));

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
    const closed = super.close();
    this.#publications.close();
    return closed;
  }

  // ── what happens on all nodes ────────────────────────────────────────────────────────────────────────────────

  /** Sends an event to the sockets of all nodes for whom it is. */
  override broadcast(packet: BroadcastPacket, options: BroadcastOptions): Promise<void> | void {
    if (options.flags?.local) {
      return super.broadcast(packet, options);
    }
    const message = { type: MessageType.BROADCAST, data: { packet, opts: encodeOptions(options) } } as const;
    if (this.nsp.offersRecovery) {
      return this.#oncePublished(message, (offset) => {
        this.broadcastHere(packet, options, offset);
      });
    }
    // First, so that what can't be encoded is sent to nobody; and a copy, for the namespace's name that it gets is not for others.
    void super.broadcast({ ...packet }, options);
    this.#publish(message);
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

  /** Publishes a message, and acts itself: at once, or in its turn if broadcasts have to wait for theirs. */
  #everywhere(message: Marked, act: () => void): Promise<void> | void {
    if (this.nsp.offersRecovery) {
      return this.#oncePublished(message, act);
    }
    this.#publish(message);
    act();
  }

  #publish(message: Marked): void {
    this.#publications.publish(
      () => this.publishAndReturnOffset(message),
      () => {},
    );
  }

  /** Publishes a message, and acts when its offset is known, or is not to be known. */
  #oncePublished(message: Marked, act: (offset: Offset | undefined) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#publications.publish(
        (mark) => this.publishAndReturnOffset({ ...message, data: { ...message.data, mark } } as Marked),
        (offset) => {
          resolve();
          act(offset);
        },
      );
    });
  }

  protected override onReturn(message: ClusterMessage | ClusterResponse, offset: Offset): void {
    const mark = "data" in message && "mark" in message.data ? message.data.mark : undefined;
    if (typeof mark === "number") {
      this.#publications.returned(mark, offset);
    }
  }

  // ── what is asked of other nodes ─────────────────────────────────────────────────────────────────────────────

  /**
   * The sockets of all nodes that `options` select.
   *
   * @returns rejects with an `AdapterError`, whose `responses` are the sockets that were found, if nodes do not answer in time
   * (`flags.timeout`, or 5 seconds) or can't be asked
   */
  override async fetchSockets(options: BroadcastOptions): Promise<(AdapterSocket | SocketDetails)[]> {
    const sockets = await super.fetchSockets(options);
    if (options.flags?.local) {
      return sockets;
    }
    return new Promise((resolve, reject) => {
      const settle: RequestOutcome = (error, others) => {
        const found = [...sockets, ...(others as SocketDetails[])];
        if (error) {
          error.responses = found;
          reject(error);
        } else {
          resolve(found);
        }
      };
      const timeout = options.flags?.timeout || DEFAULT_TIMEOUT;
      void this.#ask(timeout, MessageType.FETCH_SOCKETS_RESPONSE, settle, (requestId) => ({
        type: MessageType.FETCH_SOCKETS,
        data: { opts: encodeOptions(options), requestId },
      }));
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
    await this.#ask(DEFAULT_TIMEOUT, MessageType.SERVER_SIDE_EMIT_RESPONSE, settle, (requestId) => ({
      type: MessageType.SERVER_SIDE_EMIT,
      data: { requestId, packet: packet.slice(0, -1) },
    }));
  }

  /** Puts a question to the other nodes; whatever becomes of it is settled within `timeout` milliseconds. */
  async #ask(
    timeout: number,
    type: AnswerType,
    settle: RequestOutcome,
    question: (requestId: string) => OutgoingMessage,
  ): Promise<void> {
    const deadline = performance.now() + timeout;
    let nodes: AwaitedNodes;
    try {
      nodes = await this.#otherNodes(timeout);
    } catch (error) {
      settle(AdapterError.of(error), []);
      return;
    }
    if (isNobody(nodes)) {
      settle(null, []);
      return;
    }
    const requestId = this.#requests.open(type, nodes, deadline - performance.now(), settle);
    this.publishAndReturnOffset(question(requestId)).catch((error: unknown) => {
      this.#requests.fail(requestId, AdapterError.of(error));
    });
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
  async #otherNodes(timeout: number): Promise<AwaitedNodes> {
    const count = async (): Promise<number> => (await within(this.serverCount(), timeout, "ERR_CLUSTER_TIMEOUT")) - 1;
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
