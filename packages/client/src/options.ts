import type { Parser } from "@hawser/core";
import type { TransportConstructor } from "./transports/transport-context.ts";

/** A key, certificate or secret as Node.js takes it: text, bytes, or several of them. */
type Secret = string | Uint8Array | (string | Uint8Array)[];

/** What the platform's constructor `WebTransport` takes. */
export interface WebTransportSettings {
  /** Certificates that are good although no authority vouches for them; those may be valid for two weeks at most. */
  serverCertificateHashes?: { algorithm: string; value: ArrayBuffer | ArrayBufferView }[] | undefined;
  /** What the platform should aim at. Default: `default` */
  congestionControl?: "default" | "low-latency" | "throughput" | undefined;
  /** Whether datagrams must be possible, which are not used here. Default: false */
  requireUnreliable?: boolean | undefined;
  /** Whether the session may share a connection with others. Default: false */
  allowPooling?: boolean | undefined;
}

/** How the connection to the server is made. */
export interface EngineOptions {
  /** The server's host, where a Manager is made without a URL. An IPv6 address stands in brackets. Default: the page's */
  hostname?: string | undefined;
  /** Same as `hostname`. */
  host?: string | undefined;
  /** The server's port, where a Manager is made without a URL. Default: that of the page, or of the scheme */
  port?: string | number | undefined;
  /** Whether a Manager that is made without a URL uses TLS. Default: whether the page did */
  secure?: boolean | undefined;
  /** The path of the server's HTTP requests. Default: `/socket.io` */
  path?: string | undefined;
  /** Whether `path` ends with a slash in requests. Default: true */
  addTrailingSlash?: boolean | undefined;
  /** Sent in the query string of every request. What the URL's query string says comes first. */
  query?: string | Record<string, unknown> | undefined;

  /** The transports to use, by name; the connection begins with the first one. Default: polling, websocket, webtransport */
  transports?: readonly (string | TransportConstructor)[] | undefined;
  /**
   * Whether to begin with the next transport when the first one fails, or when it takes longer than its share of `timeout`.
   * Default: false
   */
  tryAllTransports?: boolean | undefined;
  /**
   * What is different for one transport: options by its name. Those of `webtransport` are for the platform's constructor as well.
   * Default: nothing
   */
  transportOptions?: Readonly<Record<string, EngineOptions & WebTransportSettings>> | undefined;
  /** Whether to move to a better transport once the connection is open. Default: true */
  upgrade?: boolean | undefined;
  /** Whether to begin with a WebSocket if the previous connection ended up on one. Default: false */
  rememberUpgrade?: boolean | undefined;
  /** Whether to add a parameter to each request that no cache can know. Default: to those of polling only */
  timestampRequests?: boolean | undefined;
  /** The name of that parameter. Default: `t` */
  timestampParam?: string | undefined;

  /** Whether binary data is sent as text, for networks that spoil anything else. Default: false */
  forceBase64?: boolean | undefined;
  /**
   * How long one HTTP request may take, in milliseconds; 0 for ever. Requests of polling last as long as the server is silent, up
   * to its `pingInterval`. Default: 0
   */
  requestTimeout?: number | undefined;

  /** Headers for every request. In a browser, WebSockets do not have them. */
  extraHeaders?: Record<string, string> | undefined;
  /**
   * In a browser, whether cookies and credentials are sent to another origin. In Node.js, whether cookies that the server
   * sets are kept for as long as the connection lasts, and sent back. Default: false
   */
  withCredentials?: boolean | undefined;
  /** The WebSocket subprotocols to offer. Default: none */
  protocols?: string | string[] | undefined;
  /** In a browser, whether to leave without a word when the page does, in every browser alike. Default: false */
  closeOnBeforeunload?: boolean | undefined;

  /**
   * Whether to use the platform's timers and clock as they were when this module was loaded, although tests have replaced them since.
   * Default: false
   */
  useNativeTimers?: boolean | undefined;
  /** In Node.js, whether the process may end although the connection is open. Default: false */
  autoUnref?: boolean | undefined;
  /** In Node.js, the `http.Agent` or `https.Agent` of the requests. Default: one that keeps connections alive */
  agent?: object | string | boolean | undefined;
  /** In Node.js, as in `tls.createSecureContext`. */
  pfx?: Secret | undefined;
  /** In Node.js, as in `tls.createSecureContext`. */
  key?: Secret | undefined;
  /** In Node.js, as in `tls.createSecureContext`. */
  passphrase?: string | undefined;
  /** In Node.js, as in `tls.createSecureContext`. */
  cert?: Secret | undefined;
  /** In Node.js, as in `tls.createSecureContext`. */
  ca?: Secret | undefined;
  /** In Node.js, as in `tls.createSecureContext`. */
  ciphers?: string | undefined;
  /** In Node.js, whether the server's certificate must be valid. Default: true */
  rejectUnauthorized?: boolean | undefined;
  /** In Node.js, how the certificate is compared with the host, as in `tls.connect`. */
  checkServerIdentity?: ((hostname: string, certificate: never) => Error | undefined) | undefined;
  /** In Node.js, the local address that WebSockets connect from. */
  localAddress?: string | undefined;
  /** In Node.js, the IP family of WebSockets: 4 or 6. Default: either */
  family?: number | undefined;
  /** In Node.js, the version of the WebSocket protocol: 8 or 13. Default: 13 */
  protocolVersion?: number | undefined;
  /** In Node.js, the `Origin` header of WebSockets. */
  origin?: string | undefined;
  /** In Node.js, the largest WebSocket message to accept, in bytes. Default: 104,857,600 */
  maxPayload?: number | undefined;
  /** In Node.js, whether or how WebSocket messages may be compressed, if the server can. Default: true */
  perMessageDeflate?: boolean | { threshold?: number } | undefined;
}

/** How a Manager behaves. */
export interface ManagerOptions extends EngineOptions {
  /** Whether `io()` makes a Manager, and a connection, of its own. Default: false */
  forceNew?: boolean | undefined;
  /** Whether `io()` may use the connection that another call has made to the same server. Default: true */
  multiplex?: boolean | undefined;
  /** Whether to connect without being told to. Default: true */
  autoConnect?: boolean | undefined;
  /** Whether to connect again when the connection is lost or can't be made. Default: true */
  reconnection?: boolean | undefined;
  /** How often to try before giving up. Default: Infinity */
  reconnectionAttempts?: number | undefined;
  /** How long to wait before the first attempt, in milliseconds; each further wait is twice as long. Default: 1000 */
  reconnectionDelay?: number | undefined;
  /** The longest wait, in milliseconds. Default: 5000 */
  reconnectionDelayMax?: number | undefined;
  /** How far a wait strays up or down, as a fraction of itself. Default: 0.5 */
  randomizationFactor?: number | undefined;
  /** How long connecting may take, in milliseconds; `false` for ever. Default: 20000 */
  timeout?: number | false | undefined;
  /** How packets become messages; the server must use the same. Default: JSON, with binary values beside it */
  parser?: Parser | undefined;
}

/** What the server's middlewares find in `handshake.auth`. */
export type Auth = Record<string, unknown>;

/** How one socket behaves. */
export interface SocketOptions {
  /** What the server is told when the socket connects, or a function that is called each time to say so. */
  auth?: object | ((callback: (auth: object) => void) => void) | undefined;
  /** Within how many milliseconds each acknowledgement must come; it then takes an error first. Default: for ever */
  ackTimeout?: number | undefined;
  /**
   * How often to send an event again that the server has not acknowledged. Events then leave one at a time, and their
   * acknowledgements take an error first; volatile ones are sent as ever. Default: 0
   */
  retries?: number | undefined;
}
