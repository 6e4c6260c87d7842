/** Node.js. The one door of the client to `ws` and to Node's own modules. */

import * as http from "node:http";
import * as https from "node:https";
import { WebSocket, type ClientOptions } from "ws";
import type { EngineOptions } from "../options.ts";
import { CookieJar } from "./node-cookies.ts";
import type { HttpResponse, Network, Runtime, WebSocketLike } from "./runtime.ts";
import { createTimers } from "./time.ts";
import { openWebTransport } from "./webtransport.ts";

const NO_RESPONSE: HttpResponse = { status: 0, responseText: "" };

const httpAgent = new http.Agent({ keepAlive: true });
const httpsAgent = new https.Agent({ keepAlive: true });

/** The options for `https.request` and `ws` alike. */
const TLS_OPTIONS = [
  "pfx",
  "key",
  "passphrase",
  "cert",
  "ca",
  "ciphers",
  "rejectUnauthorized",
  "checkServerIdentity",
] as const;

/** The options for `ws` alone. */
const WEBSOCKET_OPTIONS = ["localAddress", "family", "origin", "maxPayload", "perMessageDeflate"] as const;

/** The options of those names that were given. */
function pick<Name extends keyof EngineOptions>(options: EngineOptions, names: readonly Name[]): object {
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}

class NodeNetwork implements Network {
  readonly openWebTransport: Network["openWebTransport"] = openWebTransport;
  readonly #cookies = new CookieJar();

  request(
    url: string,
    options: EngineOptions,
    body: string | undefined,
    done: (response: HttpResponse) => void,
  ): () => void {
    let finished = false;
    const finish = (response: HttpResponse): void => {
      if (!finished) {
        finished = true;
        done(response);
      }
    };
    const { agent, autoUnref, withCredentials } = options;
    const secure = url.startsWith("https:");
    const headers: Record<string, string> = { Accept: "*/*", ...this.#headers(options) };
    if (body !== undefined) {
      headers["Content-Type"] = "text/plain;charset=UTF-8";
      headers["Content-Length"] = `${Buffer.byteLength(body)}`;
    }
    const send = (): http.ClientRequest => {
      const sent = (secure ? https : http).request(url, {
        method: body === undefined ? "GET" : "POST",
        headers,
        agent: (agent || (secure ? httpsAgent : httpAgent)) as http.Agent,
        ...pick(options, TLS_OPTIONS),
      });
      sent.on("response", (response) => {
        if (withCredentials) {
          this.#cookies.receive(response.headers["set-cookie"]);
        }
        let responseText = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (responseText += chunk));
        response.on("end", () => finish({ status: response.statusCode ?? 0, responseText }));
        response.on("error", () => finish(NO_RESPONSE));
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        if (sent.reusedSocket && error.code === "ECONNRESET" && !finished) {
          // The server closed the idle connection at the very moment when it was used again.
          request = send();
        } else {
          finish(NO_RESPONSE);
        }
      });
      if (autoUnref) {
        sent.on("socket", (socket) => socket.unref());
      }
      sent.end(body);
      return sent;
    };
    let request = send();
    return () => {
      finished = true;
      request.destroy();
    };
  }

  openWebSocket(url: string, options: EngineOptions): WebSocketLike {
    const { agent, autoUnref, protocols } = options;
    const socket = new WebSocket(url, protocols, {
      ...pick(options, TLS_OPTIONS),
      ...pick(options, WEBSOCKET_OPTIONS),
      ...(agent ? { agent: agent as http.Agent } : {}),
      headers: this.#headers(options),
    } satisfies ClientOptions);
    if (autoUnref) {
      socket.on("upgrade", (response) => response.socket.unref());
    }
    return socket as unknown as WebSocketLike;
  }

  #headers({ extraHeaders, withCredentials }: EngineOptions): Record<string, string> {
    const kept = withCredentials && this.#cookies.header();
    if (!kept) {
      return { ...extraHeaders };
    }
    const others = Object.entries(extraHeaders ?? {});
    const own = others.filter(([name]) => name.toLowerCase() === "cookie").map(([, value]) => value);
    return {
      ...Object.fromEntries(others.filter(([name]) => name.toLowerCase() !== "cookie")),
      Cookie: [...own, kept].join("; "),
    };
  }
}

/** As it was before a test could replace it: what is deferred is no matter of time. */
const defer = process.nextTick;

export const runtime: Runtime = {
  // There is one in a simulated page.
  location: globalThis.location,
  binaryType: "nodebuffer",
  createClock(options) {
    const timers = createTimers(options);
    return {
      ...timers,
      setTimer(callback, delay) {
        const timer = timers.setTimer(callback, delay);
        return options.autoUnref ? (timer as NodeJS.Timeout).unref() : timer;
      },
      defer: (callback) => defer(callback),
    };
  },
  createNetwork: () => new NodeNetwork(),
  onPageEvent: () => () => {},
};
