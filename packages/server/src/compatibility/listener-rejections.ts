import { EventEmitter } from "node:events";
import type { AdapterLike } from "@hawser/adapter";

/**
 * Watches the promises of an adapter's `async` listeners, where it does not do so itself: the emitters of adapters that were written for
 * Socket.IO leave them alone, so that a rejection would end the process.
 *
 * @param onRejection - told of a rejection, and what event it was that the listener was told of
 */
export function watchListeners(adapter: AdapterLike, onRejection: (error: unknown, event: string) => void): void {
  if (adapter instanceof EventEmitter && !(EventEmitter.captureRejectionSymbol in adapter)) {
    // The constructor, run again, says how listeners are called, and leaves those that are there alone.
    Reflect.apply(EventEmitter, adapter, [{ captureRejections: true }]);
    Object.defineProperty(adapter, EventEmitter.captureRejectionSymbol, { value: onRejection, configurable: true });
  }
}
