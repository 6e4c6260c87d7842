import {
  ClientLink,
  assertEmittable,
  type AckCallback,
  type AckFunction,
  type AllButLast,
  type BufferedEvent,
  type ClientLinkHandler,
  type ClientToServer,
  type DecorateClientAcknowledgements,
  type DefaultEventsMap,
  type DisconnectReason,
  type EventNames,
  type EventParams,
  type EventsMap,
  type FirstArg,
  type Last,
  type SendFlags,
  type ServerToClient,
  type Welcome,
} from "@hawser/core";
import type { EventData } from "@hawser/parser";
import { CatchAllEmitter } from "./catch-all.ts";
import { debugFor } from "./debug.ts";
import type { Manager } from "./manager.ts";
import type { Auth, SocketOptions } from "./options.ts";
import { RetryQueue } from "./retry-queue.ts";

/** What is known of the end of a connection. */
export type DisconnectDescription = Error | { description: string; context?: unknown };

/** Why the server kept a socket out. */
export interface ExtendedError extends Error {
  /** What the server's middleware added. */
  // oxlint-disable-next-line typescript/no-explicit-any -- what that is is for the application to know
  data?: any;
}

/** The events of a socket that the library emits itself. */
export interface SocketReservedEvents {
  /** The server let the socket in. */
  connect: () => void;
  /** The connection could not be made, or the server kept the socket out; `active` says whether it will try again. */
  connect_error: (err: ExtendedError) => void;
  /** The socket is not connected any more; `active` says whether it will be again. */
  disconnect: (reason: DisconnectReason, description?: DisconnectDescription) => void;
}

/** How the next event wishes to be sent. */
interface Flags extends SendFlags {
  readonly timeout?: number;
}

const NO_FLAGS: Flags = {};

const debug = debugFor("socket", "socket.io-client:socket");

/** A callback of `emitWithAck`: it takes an error first, though it may wait for ever. */
interface ErrorFirstCallback extends AckCallback {
  withError?: boolean;
}

/** The reason for a disconnection that the server wanted. */
const LEFT_BY_SERVER: DisconnectReason = "io server disconnect";

/**
 * One namespace of the server: what an application emits events to, and listens to.
 *
 * ```ts
 * const socket = io();
 * socket.on("hello", (name) => console.log(name));
 * socket.emit("hello", "world");
 * ```
 *
 * @typeParam A - the application's events, as a single map or as those that the server emits
 * @typeParam B - the events that the client emits
 */
export class Socket<A extends EventsMap = DefaultEventsMap, B extends EventsMap = ClientToServer<A>>
  extends CatchAllEmitter<ServerToClient<A>, B, SocketReservedEvents>
  implements ClientLinkHandler
{
  /** The Manager, which keeps up the connection. */
  readonly io: Manager<A, B>;
  /** The namespace. */
  readonly nsp: string;
  /** The id of this socket on the server; `undefined` while it is not connected. */
  id: string | undefined;
  /** What the server is told at each connection, or the function that says so. */
  auth: SocketOptions["auth"];
  /** Whether the server, at the present connection, knew this socket and sent what it had missed. */
  recovered = false;
  /** @internal */ readonly $link: ClientLink;
  private readonly $options: SocketOptions;
  private readonly $retries: RetryQueue | undefined;
  private $active = false;
  private $flags = NO_FLAGS;
  /** By what the server recognises this socket after a lost connection, if it offers that. */
  private $privateId: string | undefined;
  /** Marks the last event received, for the server to know what was missed. */
  private $lastOffset: string | undefined;

  /** Applications call `io()` or `manager.socket()` instead. */
  constructor(io: Manager<A, B>, nsp: string, opts: SocketOptions = {}) {
    super(io.$clock);
    this.io = io;
    this.nsp = nsp;
    this.auth = opts.auth;
    this.$options = { ...opts };
    this.$link = new ClientLink(nsp, io.$uplink, this, { next: 0 });
    this.$retries = opts.retries ? new RetryQueue(this.$link, opts.retries) : undefined;
  }

  /** Whether the server has let this socket in. */
  get connected(): boolean {
    return this.$link.state === "connected";
  }

  /** Whether it has not. */
  get disconnected(): boolean {
    return !this.connected;
  }

  /** Whether this socket is connected or, as long as its Manager tries, will be. */
  get active(): boolean {
    return this.$active;
  }

  /** The events that wait for the socket to be connected. What is removed from the array is not sent. */
  get sendBuffer(): BufferedEvent[] {
    return this.$link.sendBuffer;
  }

  set sendBuffer(packets: BufferedEvent[]) {
    this.$link.sendBuffer = packets;
  }

  /** The arguments of the events that arrived before the server let the socket in. */
  get receiveBuffer(): readonly (readonly unknown[])[] {
    return this.$link.receiveBuffer;
  }

  // ── taking part ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Connects, and connects again whenever the connection was lost. */
  connect(): this {
    if (!this.connected) {
      this.$active = true;
      this.io.$enter(this);
    }
    return this;
  }

  /** Same as `connect`. */
  open(): this {
    return this.connect();
  }

  /** Leaves, and stays away until told to connect. The last socket of a Manager closes the connection. */
  disconnect(): this {
    const { connected } = this;
    this.$active = false;
    this.$link.disconnect();
    if (!connected) {
      this.io.$leave();
    }
    return this;
  }

  /** Same as `disconnect`. */
  close(): this {
    return this.disconnect();
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends an event. While the socket is not connected, the event waits.
   *
   * @param event - its name
   * @param args - anything that JSON can express, and binary data; a function at the end is called with the answer
   * @throws Error if the name belongs to the library, and what `JSON.stringify` throws
   */
  override emit<Name extends EventNames<B>>(event: Name, ...args: EventParams<B, Name>): this {
    const flags = this.$flags;
    // Used up by this event, even if it is refused.
    this.$flags = NO_FLAGS;
    assertEmittable(event);
    const data: unknown[] = [event, ...args];
    const callback = typeof data[data.length - 1] === "function" ? (data.pop() as ErrorFirstCallback) : undefined;
    const timeout = flags.timeout ?? this.$options.ackTimeout;
    if (this.$retries && !flags.volatile) {
      this.$retries.push(data as EventData, flags, timeout, callback);
    } else {
      const options = callback && { errorFirst: timeout !== undefined || callback.withError === true, timeout };
      this.$link.emit(data as EventData, flags, callback, options);
    }
    return this;
  }

  /**
   * Sends an event and waits for the answer.
   *
   * @returns the answer; rejects if it did not come in time or the socket was disconnected first
   */
  emitWithAck<Name extends EventNames<B>>(
    event: Name,
    ...args: AllButLast<EventParams<B, Name>>
  ): Promise<FirstArg<Last<EventParams<B, Name>>>> {
    return new Promise((resolve, reject) => {
      const callback: ErrorFirstCallback = (error, answer) =>
        error ? reject(error as Error) : resolve(answer as FirstArg<Last<EventParams<B, Name>>>);
      callback.withError = true;
      this.emit(event, ...([...args, callback] as unknown as EventParams<B, Name>));
    });
  }

  /** Sends an event of the name `message`. */
  send(...args: EventParams<B, "message" & EventNames<B>>): this {
    return this.emit("message" as "message" & EventNames<B>, ...args);
  }

  /** Says whether the next event may be compressed. */
  compress(compress: boolean): this {
    this.$flags = { ...this.$flags, compress };
    return this;
  }

  /** Makes the next event one that may be lost: it is not kept if it can't leave at once. */
  get volatile(): this {
    this.$flags = { ...this.$flags, volatile: true };
    return this;
  }

  /**
   * Limits the time for the answer to the next event. Its acknowledgement takes an error first.
   *
   * @param timeout - milliseconds
   */
  timeout(timeout: number): Socket<A, DecorateClientAcknowledgements<B>> {
    this.$flags = { ...this.$flags, timeout };
    return this as unknown as Socket<A, DecorateClientAcknowledgements<B>>;
  }

  // ── what the Manager tells ───────────────────────────────────────────────────────────────────────────────────

  /** @internal The connection is open: asks the server to let this socket in. */
  $join(): void {
    const { auth } = this;
    try {
      if (typeof auth === "function") {
        (auth as (callback: (data: Auth) => void) => void)((data) => this.$sendConnect(data));
      } else {
        this.$sendConnect(auth as Auth | undefined);
      }
    } catch (error) {
      this.onUserError(error);
    }
  }

  /** @internal The connection could not be made. */
  $onConnectError(error: Error): void {
    this.emitReserved("connect_error", error);
  }

  private $sendConnect(auth: Auth | undefined): void {
    // An answer that took its time may come when it is not wanted any more.
    if (this.$active && this.$link.state === "idle" && this.io._readyState === "open") {
      debug("%s asks to be let in", this.nsp);
      const pid = this.$privateId;
      this.$link.connect(pid ? { pid, offset: this.$lastOffset, ...auth } : auth);
    }
  }

  // ── what the link tells ──────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  onLinkWelcome({ sid, pid }: Welcome): void {
    this.id = sid;
    this.recovered = pid !== undefined && pid === this.$privateId;
    debug("%s is known again: %s", this.nsp, this.recovered);
    if (!this.recovered) {
      // It marks an event that the server does not connect with the new private id.
      this.$lastOffset = undefined;
    }
    this.$privateId = pid;
  }

  /** @internal */
  onLinkConnect(): void {
    debug("%s is connected as %s", this.nsp, this.id);
    this.$retries?.sendNext();
    this.emitReserved("connect");
  }

  /** @internal */
  onLinkRefused(error: Error): void {
    debug("%s was refused: %o", this.nsp, error.message);
    this.$active = false;
    this.io.$leave();
    this.emitReserved("connect_error", error);
  }

  /** @internal */
  onLinkLost(reason: DisconnectReason, cause?: Error): void {
    this.emitReserved("connect_error", cause ?? new Error(reason));
  }

  /** @internal */
  onLinkClose(reason: DisconnectReason, cause?: Error): void {
    debug("%s is disconnected: %s", this.nsp, reason);
    this.id = undefined;
    if (reason === LEFT_BY_SERVER) {
      this.$active = false;
    }
    if (!this.$active) {
      this.io.$leave();
    }
    this.emitReserved("disconnect", reason, cause);
  }

  /** @internal */
  onLinkEvent(data: EventData, ack: AckFunction | undefined): void {
    debug("%s received %o", this.nsp, data);
    const args = (ack ? [...data, ack] : data) as [event: string, ...args: unknown[]];
    this.$tellIncoming(args);
    if (this.$privateId) {
      const last = args[args.length - 1];
      this.$lastOffset = typeof last === "string" ? last : this.$lastOffset;
    }
  }

  /** @internal */
  onLinkOutgoing(data: EventData): void {
    debug("%s sends %o", this.nsp, data);
    this.$tellOutgoing(data as [event: string, ...args: unknown[]]);
  }
}

/** Types that belong to {@link Socket}. */
export declare namespace Socket {
  /** Why a socket was disconnected. */
  type DisconnectReason = Parameters<SocketReservedEvents["disconnect"]>[0];
}
