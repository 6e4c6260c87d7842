import { PacketType } from "@hawser/parser";
import { Adapter } from "./adapter.ts";
import { AdapterError } from "./adapter-error.ts";
import {
  MessageType,
  type ClusterMessage,
  type ClusterResponse,
  type EncodedOptions,
  type Offset,
  type OutgoingMessage,
  type OutgoingResponse,
  type ServerId,
} from "./cluster-message.ts";
import { randomId } from "./cluster-requests.ts";
import { decodeOptions, isClusterMessage, type ReceivedPacket } from "./cluster-validation.ts";
import type { BroadcastOptions, BroadcastPacket, RecoveryGap, SocketDetails } from "./contract.ts";
import { RecoveryGaps } from "./recovery-gap.ts";

/** How long clients may take to answer a broadcast that does not say, in milliseconds. */
export const DEFAULT_ACK_TIMEOUT = 10_000;

/**
 * One node among several: speaks to the others through a backend, and does for its own sockets what they ask for. What it
 * asks of them itself is in `ClusterAdapter`.
 */
export abstract class ClusterNode extends Adapter {
  /** Names this adapter in the cluster. */
  protected readonly uid: ServerId = randomId();
  readonly #gaps = new RecoveryGaps();
  #closed = false;

  // ── the backend ──────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends a message to all other nodes. It does no harm if it comes back to this one.
   *
   * @returns resolves, once the message is on its way, with its place in the order of all messages; or with an empty string
   * if nothing is kept from which clients could recover
   */
  protected abstract doPublish(message: ClusterMessage): Promise<Offset>;

  /**
   * Sends a response to the node that asked. It does no harm if others get it, too.
   *
   * @param requesterUid - the adapter that asked
   */
  protected abstract doPublishResponse(requesterUid: ServerId, response: ClusterResponse): Promise<void>;

  /**
   * Takes a message that has arrived; responses may be among them. Never throws.
   *
   * @param offset - its place in the order of all messages, if there is one
   */
  protected onMessage(message: ClusterMessage, offset?: Offset): void {
    this.#take(message, offset);
  }

  /** Takes a response that has arrived. Never throws. */
  protected onResponse(response: ClusterResponse): void {
    this.#take(response);
  }

  /** From now on nothing is published, and what arrives is ignored. */
  override close(): Promise<void> | void {
    this.#closed = true;
    this.#gaps.clear();
  }

  /** @internal A method, for a backend may well have a field of its own that says so. */
  protected isClosed(): boolean {
    return this.#closed;
  }

  // ── what this node says ──────────────────────────────────────────────────────────────────────────────────────

  /** Publishes a message. That it can't be is told to the namespace. */
  protected publish(message: OutgoingMessage): void {
    this.publishAndReturnOffset(message).catch((error: unknown) => this.reportUnlessClosed(error));
  }

  /**
   * Publishes a message.
   *
   * @returns resolves with its offset; rejects if it can't be published
   */
  protected async publishAndReturnOffset(message: OutgoingMessage): Promise<Offset> {
    if (this.#closed) {
      throw new AdapterError("ERR_ADAPTER_CLOSED");
    }
    return this.doPublish({ ...message, uid: this.uid, nsp: this.nsp.name } as ClusterMessage);
  }

  /** Sends a response. That it can't be sent is told to the namespace. */
  protected publishResponse(requesterUid: ServerId, response: OutgoingResponse): void {
    if (this.#closed) {
      return;
    }
    const complete = { ...response, uid: this.uid, nsp: this.nsp.name } as ClusterResponse;
    const send = async (): Promise<void> => this.doPublishResponse(requesterUid, complete);
    send().catch((error: unknown) => this.reportUnlessClosed(error));
  }

  /** @internal Tells the namespace of an error that nobody waits for. What fails once all is over is of no interest. */
  protected reportUnlessClosed(error: unknown): void {
    if (!this.#closed) {
      this.nsp.reportAdapterError(error);
    }
  }

  // ── what others say ──────────────────────────────────────────────────────────────────────────────────────────

  #take(message: unknown, offset?: Offset): void {
    if (this.#closed) {
      return;
    }
    try {
      if (!isClusterMessage(message)) {
        this.tell("dropped-message", message);
      } else if (message.nsp === this.nsp.name) {
        if (message.uid !== this.uid) {
          this.onAccepted(message, offset);
        } else if (offset) {
          this.onReturn(message, offset);
        }
      }
    } catch (error) {
      this.nsp.reportAdapterError(error);
    }
  }

  /** @internal Another node of this namespace has said something that can be understood. */
  protected onAccepted(message: ClusterMessage | ClusterResponse, offset?: Offset): void {
    switch (message.type) {
      case MessageType.BROADCAST:
        this.#broadcastFor(message.uid, message.data, offset);
        break;
      case MessageType.SOCKETS_JOIN:
        void super.addSockets(decodeOptions(message.data.opts), message.data.rooms);
        break;
      case MessageType.SOCKETS_LEAVE:
        void super.delSockets(decodeOptions(message.data.opts), message.data.rooms);
        break;
      case MessageType.DISCONNECT_SOCKETS:
        void super.disconnectSockets(decodeOptions(message.data.opts), message.data.close === true);
        break;
      case MessageType.FETCH_SOCKETS:
        this.publishResponse(message.uid, {
          type: MessageType.FETCH_SOCKETS_RESPONSE,
          data: { requestId: message.data.requestId, sockets: this.#describe(decodeOptions(message.data.opts)) },
        });
        break;
      case MessageType.SERVER_SIDE_EMIT:
        this.#emitFor(message.uid, message.data);
        break;
      case MessageType.FETCH_SOCKETS_RESPONSE:
      case MessageType.SERVER_SIDE_EMIT_RESPONSE:
      case MessageType.BROADCAST_CLIENT_COUNT:
      case MessageType.BROADCAST_ACK:
        this.onAnswer(message);
    }
  }

  /** @internal A message of this node has come back, with its offset. */
  protected abstract onReturn(message: ClusterMessage | ClusterResponse, offset: Offset): void;

  /** @internal A node has answered. */
  protected abstract onAnswer(response: ClusterResponse): void;

  #broadcastFor(
    uid: ServerId,
    { packet: received, opts, requestId }: { packet: unknown; opts: EncodedOptions; requestId?: string },
    offset: Offset | undefined,
  ): void {
    const options = decodeOptions(opts);
    const packet = { type: PacketType.EVENT, data: (received as ReceivedPacket).data };
    if (typeof requestId !== "string") {
      this.broadcastHere(packet, options, offset);
      return;
    }
    options.flags.timeout ??= DEFAULT_ACK_TIMEOUT;
    super.broadcastWithAck(
      packet,
      options,
      (clientCount) =>
        this.publishResponse(uid, { type: MessageType.BROADCAST_CLIENT_COUNT, data: { requestId, clientCount } }),
      (answer) => this.publishResponse(uid, { type: MessageType.BROADCAST_ACK, data: { requestId, packet: answer } }),
    );
  }

  #emitFor(uid: ServerId, { packet, requestId }: { packet: unknown[]; requestId?: string }): void {
    const event = packet as [name: string, ...args: unknown[]];
    if (typeof requestId !== "string") {
      this.nsp._onServerSideEmit(event);
      return;
    }
    let answered = false;
    const answer = (response: unknown): void => {
      if (!answered) {
        answered = true;
        const data = { requestId, packet: response };
        this.publishResponse(uid, { type: MessageType.SERVER_SIDE_EMIT_RESPONSE, data });
      }
    };
    this.nsp._onServerSideEmit([...event, answer]);
  }

  /** What other nodes are told of this one's sockets. */
  #describe(options: BroadcastOptions): SocketDetails[] {
    const details: SocketDetails[] = [];
    this.forEach(options, ({ id, handshake, data }) => {
      // A session store is for this process only, and may hold circular references.
      const { sessionStore: _sessionStore, ...rest } = handshake as { sessionStore?: unknown };
      details.push({ id, handshake: rest, rooms: [...(this.socketRooms(id) ?? [])], data });
    });
    return details;
  }

  /** @internal Sends an event to this node's sockets. */
  protected broadcastHere(packet: BroadcastPacket, options: BroadcastOptions, offset: Offset | undefined): void {
    const complete = this.withOffset(packet, options, offset);
    const whom = offset && complete !== packet ? this.#gaps.pass(complete.data, offset, options) : options;
    void super.broadcast(complete, whom);
  }

  /** @internal A client comes back, and what it missed is about to be looked for. */
  openGap(): RecoveryGap {
    return this.#gaps.open();
  }

  /**
   * @internal The packet with its offset at its end, where clients look for it; and a copy, for the backend may still hold
   * the original.
   */
  protected withOffset(
    packet: BroadcastPacket,
    options: BroadcastOptions,
    offset: Offset | undefined,
  ): BroadcastPacket {
    const { data } = packet;
    if (!this.nsp.offersRecovery || !offset) {
      return packet;
    }
    // A volatile event is not sent again. But clients take a string at the end for an offset, so it had better be one.
    const needsOffset = !options.flags?.volatile || typeof data[data.length - 1] === "string";
    return needsOffset ? { ...packet, data: [...data, offset] } : packet;
  }
}
