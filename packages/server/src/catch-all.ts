import type { EventsMap } from "@hawser/core";
import type { Anything } from "./anything.ts";
import { TypedEventEmitter } from "./typed-emitter.ts";
import type { UserErrorContext, UserErrors } from "./user-errors.ts";

/** Receives every event: its name, then its arguments. */
export type CatchAllListener = (event: Anything, ...args: Anything[]) => void;

/** The catch-all listeners of one direction. */
class CatchAll {
  /** The listeners, in the order in which they are called. */
  listeners: CatchAllListener[] = [];

  append(listener: CatchAllListener): void {
    this.listeners.push(listener);
  }

  prepend(listener: CatchAllListener): void {
    this.listeners.unshift(listener);
  }

  /** Removes the first occurrence of `listener`; without an argument, all listeners. */
  remove(listener?: CatchAllListener): void {
    this.listeners = listener ? withoutFirst(this.listeners, listener) : [];
  }

  /**
   * Calls those that are there now; changes they make to the list count from the next event.
   *
   * @param userErrors - told of what one throws, or rejects with; the others are called all the same
   * @param context - where that came from
   */
  notify(event: readonly unknown[], userErrors: UserErrors, context: UserErrorContext): void {
    for (const listener of [...this.listeners]) {
      try {
        userErrors.watch(context, listener(...(event as [unknown, ...unknown[]])));
      } catch (error) {
        userErrors.report(error, context);
      }
    }
  }
}

/**
 * An object with listeners for every event, whatever its name, in either direction.
 *
 * @typeParam Listen - the events that the application listens to
 * @typeParam Emit - the events that the application emits
 * @typeParam Reserved - the events that the library emits itself
 */
export abstract class CatchAllEmitter<
  Listen extends EventsMap,
  Emit extends EventsMap,
  Reserved extends EventsMap,
> extends TypedEventEmitter<Listen, Emit, Reserved> {
  #incoming: CatchAll | undefined;
  #outgoing: CatchAll | undefined;

  /** Adds a listener for every event that arrives, whatever its name. */
  onAny(listener: CatchAllListener): this {
    (this.#incoming ??= new CatchAll()).append(listener);
    return this;
  }

  /** Adds a listener for every event that arrives, before those that are there. */
  prependAny(listener: CatchAllListener): this {
    (this.#incoming ??= new CatchAll()).prepend(listener);
    return this;
  }

  /** Removes a listener added by `onAny`; without an argument, all of them. */
  offAny(listener?: CatchAllListener): this {
    this.#incoming?.remove(listener);
    return this;
  }

  /** The listeners added by `onAny`. */
  listenersAny(): CatchAllListener[] {
    return (this.#incoming ??= new CatchAll()).listeners;
  }

  /** Adds a listener for every event that is sent to this client, broadcasts included. */
  onAnyOutgoing(listener: CatchAllListener): this {
    (this.#outgoing ??= new CatchAll()).append(listener);
    return this;
  }

  /** Adds a listener for every event that is sent, before those that are there. */
  prependAnyOutgoing(listener: CatchAllListener): this {
    (this.#outgoing ??= new CatchAll()).prepend(listener);
    return this;
  }

  /** Removes a listener added by `onAnyOutgoing`; without an argument, all of them. */
  offAnyOutgoing(listener?: CatchAllListener): this {
    this.#outgoing?.remove(listener);
    return this;
  }

  /** The listeners added by `onAnyOutgoing`. */
  listenersAnyOutgoing(): CatchAllListener[] {
    return (this.#outgoing ??= new CatchAll()).listeners;
  }

  /** Whether anybody wants to hear of what arrives. */
  protected get watchesIncoming(): boolean {
    return this.#incoming !== undefined;
  }

  /** Whether anybody wants to hear of what is sent. */
  protected get watchesOutgoing(): boolean {
    return this.#outgoing !== undefined;
  }

  protected notifyIncoming(event: readonly unknown[], userErrors: UserErrors, context: UserErrorContext): void {
    this.#incoming?.notify(event, userErrors, context);
  }

  protected notifyOutgoing(event: readonly unknown[], userErrors: UserErrors, context: UserErrorContext): void {
    this.#outgoing?.notify(event, userErrors, context);
  }
}

function withoutFirst<T>(items: T[], item: T): T[] {
  const index = items.indexOf(item);
  return index === -1 ? items : [...items.slice(0, index), ...items.slice(index + 1)];
}
