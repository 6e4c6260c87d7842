/** Browsers, workers, React Native: whatever has `fetch` and `WebSocket`. */

import type { EngineOptions } from "../options.ts";
import type { Runtime, WebSocketLike } from "./runtime.ts";
import { createTimers } from "./time.ts";
import { openWebTransport } from "./webtransport.ts";

/** React Native takes headers as a third argument, which browsers do not look at. */
type WebSocketConstructor = new (
  url: string,
  protocols: string | string[] | undefined,
  options: { headers: EngineOptions["extraHeaders"] },
) => WebSocketLike;

/** As it was before a test could replace it: what is deferred is no matter of time. */
const defer = queueMicrotask;

export const runtime: Runtime = {
  location: globalThis.location,
  binaryType: "arraybuffer",
  createClock: (options) => ({ ...createTimers(options), defer: (callback) => defer(callback) }),
  createNetwork: () => ({
    request(url, { extraHeaders, withCredentials }, body, done) {
      const controller = new AbortController();
      const { signal } = controller;
      // The content type of a body that is a string is `text/plain;charset=UTF-8`, which needs no CORS preflight.
      const init: RequestInit = {
        method: body === undefined ? "GET" : "POST",
        body: body ?? null,
        credentials: withCredentials ? "include" : "same-origin",
        signal,
      };
      if (extraHeaders) {
        init.headers = extraHeaders;
      }
      void fetch(url, init)
        .then(async (response) => ({ status: response.status, responseText: await response.text() }))
        .catch((error: unknown) => ({ status: 0, responseText: "", error }))
        .then((response) => signal.aborted || done(response));
      return () => controller.abort();
    },
    openWebSocket: (url, { protocols, extraHeaders }) =>
      new (WebSocket as unknown as WebSocketConstructor)(url, protocols, { headers: extraHeaders }),
    openWebTransport,
  }),
  onPageEvent(event, listener) {
    const target: Partial<EventTarget> = globalThis;
    target.addEventListener?.(event, listener);
    return () => target.removeEventListener?.(event, listener);
  },
};
