import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import type { Http2SecureServer, Http2Server } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import {
  Adapter,
  SessionAwareAdapter,
  type AdapterConstructor,
  type AdapterLike,
  type Room,
  type SocketId,
} from "@hawser/adapter";
import {
  JSON_CODEC,
  MESSAGE_OVERHEAD,
  codecOf,
  violation,
  type AllButLast,
  type BudgetLimits,
  type Codec,
  type Deadlines,
  type DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  type DefaultEventsMap,
  type EventNames,
  type EventNamesWithAck,
  type EventNamesWithoutAck,
  type EventParams,
  type EventsMap,
  type FirstNonErrorArg,
  type InterServer,
  type Last,
  type MuxSettings,
  type RemoveAcknowledgements,
  type ServerToClient,
  type SocketData,
  type ViolationCode,
} from "@hawser/core";
import { DEFAULT_MAX_ATTACHMENTS, type ProtocolError } from "@hawser/parser";
import type { BroadcastOperator } from "./broadcast-operator.ts";
import { Client, type ClientOwner } from "./client.ts";
import { debugFor } from "./debug.ts";
import { attach, normalisePath, type RequestTaker } from "./engine/attach.ts";
import { Engine, type SessionAcceptor } from "./engine/engine.ts";
import { Namespace, type NamespaceMiddleware, type NamespaceReservedEvents } from "./namespace.ts";
import type { ConnectionStateRecoveryOptions, ServerOptions } from "./options.ts";
import { ParentNamespace, type NamespaceMatcher } from "./parent-namespace.ts";
import { PendingJoin } from "./pending-join.ts";
import type { RemoteSocket } from "./remote-socket.ts";
import { serveClient } from "./serve-client.ts";
import type { Socket } from "./socket.ts";
import { TypedEventEmitter } from "./typed-emitter.ts";
import { UserErrors, type UserErrorContext } from "./user-errors.ts";

const debug = debugFor("server", "socket.io:server");

/** The HTTP servers that a {@link Server} can be attached to. */
export type AnyHttpServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** The events that the library emits on a server. */
export interface ServerReservedEvents<S, N> extends NamespaceReservedEvents<S> {
  /** A namespace was created. */
  new_namespace: (namespace: N) => void;
  /** A handler of the application threw or rejected; without a listener, the stack goes to stderr. */
  handler_error: (error: unknown, context: UserErrorContext) => void;
}

/** What depends on the engine's options. It is laid when it is first needed: until then, options of `attach()` count. */
interface Foundation {
  readonly engine: Engine;
  readonly muxSettings: MuxSettings;
  readonly limits: BudgetLimits;
}

/** How many namespaces one connection may have joined, or be joining, at once. */
const MAX_NAMESPACES = 1000;

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
  extends TypedEventEmitter<C, RemoveAcknowledgements<B>, ServerReservedEvents<Socket<A, B, C, D>, Namespace<A, B, C, D>>>
  implements ClientOwner
{
  /** The namespace `/`, which `io` itself stands for. */
  readonly sockets: Namespace<A, B, C, D>;
  /** The HTTP server, once there is one. */
  httpServer: AnyHttpServer | undefined;
  /** @internal How packets become frames. */
  readonly codec: Codec;
  /** @internal What becomes of exceptions in the application's handlers. */
  readonly userErrors: UserErrors;
  /** @internal How clients recover, if they may. */
  readonly recovery: ConnectionStateRecoveryOptions | undefined;
  readonly #options: Partial<ServerOptions>;
  readonly #namespaces = new Map<string, Namespace<A, B, C, D>>();
  readonly #parents: ParentNamespace<A, B, C, D>[] = [];
  readonly #patterns = new Map<RegExp, ParentNamespace<A, B, C, D>>();
  #foundation: Foundation | undefined;
  #path: string;
  #serveClient: boolean;
  #joinTimeout: number;
  #createAdapter: AdapterConstructor;

  /**
   * @param server - what to attach to: an HTTP server, or the port of one that is to be created. May be left out
   * @param options - see {@link ServerOptions}
   */
  constructor(options?: Partial<ServerOptions>);
  constructor(server?: AnyHttpServer | number, options?: Partial<ServerOptions>);
  constructor(server?: AnyHttpServer | number | Partial<ServerOptions>, options?: Partial<ServerOptions>) {
    super();
    const target = isTarget(server) ? server : undefined;
    this.#options = (isTarget(server) ? options : (server ?? options)) ?? {};
    this.#path = withoutSlash(this.#options.path ?? "/socket.io");
    this.#serveClient = this.#options.serveClient ?? true;
    this.#joinTimeout = this.#options.connectTimeout || 45_000;
    this.recovery = this.#options.connectionStateRecovery;
    this.#createAdapter = this.#options.adapter ?? this.#defaultAdapter();
    this.codec = this.#options.parser ? codecOf(this.#options.parser) : JSON_CODEC;
    this.userErrors = new UserErrors(
      this.#options.handlerErrors ?? "contain",
      (error, context) => this.sockets.emitHandlerError(error, context),
    );
    this.sockets = this.of("/");
    if (target !== undefined) {
      this.attach(target);
    }
  }

  /** The engine beneath. */
  get engine(): Engine {
    return this.#ground.engine;
  }

  get #ground(): Foundation {
    return (this.#foundation ??= this.#lay(this.#options));
  }

  #lay(options: Partial<ServerOptions>): Foundation {
    const accept: SessionAcceptor = (create, record) => new Client(this, record, create).mux.session;
    const engine = new Engine(options, accept, this.userErrors);
    const { pingInterval, pingTimeout, maxHttpBufferSize } = engine.opts;
    return {
      engine,
      muxSettings: {
        codec: this.codec,
        deadlines: engine.deadlines,
        turn: engine.turn,
        attachmentTimeout: pingInterval + pingTimeout,
      },
      limits: {
        // The largest packet with all its attachments, and as much again that arrived in the same read.
        inbound: 2 * (maxHttpBufferSize + MESSAGE_OVERHEAD) * (DEFAULT_MAX_ATTACHMENTS + 1),
        namespaces: MAX_NAMESPACES,
      },
    };
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
    const attachOptions = { ...options, ...this.#options };
    this.#foundation ??= this.#lay(attachOptions);
    this.#path = withoutSlash(attachOptions.path ?? this.#path);
    if (typeof server === "object") {
      this.#attachTo(server, attachOptions);
      return this;
    }
    const httpServer = createServer((_request, response) => {
      response.writeHead(404);
      response.end();
    });
    this.#attachTo(httpServer, attachOptions);
    httpServer.listen(Number(server));
    return this;
  }

  /** Same as {@link attach}. */
  listen(server: AnyHttpServer | number | string, options: Partial<ServerOptions> = {}): this {
    return this.attach(server, options);
  }

  #attachTo(httpServer: AnyHttpServer, options: Partial<ServerOptions>): void {
    this.httpServer = httpServer;
    const path = normalisePath({ ...options, path: this.#path }, this.#path);
    debug("attaching to %s", path);
    const taker: RequestTaker = {
      handleRequest: (request, response) => this.#handleRequest(request, response),
      handleUpgrade: (request, socket, head) => this.engine.handleUpgrade(request, socket, head),
      open: () => this.engine.open(),
      close: () => this.engine.close(),
    };
    attach(httpServer as HttpServer, taker, path, options);
  }

  #handleRequest(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#serveClient || !serveClient(request, response, `${this.#path}/`)) {
      this.engine.handleRequest(request, response);
    }
  }

  /** Where the server listens; with an argument, sets it before attaching. */
  path(): string;
  path(path: string): this;
  path(path?: string): string | this {
    if (path === undefined) {
      return this.#path;
    }
    this.#path = withoutSlash(path);
    return this;
  }

  /** Whether the client's bundles are served; with an argument, sets it. */
  serveClient(): boolean;
  serveClient(serve: boolean): this;
  serveClient(serve?: boolean): boolean | this {
    if (serve === undefined) {
      return this.#serveClient;
    }
    this.#serveClient = serve;
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
      namespace.adapter = this.createAdapter(namespace);
      namespace.initAdapter();
    }
    return this;
  }

  // ── namespaces ───────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * A namespace, created if there is none of that name; or, for a pattern or a function, the parent of all namespaces
   * that clients ask for and that match.
   *
   * @param name - its name, whose leading slash may be left out; a pattern; or a function `(name, auth, next)` that calls
   * `next(null, true)` for the names it lets be
   * @param listener - added to its `connection` listeners
   */
  of(
    name: string | RegExp | NamespaceMatcher,
    listener?: (socket: Socket<A, B, C, D>) => void,
  ): Namespace<A, B, C, D> {
    const namespace = typeof name === "string" ? this.#namespace(name) : this.#parent(name);
    if (listener) {
      namespace.on("connect", listener);
    }
    return namespace;
  }

  #namespace(name: string): Namespace<A, B, C, D> {
    const path = name.startsWith("/") ? name : `/${name}`;
    const existing = this.#namespaces.get(path);
    if (existing) {
      return existing;
    }
    for (const [pattern, parent] of this.#patterns) {
      if (pattern.test(path)) {
        return this.#createChild(parent, path);
      }
    }
    return this.#register(new Namespace<A, B, C, D>(this, path));
  }

  #parent(match: RegExp | NamespaceMatcher): ParentNamespace<A, B, C, D> {
    const matches: NamespaceMatcher =
      match instanceof RegExp ? (name, _auth, next) => next(null, match.test(name)) : match;
    const parent = new ParentNamespace<A, B, C, D>(this, matches);
    this.#parents.push(parent);
    if (match instanceof RegExp) {
      this.#patterns.set(match, parent);
    }
    return parent;
  }

  #createChild(parent: ParentNamespace<A, B, C, D>, name: string): Namespace<A, B, C, D> {
    return this.#register(parent.createChild(name, (child) => this.#dropChild(child)));
  }

  #register(namespace: Namespace<A, B, C, D>): Namespace<A, B, C, D> {
    this.#namespaces.set(namespace.name, namespace);
    if (namespace.name !== "/") {
      this.sockets.emitNewNamespace(namespace);
    }
    return namespace;
  }

  /** A child has no sockets any more; returns whether it goes. */
  #dropChild(child: Namespace<A, B, C, D>): boolean {
    if (!this.#options.cleanupEmptyChildNamespaces) {
      return false;
    }
    this.#namespaces.delete(child.name);
    void child.adapter.close();
    return true;
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
    const namespace = this.#namespaces.get(name);
    if (namespace && !namespace.mayRecover(auth)) {
      return namespace.admit(client, auth);
    }
    const pending = new PendingJoin(client, name);
    const refused = client.mux.attach(pending.link);
    if (refused) {
      return refused;
    }
    if (namespace) {
      void namespace.recover(pending, auth);
    } else {
      this.#askParents(pending, auth, 0);
    }
    return undefined;
  }

  /** Asks the parents, in the order in which they were set up, whether one of them has such a child. */
  #askParents(pending: PendingJoin, auth: Record<string, unknown>, index: number): void {
    const parent = this.#parents[index];
    if (!parent) {
      pending.refuse();
      return;
    }
    const { name } = pending;
    let answered = false;
    const answer = (error: unknown, allow: boolean): void => {
      if (answered) {
        return;
      }
      answered = true;
      if (error || !allow) {
        this.#askParents(pending, auth, index + 1);
      } else if (pending.proceed()) {
        // Another client may have brought it about meanwhile.
        const namespace = this.#namespaces.get(name) ?? this.#createChild(parent, name);
        namespace.admit(pending.client, auth);
      }
    };
    try {
      parent.matches(name, auth, answer);
    } catch (error) {
      this.userErrors.report(error, { phase: "namespace" });
      answer(error, false);
    }
  }

  /** Adds a middleware to the namespace `/`. */
  use(middleware: NamespaceMiddleware<Socket<A, B, C, D>>): this {
    this.sockets.use(middleware);
    return this;
  }

  // ── sending to the namespace `/` ─────────────────────────────────────────────────────────────────────────────

  /** Sends an event to all clients of `/`. */
  override emit<Name extends EventNamesWithoutAck<B>>(event: Name, ...args: EventParams<B, Name>): boolean {
    return this.sockets.emit(event, ...args);
  }

  /** Sends a `message` event to all clients of `/`. */
  send(...args: EventParams<B, "message">): this {
    this.sockets.send(...args);
    return this;
  }

  /** Same as {@link send}. */
  write(...args: EventParams<B, "message">): this {
    return this.send(...args);
  }

  /** To those in `room`. */
  to(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.sockets.to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.sockets.in(room);
  }

  /** To all but those in `room`. */
  except(room: Room | Room[]): BroadcastOperator<B, D> {
    return this.sockets.except(room);
  }

  /** Whether transports may compress the event. */
  compress(compress: boolean): BroadcastOperator<B, D> {
    return this.sockets.compress(compress);
  }

  /** The event may be lost for clients that can't take it at once. */
  get volatile(): BroadcastOperator<B, D> {
    return this.sockets.volatile;
  }

  /** Only to clients of this node. */
  get local(): BroadcastOperator<B, D> {
    return this.sockets.local;
  }

  /**
   * How long to wait for acknowledgements.
   *
   * @param timeout - milliseconds
   */
  timeout(timeout: number): BroadcastOperator<DecorateAcknowledgementsWithTimeoutAndMultipleResponses<B>, D> {
    return this.sockets.timeout(timeout);
  }

  /** The sockets of `/`, of all nodes. */
  fetchSockets(): Promise<RemoteSocket<B, D>[]> {
    return this.sockets.fetchSockets();
  }

  /**
   * The ids of the sockets of `/`.
   *
   * @deprecated use `fetchSockets`
   */
  allSockets(): Promise<Set<SocketId>> {
    return this.sockets.allSockets();
  }

  /** Makes all sockets of `/` join rooms. */
  socketsJoin(room: Room | Room[]): void {
    this.sockets.socketsJoin(room);
  }

  /** Makes all sockets of `/` leave rooms. */
  socketsLeave(room: Room | Room[]): void {
    this.sockets.socketsLeave(room);
  }

  /** Disconnects all sockets of `/`; with `close`, their connections too. */
  disconnectSockets(close = false): void {
    this.sockets.disconnectSockets(close);
  }

  /** Sends an event to `/` of the other servers of the cluster; see {@link Namespace.serverSideEmit}. */
  serverSideEmit<Name extends EventNames<C>>(
    event: Name,
    ...args: EventParams<DecorateAcknowledgementsWithTimeoutAndMultipleResponses<C>, Name>
  ): boolean {
    return this.sockets.serverSideEmit(event, ...args);
  }

  /** Sends an event to the other servers and resolves with their answers; see {@link Namespace.serverSideEmitWithAck}. */
  serverSideEmitWithAck<Name extends EventNamesWithAck<C>>(
    event: Name,
    ...args: AllButLast<EventParams<C, Name>>
  ): Promise<FirstNonErrorArg<Last<EventParams<C, Name>>>[]> {
    return this.sockets.serverSideEmitWithAck(event, ...args);
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Disconnects everybody with the reason `server shutting down`, and closes the engine and the HTTP server.
   *
   * @param callback - called when the HTTP server is closed, with its error if it was not running
   */
  async close(callback?: (error?: Error) => void): Promise<void> {
    const adapters: Promise<void>[] = [];
    for (const namespace of this.#namespaces.values()) {
      for (const socket of [...namespace.sockets.values()]) {
        socket.link.leave("server shutting down");
      }
      adapters.push(Promise.resolve(namespace.adapter.close()));
    }
    await Promise.allSettled(adapters);
    this.engine.close();
    const { httpServer } = this;
    if (httpServer) {
      await new Promise<void>((resolve) => {
        httpServer.close((error?: Error) => {
          callback?.(error);
          resolve();
        });
      });
    } else {
      callback?.();
    }
  }

  /** @internal */
  get deadlines(): Deadlines {
    return this.engine.deadlines;
  }

  /** @internal */
  get muxSettings(): MuxSettings {
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

function isTarget(value: unknown): value is AnyHttpServer | number {
  return (
    typeof value === "number" ||
    typeof value === "function" ||
    (typeof value === "object" && value !== null && "listen" in value)
  );
}

function isClass<Instance, Args extends unknown[]>(
  value: (new (...args: Args) => Instance) | ((...args: Args) => Instance),
): value is new (...args: Args) => Instance {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** `io` stands for its namespace `/`: whoever listens on it listens there. */
const FORWARDED = [
  "on",
  "once",
  "off",
  "addListener",
  "removeListener",
  "removeAllListeners",
  "prependListener",
  "prependOnceListener",
  "setMaxListeners",
  "getMaxListeners",
  "listeners",
  "rawListeners",
  "listenerCount",
  "eventNames",
] as const satisfies readonly (keyof EventEmitter)[];

for (const method of FORWARDED) {
  Object.defineProperty(Server.prototype, method, {
    configurable: true,
    writable: true,
    value(this: Server, ...args: unknown[]): unknown {
      const forward = this.sockets[method] as (...args: unknown[]) => unknown;
      const result = forward.apply(this.sockets, args);
      return result === this.sockets ? this : result;
    },
  });
}
