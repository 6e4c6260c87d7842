import { Adapter, SessionAwareAdapter, type AdapterConstructor, type AdapterLike } from "@hawser/adapter";
import {
  JSON_CODEC,
  codecOf,
  type BudgetLimits,
  type Codec,
  type Deadlines,
  type DefaultEventsMap,
  type EventNamesWithoutAck,
  type EventParams,
  type EventsMap,
  type InterServer,
  type NamespaceEvents,
  type NamespaceNames,
  type OptionalSlash,
  type ServerMuxSettings,
  type ServerToClient,
  type SocketData,
  type ViolationCode,
  type Parser,
  type ParserEncoder,
} from "@hawser/core";
import { Decoder, Encoder, toPacket, type ProtocolError } from "@hawser/parser";
import type { BroadcastPort } from "./broadcast-operator.ts";
import { BoundClient, type BindableEngine } from "./bound-client.ts";
import type { BoundConnection } from "./bound-session.ts";
import { Broadcaster } from "./broadcaster.ts";
import type { Client, ClientOwner } from "./client.ts";
import type { CompatibleServer } from "./compatibility/names.ts";
import { debugFor } from "./debug.ts";
import type { Engine } from "./engine/engine.ts";
import { forwardListeners } from "./forwarded-emitter.ts";
import { layFoundation, type Foundation } from "./foundation.ts";
import { createNotFoundServer, HttpFront, isTarget, type AnyHttpServer, type FrontSettings } from "./http-front.ts";
import { Namespace, type NamespaceMiddleware, type NamespaceReservedEvents } from "./namespace.ts";
import { resolveOptions, type ConnectionStateRecoveryOptions, type ServerOptions } from "./options.ts";
import { Namespaces, type AnyNamespace, type Given, type NamespaceName, type NotGiven } from "./namespaces.ts";
import type { AnySocket, Socket } from "./socket.ts";
import { telling } from "./telling-codec.ts";
import { UserErrors, type UserErrorContext } from "./user-errors.ts";

const debug = debugFor("server", "socket.io:server");

export type { AnyHttpServer } from "./http-front.ts";

/** The events that the library emits on a server. */
export interface ServerReservedEvents<S, N> extends NamespaceReservedEvents<S> {
  /** A namespace was created. */
  new_namespace: (namespace: N) => void;
  /** A handler of the application threw or rejected; without a listener, the stack goes to stderr. */
  handler_error: (error: unknown, context: UserErrorContext) => void;
}

/**
 * A server for realtime, bidirectional, event-based communication.
 *
 * @typeParam A - the events that clients send, or the application's whole event map
 * @typeParam B - the events that the server sends
 * @typeParam C - the events that servers send each other
 * @typeParam D - the type of `socket.data`
 * @example
 * ```ts
 * const httpServer = createServer();
 * const io = new Server(httpServer);
 * io.on("connection", (socket) => {
 *   socket.on("hello", (name, answer) => answer(`hello ${name}`));
 * });
 * httpServer.listen(3000);
 * ```
 */
export class Server<
  A extends EventsMap = DefaultEventsMap,
  B extends EventsMap = ServerToClient<A>,
  C extends EventsMap = InterServer<A>,
  D = SocketData<A>,
>
  extends Broadcaster<B, C, D, ServerReservedEvents<Socket<A, B, C, D>, Namespace<A, B, C, D>>>
  implements ClientOwner, CompatibleServer
{
  /** The namespace `/`, which `io` itself stands for. */
  readonly sockets: Namespace<A, B, C, D>;
  /** The HTTP server. Its type is Socket.IO's, which does not say that there is none before {@link attach}. */
  httpServer!: AnyHttpServer;
  /** @internal */
  readonly opts: Partial<ServerOptions>;
  /** @internal How packets become frames. */
  readonly codec: Codec;
  /** @internal What becomes of exceptions in the application's handlers. */
  readonly userErrors: UserErrors;
  /** @internal How clients recover, if they may. */
  readonly recovery: ConnectionStateRecoveryOptions | undefined;
  readonly #namespaces: Namespaces<A, B, C, D>;
  readonly #frontSettings: FrontSettings;
  /** Laid when it is first needed: until then, options of `attach()` count. */
  #foundation: Foundation | undefined;
  #front: HttpFront | undefined;
  #boundEngine: BindableEngine | undefined;
  #joinTimeout: number;
  #createAdapter: AdapterConstructor;

  /**
   * @param server - what to attach to: an HTTP server, or the port of one that is to be created. May be left out
   * @param options - see {@link ServerOptions}
   */
  constructor(options?: Partial<ServerOptions>);
  constructor(server?: AnyHttpServer | number | string, options?: Partial<ServerOptions>);
  constructor(server?: AnyHttpServer | number | string | Partial<ServerOptions>, options?: Partial<ServerOptions>) {
    super();
    const target = isTarget(server) ? server : undefined;
    this.opts = resolveOptions((isTarget(server) ? options : server || options) ?? {});
    const { path = "/socket.io", serveClient = true } = this.opts;
    this.#frontSettings = { path: withoutSlash(path), serveClient };
    this.#joinTimeout = this.opts.connectTimeout || 45_000;
    this.recovery = this.opts.connectionStateRecovery;
    this.#createAdapter = this.opts.adapter ?? this.#defaultAdapter();
    this.codec = telling(this.opts.parser ? codecOf(this.opts.parser, toPacket) : JSON_CODEC);
    this.userErrors = new UserErrors(this.opts.handlerErrors ?? "contain", (error, context) =>
      this.sockets.emitHandlerError(error, context),
    );
    this.#namespaces = new Namespaces<A, B, C, D>(this, this.opts.cleanupEmptyChildNamespaces ?? false);
    this.sockets = this.of("/");
    if (target !== undefined) {
      this.attach(target);
    }
  }

  /**
   * The engine beneath: the server's own, or the one it was bound to, which offers what it offers. Its type is Socket.IO's, which does
   * not say that there is none before {@link attach}: the options of that count, too.
   */
  get engine(): Engine {
    return (this.#boundEngine ?? this.#foundation?.engine) as Engine;
  }

  get #ground(): Foundation {
    return (this.#foundation ??= layFoundation(this, this.opts, this.codec, this.userErrors));
  }

  // ── what packages written for Socket.IO reach for ────────────────────────────────────────────────────────────────

  /** @internal */
  get _nsps(): Map<string, Namespace<A, B, C, D>> {
    return this.#namespaces.byName;
  }

  /** @internal */
  get eio(): Engine | undefined {
    return this.engine as Engine | undefined;
  }

  /** @internal */
  get _opts(): Partial<ServerOptions> {
    return this.opts;
  }

  /** @internal */
  get _parser(): Parser {
    return this.opts.parser ?? { Encoder, Decoder };
  }

  /** @internal */
  get encoder(): ParserEncoder {
    return this.codec;
  }

  // ── attaching ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Attaches to an HTTP server, or creates one that listens on a port and answers all else with 404.
   *
   * @param server - the HTTP server, or a port
   * @param options - options that the constructor was not given
   * @throws if `server` is a request handler, such as an Express application
   */
  attach(server: AnyHttpServer | number | string, options: Partial<ServerOptions> = {}): this {
    if (typeof server === "function") {
      throw new Error(
        "You are trying to attach socket.io to an express request handler function. Please pass a http.Server instance.",
      );
    }
    const attachOptions = { ...options, ...this.opts };
    this.#foundation ??= layFoundation(this, attachOptions, this.codec, this.userErrors);
    this.path(attachOptions.path ?? this.path());
    this.httpServer = typeof server === "object" ? server : createNotFoundServer();
    this.#front = new HttpFront(this.httpServer, this.#ground.engine, this.#frontSettings, attachOptions);
    if (typeof server !== "object") {
      debug("listening on port %d", Number(server));
      this.httpServer.listen(Number(server));
    }
    return this;
  }

  /** Same as {@link attach}. */
  listen(server: AnyHttpServer | number | string, options: Partial<ServerOptions> = {}): this {
    return this.attach(server, options);
  }

  /**
   * Serves the connections of another engine instead of attaching to an HTTP server: of the package `engine.io`, or of one
   * for another platform. Whoever made the engine gives it its requests.
   *
   * @param engine - emits `connection` with each connection
   * @example
   * ```ts
   * const io = new Server();
   * io.bind(engine);
   * ```
   */
  bind(engine: BindableEngine): this {
    this.#boundEngine = engine;
    engine.on("connection", (connection) => this.onconnection(connection));
    return this;
  }

  /**
   * Serves one connection of another engine.
   *
   * @param connection - as its engine made it, once its handshake is done
   */
  onconnection(connection: BoundConnection): this {
    debug("serving the connection %o of another engine", connection.id);
    new BoundClient(this, connection);
    return this;
  }

  /** Where the server listens; with an argument, sets it before attaching. */
  path(): string;
  path(path: string): this;
  path(path?: string): string | this {
    if (path === undefined) {
      return this.#frontSettings.path;
    }
    this.#frontSettings.path = withoutSlash(path);
    return this;
  }

  /** Whether the client's bundles are served; with an argument, sets it. */
  serveClient(): boolean;
  serveClient(serve: boolean): this;
  serveClient(serve?: boolean): boolean | this {
    if (serve === undefined) {
      return this.#frontSettings.serveClient;
    }
    this.#frontSettings.serveClient = serve;
    return this;
  }

  /** Milliseconds within which a client must have joined a namespace; with an argument, sets it. */
  connectTimeout(): number;
  connectTimeout(timeout: number): this;
  connectTimeout(timeout?: number): number | this {
    if (timeout === undefined) {
      return this.#joinTimeout;
    }
    this.#joinTimeout = timeout;
    return this;
  }

  /** What makes the adapter of a namespace; with an argument, sets it, for the namespaces that there are too. */
  adapter(): AdapterConstructor;
  adapter(create: AdapterConstructor): this;
  adapter(create?: AdapterConstructor): AdapterConstructor | this {
    if (create === undefined) {
      return this.#createAdapter;
    }
    this.#createAdapter = create;
    for (const namespace of this.#namespaces.values()) {
      const former = namespace.adapter;
      namespace.adapter = this.createAdapter(namespace);
      namespace.callAdapter(() => former.close());
      namespace.initAdapter();
    }
    return this;
  }

  // ── namespaces ───────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * A namespace, created if there is none of that name; or, for a pattern or a function, the parent of all namespaces
   * that clients ask for and that match.
   *
   * Its events are those that the server's map has for that name, or else the server's own. Others can be given:
   * `io.of<AdminEvents>("/admin")`, with a single map, or with the maps one by one.
   *
   * @param name - its name, whose leading slash may be left out; a pattern; or a function `(name, auth, next)` that calls
   * `next(null, true)` for the names it lets be
   * @param listener - added to its `connection` listeners
   */
  of<Name extends string & OptionalSlash<NamespaceNames<A>>>(
    name: Name,
    listener?: (socket: Socket<NamespaceEvents<A, Name>>) => void,
  ): Namespace<NamespaceEvents<A, Name>>;
  of(name: NamespaceName, listener?: (socket: Socket<A, B, C, D>) => void): Namespace<A, B, C, D>;
  of<
    A2 extends EventsMap = NotGiven,
    B2 extends EventsMap = ServerToClient<A2>,
    C2 extends EventsMap = InterServer<A2>,
    D2 = SocketData<A2>,
  >(name: NamespaceName, listener?: (socket: Socket<Given<A2>, B2, C2, Given<D2>>) => void): Namespace<A2, B2, C2, D2>;
  // Once more: `ReturnType` looks at the last one, and so do the compiler's complaints.
  of(name: NamespaceName, listener?: (socket: Socket<A, B, C, D>) => void): Namespace<A, B, C, D>;
  of(name: NamespaceName, listener?: (socket: AnySocket) => void): AnyNamespace {
    const namespace = typeof name === "string" ? this.#namespaces.of(name) : this.#namespaces.ofMatching(name);
    if (listener) {
      namespace.on("connect", listener);
    }
    return namespace;
  }

  #defaultAdapter(): AdapterConstructor {
    const { recovery } = this;
    return recovery ? (namespace) => new SessionAwareAdapter(namespace, recovery) : Adapter;
  }

  /** @internal */
  createAdapter(namespace: Namespace<A, B, C, D>): AdapterLike {
    const create = this.#createAdapter;
    return isClass(create) ? new create(namespace) : create(namespace);
  }

  /** @internal A client wants to join a namespace. */
  join(client: Client, name: string, auth: Record<string, unknown>): ProtocolError<ViolationCode> | undefined {
    return this.#namespaces.join(client, name, auth);
  }

  /** Adds a middleware to the namespace `/`. */
  use(middleware: NamespaceMiddleware<Socket<A, B, C, D>>): this {
    this.sockets.use(middleware);
    return this;
  }

  /** Sends an event to all clients of `/`. */
  override emit<Name extends EventNamesWithoutAck<B>>(event: Name, ...args: EventParams<B, Name>): boolean {
    return this.sockets.emit(event, ...args);
  }

  protected override get home(): BroadcastPort {
    return this.sockets;
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Disconnects everybody with the reason `server shutting down`, and closes the engine and the HTTP server.
   *
   * @param callback - called when the HTTP server is closed, with its error if it was not running
   */
  async close(callback?: (error?: Error) => void): Promise<void> {
    debug("closing");
    const adapters: Promise<void>[] = [];
    for (const namespace of this.#namespaces.values()) {
      for (const socket of [...namespace.sockets.values()]) {
        socket.link.leave("server shutting down");
      }
      const closed = (async () => namespace.adapter.close())();
      adapters.push(closed.catch((error: unknown) => this.userErrors.report(error, { phase: "adapter" })));
    }
    await Promise.all(adapters);
    this.#boundEngine?.close();
    this.#foundation?.engine.close();
    const error = await this.#closeHttpServer();
    this.userErrors.flush();
    callback?.(error);
  }

  /** Resolves when the HTTP server is closed, with its error if it was not running. */
  #closeHttpServer(): Promise<Error | undefined> {
    return new Promise((resolve) => {
      // Whoever bound the server to another engine may have said which one it is.
      const httpServer = this.httpServer as AnyHttpServer | undefined;
      if (httpServer) {
        httpServer.close(resolve);
        this.#front?.closeConnections();
      } else {
        resolve(undefined);
      }
    });
  }

  /** @internal */
  get deadlines(): Deadlines {
    return this.#ground.engine.deadlines;
  }

  /** @internal */
  get broadcastAckTimeout(): number {
    return this.opts.broadcastAckTimeout ?? 10_000;
  }

  /** @internal */
  get adapterTimeout(): number {
    return this.opts.adapterTimeout ?? 10_000;
  }

  /** @internal */
  get muxSettings(): ServerMuxSettings {
    return this.#ground.muxSettings;
  }

  /** @internal */
  get limits(): BudgetLimits {
    return this.#ground.limits;
  }

  /** @internal */
  get joinTimeout(): number {
    return this.#joinTimeout;
  }

  /** @internal Listeners are those of the namespace `/`, which tells by itself. */
  override onRejection(error: unknown, event: string, args: unknown[]): void {
    this.sockets.onRejection(error, event, args);
  }
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, "");
}

function isClass<Instance, Args extends unknown[]>(
  value: (new (...args: Args) => Instance) | ((...args: Args) => Instance),
): value is new (...args: Args) => Instance {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

// `io` stands for its namespace `/`: whoever listens on it listens there.
forwardListeners(Server.prototype as Server, ({ sockets }) => sockets);
