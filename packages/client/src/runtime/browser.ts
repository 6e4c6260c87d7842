import type { Network, PageLocation, Runtime, WebSocketLike } from "./runtime.ts";
import type { EngineOptions } from "../options.ts";
import { now } from "./now.ts";

/** React Native takes headers as a third argument, which browsers do not look at. */
type WebSocketConstructor = new (
  url: string,
  protocols: string | string[] | undefined,
  options: { headers: EngineOptions["extraHeaders"] },
) => WebSocketLike;

function createNetwork(options: EngineOptions): Network {
  const { extraHeaders, withCredentials, protocols } = options;
  return {
    request(url, body, done) {
      const controller = new AbortController();
      const { signal } = controller;
      const credentials = withCredentials ? "include" : "same-origin";
      const init: RequestInit =
        body === undefined
          ? { credentials, signal, headers: { ...extraHeaders } }
          : {
              credentials,
              signal,
              method: "POST",
              body,
              headers: { "Content-type": "text/plain;charset=UTF-8", ...extraHeaders },
            };
      const answer = (status: number, responseText: string): void => {
        if (!signal.aborted) {
          done({ status, responseText });
        }
      };
      fetch(url, init)
        .then(async (response) => [response.status, await response.text()] as const)
        .catch(() => [0, ""] as const)
        .then((result) => answer(...result));
      return () => controller.abort();
    },
    openWebSocket: (url) =>
      new (WebSocket as unknown as WebSocketConstructor)(url, protocols, { headers: extraHeaders }),
  };
}
