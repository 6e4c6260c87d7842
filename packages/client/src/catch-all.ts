import type { EventsMap } from "@hawser/core";
import { GuardedEmitter } from "./user-code.ts";

/** Called with the name of any event and its arguments. */
// oxlint-disable-next-line typescript/no-explicit-any -- what the arguments are is for the application to know
export type AnyListener = (event: string, ...args: any[]) => void;

/** Listeners for every event, whatever its name: of those that arrive, and of those that are sent. */
export class CatchAllEmitter<
  Listen extends EventsMap,
  Emit extends EventsMap,
  Reserved extends EventsMap,
> extends GuardedEmitter<Listen, Emit, Reserved> {
  private readonly $incoming: AnyListener[] = [];
  private readonly $outgoing: AnyListener[] = [];

  /** Adds a listener for every event that arrives. It is called before the event's own listeners. */
  onAny(listener: AnyListener): this {
    this.$incoming.push(listener);
    return this;
  }

  /** Adds a listener for every event that arrives, to be called before all others. */
  prependAny(listener: AnyListener): this {
    this.$incoming.unshift(listener);
    return this;
  }

  /** Removes a listener for every event that arrives; without an argument, all of them. */
  offAny(listener?: AnyListener): this {
    remove(this.$incoming, listener);
    return this;
  }

  /** The listeners for every event that arrives. The array may be changed. */
  listenersAny(): AnyListener[] {
    return this.$incoming;
  }

  /** Adds a listener for every event that is sent. Acknowledgements are not events. */
  onAnyOutgoing(listener: AnyListener): this {
    this.$outgoing.push(listener);
    return this;
  }

  /** Adds a listener for every event that is sent, to be called before all others. */
  prependAnyOutgoing(listener: AnyListener): this {
    this.$outgoing.unshift(listener);
    return this;
  }

  /** Removes a listener for every event that is sent; without an argument, all of them. */
  offAnyOutgoing(listener?: AnyListener): this {
    remove(this.$outgoing, listener);
    return this;
  }

  /** The listeners for every event that is sent. The array may be changed. */
  listenersAnyOutgoing(): AnyListener[] {
    return this.$outgoing;
  }

  /** Tells all listeners of an event that arrived. */
  protected $tellIncoming(args: [event: string, ...args: unknown[]]): void {
    try {
      this.$tell(this.$incoming, args);
      this.emitUntyped(...args);
    } catch (error) {
      this.onUserError(error);
    }
  }

  /** Tells the listeners of an event that is sent. */
  protected $tellOutgoing(args: [event: string, ...args: unknown[]]): void {
    try {
      this.$tell(this.$outgoing, args);
    } catch (error) {
      this.onUserError(error);
    }
  }

  private $tell(listeners: readonly AnyListener[], args: [event: string, ...args: unknown[]]): void {
    if (listeners.length > 0) {
      // A copy: a listener may remove itself.
      for (const listener of [...listeners]) {
        listener.apply(this, args);
      }
    }
  }
}

function remove(listeners: AnyListener[], listener: AnyListener | undefined): void {
  if (listener) {
    const index = listeners.indexOf(listener);
    if (index !== -1) {
      listeners.splice(index, 1);
    }
  } else {
    listeners.length = 0;
  }
}
