import type { EngineOptions } from "../options.ts";
import type { WebTransportLike } from "./runtime.ts";

/**
 * Opens a WebTransport session, where there is such a class: in most browsers, and in Node.js if the application has put one
 * among the globals.
 *
 * @throws ReferenceError if there is none
 */
export function openWebTransport(url: string, { transportOptions }: EngineOptions): WebTransportLike {
  return new WebTransport(url, transportOptions?.["webtransport"] as WebTransportOptions | undefined);
}
