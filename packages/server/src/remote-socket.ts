import type { Room, SocketId } from "@hawser/adapter";
import type { DecorateAcknowledgements, EventNames, EventParams, EventsMap } from "@hawser/core";
import { BroadcastOperator, type BroadcastPort } from "./broadcast-operator.ts";
import type { Handshake } from "./handshake.ts";

/** What is known of a socket that may be connected to another node. */
export interface RemoteSocketDetails<Data> {
  readonly id: SocketId;
  readonly handshake: Handshake;
  readonly rooms: Iterable<Room>;
  readonly data: Data;
}

/** A socket of any node, as `fetchSockets()` gives it. */
export class RemoteSocket<EmitEvents extends EventsMap, Data> implements RemoteSocketDetails<Data> {
  readonly id: SocketId;
  readonly handshake: Handshake;
  readonly rooms: Set<Room>;
  readonly data: Data;
  readonly #operator: BroadcastOperator<EmitEvents, Data>;

  constructor(port: BroadcastPort, details: RemoteSocketDetails<Data>) {
    this.id = details.id;
    this.handshake = details.handshake;
    this.rooms = new Set(details.rooms);
    this.data = details.data;
    this.#operator = new BroadcastOperator(port, new Set([this.id]), new Set(), { expectSingleResponse: true });
  }

  /** A socket of this node stands for itself; one of another node is wrapped. */
  static of<EmitEvents extends EventsMap, Data>(port: BroadcastPort, found: unknown): RemoteSocket<EmitEvents, Data> {
    return typeof (found as { emit?: unknown }).emit === "function"
      ? (found as RemoteSocket<EmitEvents, Data>)
      : new RemoteSocket(port, found as RemoteSocketDetails<Data>);
  }

  /** Sends an event to this socket. */
  emit<Event extends EventNames<EmitEvents>>(event: Event, ...args: EventParams<EmitEvents, Event>): boolean {
    return this.#operator.emit(event, ...args);
  }

  /**
   * How long to wait for the acknowledgement.
   *
   * @param timeout - milliseconds
   */
  timeout(timeout: number): BroadcastOperator<DecorateAcknowledgements<EmitEvents>, Data> {
    return this.#operator.timeout(timeout) as unknown as BroadcastOperator<DecorateAcknowledgements<EmitEvents>, Data>;
  }

  /** Makes the socket join rooms. */
  join(room: Room | Room[]): void {
    this.#operator.socketsJoin(room);
  }

  /** Makes the socket leave a room. */
  leave(room: Room): void {
    this.#operator.socketsLeave(room);
  }

  /**
   * Disconnects the socket.
   *
   * @param close - whether to close the underlying connection too. Default: false
   */
  disconnect(close = false): this {
    this.#operator.disconnectSockets(close);
    return this;
  }
}
