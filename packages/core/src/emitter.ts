/** The emitter of the client's objects, with the API of `component-emitter`. */

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

/** Called with the arguments of an event; `fn` is the listener that it stands for, if it does so for one call only. */
interface Listener {
  (...args: unknown[]): void;
  fn?: Listener;
}

/** Names are property keys: 1 and "1" are one event, as they are on the wire's other end. */
function nameOf(event: unknown): unknown {
  return typeof event === "number" ? `${event}` : event;
}

/** The listeners of any events, whatever their names. */
class NamedEmitter {
  private readonly $listeners = new Map<unknown, Listener[]>();

  on(event: unknown, listener: Listener): this {
    const listeners = this.listeners(event);
    listeners.push(listener);
    this.$listeners.set(nameOf(event), listeners);
    return this;
  }

  once(event: unknown, listener: Listener): this {
    const once: Listener = (...args) => {
      this.off(event, once);
      listener.apply(this, args);
    };
    once.fn = listener;
    return this.on(event, once);
  }

  off(...args: unknown[]): this {
    if (args.length === 0) {
      this.$listeners.clear();
    } else if (!args.includes(undefined)) {
      // A listener that was never there is not a missing argument: the others stay.
      this.$remove(args[0], args[1]);
    }
    return this;
  }

  emit(event: unknown, ...args: unknown[]): this {
    // A copy: a listener may remove itself.
    for (const listener of [...this.listeners(event)]) {
      listener.apply(this, args);
    }
    return this;
  }

  listeners(event: unknown): Listener[] {
    return this.$listeners.get(nameOf(event)) ?? [];
  }

  listenerCount(event?: unknown): number {
    const listeners = event ? this.listeners(event) : [...this.$listeners.values()].flat();
    return listeners.length;
  }

  hasListeners(event?: unknown): boolean {
    return this.listenerCount(event) > 0;
  }

  private $remove(event: unknown, listener: unknown): void {
    const listeners = this.listeners(event);
    const index = listeners.findIndex((candidate) => candidate === listener || candidate.fn === listener);
    if (listener && index !== -1) {
      listeners.splice(index, 1);
    }
    if (!listener || listeners.length === 0) {
      this.$listeners.delete(nameOf(event));
    }
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
    super.emit(event as never, ...(args as EventParams<Emit, never>));
  }
}
