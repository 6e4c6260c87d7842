import type { Room, SocketId } from "@hawser/adapter";
import {
  reservedEventError,
  type AllButLast,
  type DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  type EventNames,
  type EventNamesWithAck,
  type EventNamesWithoutAck,
  type EventParams,
  type EventsMap,
  type FirstNonErrorArg,
  type Last,
  type RemoveAcknowledgements,
} from "@hawser/core";
import { askWithinLimit } from "./adapter-limit.ts";
import type { BroadcastAckCallback } from "./broadcast-ack.ts";
import { BroadcastOperator, type BroadcastPort } from "./broadcast-operator.ts";
import type { RemoteSocket } from "./remote-socket.ts";
import { TypedEventEmitter } from "./typed-emitter.ts";

/** What the library emits on namespaces itself. */
const RESERVED_SERVER_EVENTS: ReadonlySet<string | symbol> = new Set(["connect", "connection", "new_namespace"]);

/** Whether the library emits `event` on namespaces itself, so that no server may send it to others. */
export function isReservedServerEvent(event: string | symbol): boolean {
  return RESERVED_SERVER_EVENTS.has(event);
}

/**
 * What a namespace offers for all of its sockets at once, and a server for those of its namespace `/`.
 *
 * @typeParam B - the events that the server sends
 * @typeParam C - the events that servers send each other
 * @typeParam D - the type of `socket.data`
 * @typeParam Reserved - the events that the library emits itself
 */
export abstract class Broadcaster<
  B extends EventsMap,
  C extends EventsMap,
  D,
  Reserved extends EventsMap,
> extends TypedEventEmitter<C, RemoveAcknowledgements<B>, Reserved> {
  /** The namespace whose sockets are meant. */
  protected abstract get home(): BroadcastPort;

  protected everybody(): BroadcastOperator<B, D> {
    return new BroadcastOperator<B, D>(this.home);
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends an event to all clients of the namespace.
   *
   * @returns true
   * @throws if `event` is a reserved name
   */
  override emit<Name extends EventNamesWithoutAck<B>>(event: Name, ...args: EventParams<B, Name>): boolean {
    return this.everybody().emit(event, ...args);
  }

  /** Sends a `message` event to all clients. */
  send(...args: EventParams<B, "message">): this {
    this.everybody().emit("message" as EventNames<B>, ...(args as EventParams<B, EventNames<B>>));
    return this;
  }

  /** Same as {@link send}. */
  write(...args: EventParams<B, "message">): this {
    return this.send(...args);
  }

  /** To those in `room`. */
  to(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.everybody().to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.to(room);
  }

  /** To all but those in `room`. */
  except(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.everybody().except(room);
  }

  /** Whether transports may compress the event. */
  compress(compress: boolean): BroadcastOperator<B, D> {
    return this.everybody().compress(compress);
  }

  /** The event may be lost for clients that can't take it at once. */
  get volatile(): BroadcastOperator<B, D> {
    return this.everybody().volatile;
  }

  /** Only to clients of this node. */
  get local(): BroadcastOperator<B, D> {
    return this.everybody().local;
  }

  /**
   * How long to wait for acknowledgements.
   *
   * @param timeout - milliseconds
   */
  timeout(timeout: number): BroadcastOperator<DecorateAcknowledgementsWithTimeoutAndMultipleResponses<B>, D> {
    return this.everybody().timeout(timeout);
  }

  /** The sockets of this namespace, of all nodes. */
  fetchSockets(): Promise<RemoteSocket<B, D>[]> {
    return this.everybody().fetchSockets();
  }

  /**
   * The ids of the sockets of this namespace.
   *
   * @deprecated use `fetchSockets`
   */
  allSockets(): Promise<Set<SocketId>> {
    return this.everybody().allSockets();
  }

  /** Makes all sockets join rooms. */
  socketsJoin(room: Room | Room[]): void {
    this.everybody().socketsJoin(room);
  }

  /** Makes all sockets leave rooms. */
  socketsLeave(room: Room | Room[]): void {
    this.everybody().socketsLeave(room);
  }

  /** Disconnects all sockets; with `close`, their connections too. */
  disconnectSockets(close = false): void {
    this.everybody().disconnectSockets(close);
  }

  // ── other servers ────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends an event to the same namespace of the other servers of the cluster. If the last argument is a function, it is called
   * with an error or null, and the answers.
   *
   * @returns true
   * @throws if `event` is a name of the library
   */
  serverSideEmit<Name extends EventNames<C>>(
    event: Name,
    ...args: EventParams<DecorateAcknowledgementsWithTimeoutAndMultipleResponses<C>, Name>
  ): boolean {
    if (isReservedServerEvent(event)) {
      throw reservedEventError(event);
    }
    const { home } = this;
    const packet: unknown[] = [event, ...(args as unknown[])];
    const callback = packet[packet.length - 1];
    if (typeof callback !== "function") {
      home.watchAdapter(home.adapter.serverSideEmit(packet));
      return true;
    }
    const run: BroadcastAckCallback = (error, responses) =>
      home.runAck(callback as BroadcastAckCallback, error, responses);
    askWithinLimit(home.deadlines, home.adapterTimeout, run, (answer) =>
      home.adapter.serverSideEmit([...packet.slice(0, -1), answer]),
    );
    return true;
  }

  /**
   * Sends an event to the other servers and resolves with their answers.
   *
   * @returns the answers; rejects with an error whose `responses` are those that came in time
   * @throws if `event` is a name of the library
   */
  serverSideEmitWithAck<Name extends EventNamesWithAck<C>>(
    event: Name,
    ...args: AllButLast<EventParams<C, Name>>
  ): Promise<FirstNonErrorArg<Last<EventParams<C, Name>>>[]> {
    return new Promise((resolve, reject) => {
      const callback = (error: Error | null, responses: FirstNonErrorArg<Last<EventParams<C, Name>>>[]): void => {
        if (error) {
          reject(Object.assign(error, { responses }));
        } else {
          resolve(responses);
        }
      };
      const all: unknown[] = [...(args as unknown[]), callback];
      this.serverSideEmit(
        event,
        ...(all as EventParams<DecorateAcknowledgementsWithTimeoutAndMultipleResponses<C>, Name>),
      );
    });
  }
}
