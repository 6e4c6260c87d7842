import type { AdapterLike, BroadcastFlags, BroadcastOptions, Room, SocketId } from "@hawser/adapter";
import {
  assertEmittable,
  type AllButLast,
  type DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  type Deadlines,
  type EventNames,
  type EventNamesWithError,
  type EventParams,
  type EventsMap,
  type FirstNonErrorArg,
  type Last,
} from "@hawser/core";
import { PacketType, type EventData } from "@hawser/parser";
import { debugFor } from "./debug.ts";
import { adapterErrorOf, withinLimit } from "./adapter-limit.ts";
import { BroadcastAck, type BroadcastAckCallback } from "./broadcast-ack.ts";
import type { CompatibleOperator } from "./compatibility/names.ts";
import { RemoteSocket } from "./remote-socket.ts";

const debug = debugFor("adapter", "socket.io-adapter");

/** What a broadcast needs of its namespace. */
export interface BroadcastPort {
  readonly name: string;
  readonly adapter: AdapterLike;
  readonly deadlines: Deadlines;
  /** Milliseconds to wait for acknowledgements unless `timeout()` says otherwise. */
  readonly ackTimeout: number;
  /** Milliseconds that the adapter may take to find out what other nodes know. */
  readonly adapterTimeout: number;
  /** Reports the rejection of what the adapter returned, if it is a promise. */
  watchAdapter(result: unknown): void;
  /** Calls an acknowledgement callback of the application; its exceptions end there. */
  runAck(callback: BroadcastAckCallback, error: Error | null, responses: unknown): void;
}

const NOBODY: ReadonlySet<Room> = new Set<Room>();

/**
 * Sends to many sockets at once. Immutable: each method that narrows or flags it gives a new one, so that a part built
 * once can be used again.
 *
 * @typeParam EmitEvents - the events that may be sent
 * @typeParam Data - the type of `socket.data`
 */
export class BroadcastOperator<EmitEvents extends EventsMap, Data> implements CompatibleOperator {
  readonly #port: BroadcastPort;
  /** @internal */
  readonly rooms: ReadonlySet<Room>;
  /** @internal */
  readonly exceptRooms: ReadonlySet<Room>;
  /** @internal */
  readonly flags: BroadcastFlags;

  /**
   * @param port - the namespace
   * @param rooms - whom it is for; everybody if empty
   * @param except - whom it is not for
   * @param flags - how it wishes to be sent
   */
  constructor(
    port: BroadcastPort,
    rooms: ReadonlySet<Room> = NOBODY,
    except: ReadonlySet<Room> = NOBODY,
    flags: BroadcastFlags = {},
  ) {
    this.#port = port;
    this.rooms = rooms;
    this.exceptRooms = except;
    this.flags = flags;
  }

  /** @internal */
  get adapter(): AdapterLike {
    return this.#port.adapter;
  }

  /**
   * Also to those in `room`. Whoever is in several of the rooms receives the event once.
   *
   * @param room - a room, or several
   */
  to(room: Room | Room[]): BroadcastOperator<EmitEvents, Data> {
    const rooms = withAll(this.rooms, room);
    return new BroadcastOperator(this.#port, rooms, this.exceptRooms, this.flags);
  }

  /** Same as {@link to}. */
  in(room: Room | Room[]): BroadcastOperator<EmitEvents, Data> {
    return this.to(room);
  }

  /** But not to those in `room`. */
  except(room: Room | Room[]): BroadcastOperator<EmitEvents, Data> {
    const except = withAll(this.exceptRooms, room);
    return new BroadcastOperator(this.#port, this.rooms, except, this.flags);
  }

  /**
   * Whether transports may compress the event.
   *
   * @param compress - default of an event: true
   */
  compress(compress: boolean): BroadcastOperator<EmitEvents, Data> {
    return this.#with({ compress });
  }

  /** The event may be lost for recipients that can't take it at once. */
  get volatile(): BroadcastOperator<EmitEvents, Data> {
    return this.#with({ volatile: true });
  }

  /** Only to sockets of this node. */
  get local(): BroadcastOperator<EmitEvents, Data> {
    return this.#with({ local: true });
  }

  /**
   * How long to wait for acknowledgements.
   *
   * @param timeout - milliseconds. Default: the option `broadcastAckTimeout`, 10,000
   */
  timeout(
    timeout: number,
  ): BroadcastOperator<DecorateAcknowledgementsWithTimeoutAndMultipleResponses<EmitEvents>, Data> {
    return this.#with({ timeout }) as unknown as BroadcastOperator<
      DecorateAcknowledgementsWithTimeoutAndMultipleResponses<EmitEvents>,
      Data
    >;
  }

  /**
   * Sends an event. If the last argument is a function, it is called with `(error, responses)` once all have answered,
   * or the time is up.
   *
   * @returns true
   * @throws if `event` is a reserved name
   */
  emit<Event extends EventNames<EmitEvents>>(event: Event, ...args: EventParams<EmitEvents, Event>): boolean {
    assertEmittable(event);
    const data = [event, ...(args as unknown[])] as EventData;
    if (debug.enabled) {
      debug("%o broadcasts %o to %o except %o", this.#port.name, data, [...this.rooms], [...this.exceptRooms]);
    }
    const packet = { type: PacketType.EVENT, data };
    const callback = data.length > 1 ? data[data.length - 1] : undefined;
    if (typeof callback !== "function") {
      this.#port.watchAdapter(this.#port.adapter.broadcast(packet, this.#options()));
      return true;
    }
    data.pop();
    const { adapter, deadlines } = this.#port;
    const { timeout = this.#port.ackTimeout, expectSingleResponse = false } = this.flags;
    const pending = new BroadcastAck(
      deadlines,
      (error, responses) => this.#port.runAck(callback as BroadcastAckCallback, error, responses),
      timeout,
      expectSingleResponse,
    );
    try {
      adapter.broadcastWithAck(
        packet,
        this.#options({ timeout }),
        (count) => pending.addClientCount(count),
        (...responses) => pending.addResponse(responses[0]),
      );
    } catch (error) {
      // It can't be encoded. Whoever emitted it learns that here, and not a second time by the timeout.
      pending.abandon();
      throw error;
    }
    if (this.flags.local) {
      pending.setServerCount(1);
      return true;
    }
    adapter.serverCount().then(
      (count) => pending.setServerCount(count),
      () => {
        // How many nodes there are can't be told: the outcome is then left to the timeout.
      },
    );
    return true;
  }

  /**
   * Sends an event and resolves with all answers.
   *
   * @returns the answers; rejects with an error whose `responses` are those that came in time
   * @throws if `event` is a reserved name
   */
  emitWithAck<Event extends EventNamesWithError<EmitEvents>>(
    event: Event,
    ...args: AllButLast<EventParams<EmitEvents, Event>>
  ): Promise<FirstNonErrorArg<Last<EventParams<EmitEvents, Event>>>> {
    return new Promise((resolve, reject) => {
      const callback: BroadcastAckCallback = (error, responses) => {
        if (error) {
          reject(Object.assign(error, { responses }));
        } else {
          resolve(responses as FirstNonErrorArg<Last<EventParams<EmitEvents, Event>>>);
        }
      };
      this.emit(event, ...([...(args as unknown[]), callback] as EventParams<EmitEvents, Event>));
    });
  }

  /**
   * The ids of the selected sockets.
   *
   * @deprecated use `fetchSockets`, which gives the sockets themselves
   */
  allSockets(): Promise<Set<SocketId>> {
    return this.#port.adapter.sockets(new Set(this.rooms));
  }

  /**
   * The selected sockets, of all nodes.
   *
   * @returns rejects if other nodes do not answer, with an error whose `responses` are the sockets that were found
   */
  async fetchSockets(): Promise<RemoteSocket<EmitEvents, Data>[]> {
    const { adapter, deadlines, adapterTimeout } = this.#port;
    const asRemote = (socket: unknown): RemoteSocket<EmitEvents, Data> => RemoteSocket.of(this.#port, socket);
    // An adapter that keeps to `timeout()` is given the time to say what came.
    const limit = adapterTimeout + (this.flags.timeout ?? 0);
    try {
      return (await withinLimit(deadlines, adapter.fetchSockets(this.#options()), limit)).map(asRemote);
    } catch (reason) {
      const error = adapterErrorOf(reason);
      const { responses } = error as { responses?: unknown[] };
      const found = responses ?? (await adapter.fetchSockets(this.#options({ local: true })));
      throw Object.assign(error, { responses: found.map(asRemote) });
    }
  }

  /** Makes the selected sockets join rooms. */
  socketsJoin(room: Room | Room[]): void {
    this.#port.watchAdapter(this.#port.adapter.addSockets(this.#options(), Array.isArray(room) ? room : [room]));
  }

  /** Makes the selected sockets leave rooms. */
  socketsLeave(room: Room | Room[]): void {
    this.#port.watchAdapter(this.#port.adapter.delSockets(this.#options(), Array.isArray(room) ? room : [room]));
  }

  /**
   * Disconnects the selected sockets.
   *
   * @param close - whether to close the underlying connections too. Default: false
   */
  disconnectSockets(close = false): void {
    this.#port.watchAdapter(this.#port.adapter.disconnectSockets(this.#options(), close));
  }

  #with(flags: BroadcastFlags): BroadcastOperator<EmitEvents, Data> {
    return new BroadcastOperator(this.#port, this.rooms, this.exceptRooms, { ...this.flags, ...flags });
  }

  /** Adapters are handed Sets of their own, as they have always been. */
  #options(flags?: BroadcastFlags): BroadcastOptions {
    return {
      rooms: new Set(this.rooms),
      except: new Set(this.exceptRooms),
      flags: flags ? { ...this.flags, ...flags } : this.flags,
    };
  }
}

function withAll(rooms: ReadonlySet<Room>, room: Room | Room[]): ReadonlySet<Room> {
  return new Set([...rooms, ...(Array.isArray(room) ? room : [room])]);
}
