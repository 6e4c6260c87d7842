/** Receives every event: its name, then its arguments. */
export type CatchAllListener = (event: any, ...args: any[]) => void;

/** The catch-all listeners of one direction. */
export class CatchAll {
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

  /** Calls those that are there now; changes they make to the list count from the next event. */
  notify(event: readonly unknown[]): void {
    for (const listener of [...this.listeners]) {
      listener(...(event as [unknown, ...unknown[]]));
    }
  }
}

function withoutFirst<T>(items: T[], item: T): T[] {
  const index = items.indexOf(item);
  return index === -1 ? items : [...items.slice(0, index), ...items.slice(index + 1)];
}
