/** Node.js. The one door of the client to `ws` and to Node's own modules. */

import * as http from "node:http";
import * as https from "node:https";
import { WebSocket, type ClientOptions } from "ws";
import type { EngineOptions } from "../options.ts";
import { CookieJar } from "./node-cookies.ts";
import type { HttpResponse, Network, Runtime, WebSocketLike } from "./runtime.ts";
import { createTimers } from "./time.ts";
import { openWebTransport } from "./webtransport.ts";

const httpAgent = new http.Agent({ keepAlive: true });
const httpsAgent = new https.Agent({ keepAlive: true });

/** The options for `https.request` and `ws` alike, beside `rejectUnauthorized`. */
const TLS_OPTIONS = ["pfx", "key", "passphrase", "cert", "ca", "ciphers", "checkServerIdentity"] as const;

/** The options for `ws` alone. */
const WEBSOCKET_OPTIONS = [
  "localAddress",
  "family",
  "protocolVersion",
  "origin",
  "maxPayload",
  "perMessageDeflate",
] as const;

/** The options of those names that were given. */
function pick<Name extends keyof EngineOptions>(options: EngineOptions, names: readonly Name[]): object {
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}

/** The options of TLS that were given, where null is nothing. */
function pickTls(options: EngineOptions): object {
  return Object.fromEntries(Object.entries(pick(options, TLS_OPTIONS)).filter(([, value]) => value !== null));
}

/** Whether the server's certificate is checked: nothing but `false` says no, neither null nor the environment. */
function mustBeAuthorized({ rejectUnauthorized }: EngineOptions): boolean {
  return rejectUnauthorized !== false;
}

class NodeNetwork implements Network {
  readonly openWebTransport: Network["openWebTransport"] = openWebTransport;
  readonly #cookies = new CookieJar();
  #ownHttpsAgent: https.Agent | undefined;

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
    const tls = pickTls(options);
    const headers: Record<string, string> = { Accept: "*/*", ...this.#headers(options) };
    if (body !== undefined) {
      headers["Content-Type"] = "text/plain;charset=UTF-8";
      headers["Content-Length"] = `${Buffer.byteLength(body)}`;
    }
    const fail = (error: unknown): void => finish({ status: 0, responseText: "", error });
    const send = (): http.ClientRequest => {
      const sent = (secure ? https : http).request(url, {
        method: body === undefined ? "GET" : "POST",
        headers,
        agent: (agent || (secure ? this.#httpsAgentFor(tls) : httpAgent)) as http.Agent,
        ...tls,
        rejectUnauthorized: mustBeAuthorized(options),
      });
      sent.on("response", (response) => {
        if (withCredentials) {
          this.#cookies.receive(response.headers["set-cookie"]);
        }
        let responseText = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (responseText += chunk));
        response.on("end", () => finish({ status: response.statusCode ?? 0, responseText }));
        response.on("error", fail);
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        if (sent.reusedSocket && error.code === "ECONNRESET" && !finished) {
          // The server closed the idle connection at the very moment when it was used again.
          request = send();
        } else {
          fail(error);
        }
      });
      if (autoUnref) {
        sent.on("socket", (socket) => socket.unref());
      }
      sent.end(body);
      return sent;
    };
    let request: http.ClientRequest | undefined;
    try {
      request = send();
    } catch (error) {
      // Options that Node.js has no use for.
      defer(() => fail(error));
    }
    return () => {
      finished = true;
      request?.destroy();
    };
  }

  openWebSocket(url: string, options: EngineOptions): WebSocketLike {
    const { agent, autoUnref, protocols } = options;
    const socket = new WebSocket(url, protocols, {
      ...pickTls(options),
      rejectUnauthorized: mustBeAuthorized(options),
      ...pick(options, WEBSOCKET_OPTIONS),
      ...(agent ? { agent: agent as http.Agent } : {}),
      headers: this.#headers(options),
    } satisfies ClientOptions);
    if (autoUnref) {
      socket.on("upgrade", (response) => response.socket.unref());
    }
    return socket as unknown as WebSocketLike;
  }

  /**
   * An agent lets requests of equal options share connections, and does not compare all of them: `checkServerIdentity`, for
   * one. Nobody else may use a connection that was made with such options, nor resume its TLS session.
   */
  #httpsAgentFor(tls: object): https.Agent {
    return Object.keys(tls).length === 0 ? httpsAgent : (this.#ownHttpsAgent ??= new https.Agent({ keepAlive: true }));
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
