import type { IncomingMessage } from "node:http";
import type { HttpCompressionOptions } from "./compression.ts";
import { DEFAULTS as COOKIE_DEFAULTS, type CookieOptions } from "./cookie.ts";
import type { CorsDelegate, CorsOptions } from "./cors.ts";
import { DefaultWebSocketEngine, type PerMessageDeflateOptions, type WebSocketEngineConstructor } from "./ws-door.ts";

/** The transports that a server can offer. */
export type TransportName = "polling" | "websocket" | "webtransport";

/** Options of the engine: how sessions begin, stay alive, and what they may carry. */
export interface EngineOptions {
  /** Milliseconds from a pong to the next ping. Default: 25,000. */
  pingInterval?: number;
  /** Milliseconds within which a ping must be answered. Default: 20,000. */
  pingTimeout?: number;
  /** Milliseconds within which an upgrade must be over. Default: 10,000. */
  upgradeTimeout?: number;
  /** The largest message, in bytes: a POST's body, or a WebSocket frame. Default: 1,000,000. */
  maxHttpBufferSize?: number;
  /**
   * Decides whether a client may begin a session. Called for handshakes only, not for further requests of a session.
   * The first argument of the callback is the message for a client that is kept out.
   */
  allowRequest?: (
    request: IncomingMessage,
    callback: (error: string | null | undefined, success: boolean) => void,
  ) => void;
  /**
   * What clients may use. `"webtransport"` needs an HTTP/3 server beside, see {@link Engine.onWebTransportSession}. Default:
   * `["polling", "websocket"]`.
   */
  transports?: TransportName[];
  /** Whether a session may move from polling to another transport. Default: true. */
  allowUpgrades?: boolean;
  /** Compression of WebSocket messages. Default: false. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions;
  /** Compression of polling responses: `true` or options switch it on. Default: from 1,024 bytes on. */
  httpCompression?: boolean | HttpCompressionOptions;
  /** The class that serves WebSockets. Default: that of `ws`. */
  wsEngine?: WebSocketEngineConstructor;
  /** A message that every session is sent as soon as it is open. Default: none. */
  initialPacket?: string | ArrayBufferView;
  /** Whether handshakes set a cookie that holds the session id, and which. Default: false. */
  cookie?: CookieOptions | boolean;
  /** Whether clients of Socket.IO 1 and 2 may connect, who speak revision 3 of Engine.IO. Default: false. */
  allowEIO3?: boolean;
  /** Which pages of other origins may connect. Default: none. */
  cors?: CorsOptions | CorsDelegate;
}

/** Options of attaching to an HTTP server. */
export interface AttachOptions {
  /** Where the engine listens. Default: `/engine.io`, and `/socket.io` for a `Server`. */
  path?: string;
  /** Whether the path ends in a slash. Default: true. */
  addTrailingSlash?: boolean;
  /** Whether upgrade requests that nobody takes are ended. Default: true. */
  destroyUpgrade?: boolean;
  /** Milliseconds after which they are. Default: 1,000. */
  destroyUpgradeTimeout?: number;
}

/** What the options are where they are not given. */
const DEFAULTS = {
  wsEngine: DefaultWebSocketEngine,
  pingTimeout: 20_000,
  pingInterval: 25_000,
  upgradeTimeout: 10_000,
  maxHttpBufferSize: 1_000_000,
  transports: ["polling", "websocket"],
  allowUpgrades: true,
  httpCompression: { threshold: 1024 },
  cors: false,
  allowEIO3: false,
} satisfies EngineOptions & { cors: CorsOptions | CorsDelegate | false };

/** Engine options with their defaults. What is changed counts for sessions that begin afterwards. */
export interface ResolvedEngineOptions
  extends
    Required<Omit<EngineOptions, "allowRequest" | "initialPacket" | "cors" | "cookie" | "perMessageDeflate">>,
    Pick<EngineOptions, "allowRequest" | "initialPacket"> {
  cors: CorsOptions | CorsDelegate | false;
  cookie?: CookieOptions | false;
  perMessageDeflate?: PerMessageDeflateOptions | false;
}

/**
 * Fills in the defaults; an option with a default that is `undefined` or `null` counts as absent. What is no option of the engine is left
 * as it is, for applications that look for it.
 *
 * @throws TypeError if an option that is a number is something else
 */
export function resolveEngineOptions(options: EngineOptions): ResolvedEngineOptions {
  const resolved: Record<string, unknown> = { ...options };
  for (const [name, value] of Object.entries(DEFAULTS)) {
    if (typeof value === "number") {
      resolved[name] = numberOf(options as Partial<Record<string, number>>, name) ?? value;
    } else {
      resolved[name] ??= Array.isArray(value) ? [...value] : value;
    }
  }
  const { cookie, perMessageDeflate } = options;
  if (cookie) {
    resolved["cookie"] = withDefaults(COOKIE_DEFAULTS, cookie);
  }
  if (perMessageDeflate) {
    resolved["perMessageDeflate"] = withDefaults({ threshold: 1024 }, perMessageDeflate);
  }
  return resolved as unknown as ResolvedEngineOptions;
}

/**
 * An option that is a number. It may be text that says one, as all is that comes from the environment of a process.
 *
 * @throws TypeError if it is anything else
 */
export function numberOf<Name extends string>(
  options: { readonly [Key in Name]?: number | undefined },
  name: Name,
): number | undefined {
  const value: unknown = options[name] ?? undefined;
  if (value === undefined || typeof value === "number") {
    return value;
  }
  const number = typeof value === "string" && value.trim() ? Number(value) : NaN;
  if (Number.isNaN(number)) {
    throw new TypeError(`the option \`${name}\` must be a number, and is ${JSON.stringify(value)}`);
  }
  return number;
}

/** The option `httpCompression` with its threshold. */
export function compressionOf(option: boolean | HttpCompressionOptions): HttpCompressionOptions | false {
  return option && withDefaults<HttpCompressionOptions>(DEFAULTS.httpCompression, option);
}

function withDefaults<Options extends object>(defaults: Options, given: true | Options): Options {
  return given === true ? { ...defaults } : { ...defaults, ...given };
}
