/**
 * The emitter of the client's objects, and the one door to `component-emitter`.
 */

import ComponentEmitter from "component-emitter";
import type {
  EventNames,
  EventParams,
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
  TypedListening,
} from "./events.ts";

/**
 * The API of `component-emitter`, typed.
 *
 * @typeParam Listen - the events that the application listens to
 * @typeParam Emit - the events that the application emits
 * @typeParam Reserved - the events that the library emits itself
 */
export interface EmitterMethods<
  Listen extends EventsMap,
  Emit extends EventsMap,
  Reserved extends EventsMap,
> extends TypedListening<Listen, Reserved> {
  /** Same as `on`. */
  addEventListener<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event: Name,
    listener: ReservedOrUserListener<Reserved, Listen, Name>,
  ): this;
  /**
   * Removes listeners. An argument that is `undefined` removes nothing.
   *
   * @param event - the name of the event; without it, all listeners of all events are removed
   * @param listener - the one to remove; without it, all listeners of the event are removed
   */
  off<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event?: Name,
    listener?: ReservedOrUserListener<Reserved, Listen, Name>,
  ): this;
  /** Same as `off`. */
  removeListener<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event?: Name,
    listener?: ReservedOrUserListener<Reserved, Listen, Name>,
  ): this;
  /** Same as `off`. */
  removeEventListener<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event?: Name,
    listener?: ReservedOrUserListener<Reserved, Listen, Name>,
  ): this;
  /** Removes all listeners of `event`; without an event, all listeners. */
  removeAllListeners<Name extends ReservedOrUserEventNames<Reserved, Listen>>(event?: Name): this;
  /** Returns how many listeners `event` has; without an event, how many there are. */
  listenerCount<Name extends ReservedOrUserEventNames<Reserved, Listen>>(event?: Name): number;
  /** Whether `event` has listeners; without an event, whether there are any. */
  hasListeners<Name extends ReservedOrUserEventNames<Reserved, Listen>>(event?: Name): boolean;
  /**
   * Emits `event`.
   *
   * @param event - the name of the event
   * @param args - the event's arguments; an acknowledgement comes last
   */
  emit<Name extends EventNames<Emit>>(event: Name, ...args: EventParams<Emit, Name>): this;
}

/** What `component-emitter` makes of names and listeners, whatever they are. */
interface UntypedEmitter {
  on(event: unknown, listener: unknown): this;
  off(...args: unknown[]): this;
  listeners(event: unknown): unknown[];
}

/** Names are property keys: 1 and "1" are one event, as they are on the wire's other end. */
function nameOf(event: unknown): unknown {
  return typeof event === "number" ? `${event}` : event;
}

/** `component-emitter` as applications of Socket.IO know it: they count on what its second version changed. */
class NamedEmitter extends (ComponentEmitter as unknown as new () => UntypedEmitter) {
  override on(event: unknown, listener: unknown): this {
    return super.on(nameOf(event), listener);
  }

  override off(...args: unknown[]): this {
    // A listener that was never there is not a missing argument: the others stay.
    return args.includes(undefined) ? this : super.off(...args.map(nameOf));
  }

  override listeners(event: unknown): unknown[] {
    return super.listeners(nameOf(event));
  }
}

const { on, off } = NamedEmitter.prototype;
Object.assign(NamedEmitter.prototype, {
  addEventListener: on,
  removeListener: off,
  removeEventListener: off,
  removeAllListeners: off,
});

type EmitterConstructor = new <
  Listen extends EventsMap,
  Emit extends EventsMap,
  Reserved extends EventsMap,
>() => EmitterMethods<Listen, Emit, Reserved>;

const Base: EmitterConstructor = NamedEmitter as unknown as EmitterConstructor;

/**
 * An object of the client that has listeners. Its `emit` calls them, unless a subclass makes it send.
 *
 * @typeParam Listen - the events that the application listens to
 * @typeParam Emit - the events that the application emits
 * @typeParam Reserved - the events that the library emits itself
 */
export class Emitter<Listen extends EventsMap, Emit extends EventsMap, Reserved extends EventsMap = {}> extends Base<
  Listen,
  Emit,
  Reserved
> {
  /** Calls the listeners of an event of the library. */
  protected emitReserved<Name extends EventNames<Reserved>>(event: Name, ...args: EventParams<Reserved, Name>): void {
    super.emit(event as never, ...args);
  }

  /** Calls the listeners of an event that the peer named. */
  protected emitUntyped(event: string | number, ...args: unknown[]): void {
    super.emit(nameOf(event) as never, ...(args as EventParams<Emit, never>));
  }
}
