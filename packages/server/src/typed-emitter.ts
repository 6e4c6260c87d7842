/**
 * The emitter of the server's objects: Node's, with the events typed.
 */

import { EventEmitter } from "node:events";
import type {
  EventNames,
  EventParams,
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
  TypedEventBroadcaster,
  TypedListening,
} from "@hawser/core";

/**
 * An object of the server that has listeners. Its `emit` calls them, unless a subclass makes it send.
 *
 * The rest of Node's API (`off`, `prependListener`, `listenerCount`, …) is inherited, and takes any event, as in Socket.IO.
 *
 * @typeParam Listen - the events that the application listens to
 * @typeParam Emit - the events that the application emits
 * @typeParam Reserved - the events that the library emits itself
 */
export abstract class TypedEventEmitter<
  Listen extends EventsMap,
  Emit extends EventsMap,
  Reserved extends EventsMap = {},
>
  extends EventEmitter
  implements TypedListening<Listen, Reserved>, TypedEventBroadcaster<Emit>
{
  constructor() {
    // The promise of an `async` listener is watched: its rejection is handled like an exception.
    super({ captureRejections: true });
  }

  /**
   * Calls `listener` whenever `event` occurs.
   *
   * @param event - the name of the event
   * @param listener - called with the event's arguments
   */
  override on<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event: Name,
    listener: ReservedOrUserListener<Reserved, Listen, Name>,
  ): this {
    return super.on(event, listener);
  }

  /**
   * Calls `listener` the next time that `event` occurs, and not again.
   *
   * @param event - the name of the event
   * @param listener - called with the event's arguments
   */
  override once<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event: Name,
    listener: ReservedOrUserListener<Reserved, Listen, Name>,
  ): this {
    return super.once(event, listener);
  }

  /**
   * Emits an event of the application.
   *
   * @param event - the name of the event
   * @param args - the event's arguments
   * @returns whether there was a listener
   */
  override emit<Name extends EventNames<Emit>>(event: Name, ...args: EventParams<Emit, Name>): boolean {
    return super.emit(event, ...args);
  }

  /**
   * Returns the listeners of an event, in the order in which they are called.
   *
   * @param event - the name of the event
   */
  override listeners<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event: Name,
  ): ReservedOrUserListener<Reserved, Listen, Name>[] {
    return super.listeners(event) as ReservedOrUserListener<Reserved, Listen, Name>[];
  }

  /** Calls the listeners of an event of the library. */
  protected emitReserved<Name extends EventNames<Reserved>>(
    event: Name,
    ...args: EventParams<Reserved, Name>
  ): boolean {
    return super.emit(event, ...args);
  }

  /** Calls the listeners of an event that a peer named. */
  protected emitUntyped(event: string | number, ...args: unknown[]): boolean {
    return super.emit(event as string, ...args);
  }

  /**
   * @internal The promise of an `async` listener was rejected.
   *
   * @param error - why
   * @param event - what it listened to
   * @param args - what it was called with
   */
  abstract onRejection(error: unknown, event: string, args: unknown[]): void;
}

// Node calls this method of an emitter that watches its listeners' promises.
Object.defineProperty(TypedEventEmitter.prototype, Symbol.for("nodejs.rejection"), {
  configurable: true,
  writable: true,
  value(this: TypedEventEmitter<EventsMap, EventsMap>, error: unknown, event: string, ...args: unknown[]): void {
    this.onRejection(error, event, args);
  },
});
