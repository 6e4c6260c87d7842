import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import {
  DEAF,
  DeadlineQueue,
  SERVER_ROLE,
  ServerSession,
  type Session,
  Turn,
  type EngineData,
  type Handshake,
  type EnginePacket,
  type SessionHandler,
  type SessionSettings,
  type Transport,
} from "@hawser/core";
import { Admissions } from "./admissions.ts";
import type { VerifyCallback } from "./application.ts";
import { attach, normalisePath } from "./attach.ts";
import { cors } from "./cors.ts";
import { debugFor } from "../debug.ts";
import { GuardedEmitter } from "./guarded-emitter.ts";
import { debugSession, type EngineSocket } from "./engine-socket.ts";
import { closeAfterwards, isBrokenOff } from "./http2.ts";
import { generateId } from "./ids.ts";
import { runMiddlewares, type EngineMiddleware, type ForeignMiddleware } from "./middleware.ts";
import { nodeClock } from "./node-clock.ts";
import { resolveEngineOptions, type AttachOptions, type EngineOptions, type ResolvedEngineOptions } from "./options.ts";
import { PollingEntrance } from "./polling-entrance.ts";
import { REJECTION_MESSAGES, REJECTIONS, reject, statusOf, type Rejection } from "./rejection.ts";
import { queryOf, type EngineRequest } from "./request.ts";
import { NoRequest, RequestRecord, type SessionRequest } from "./request-record.ts";
import { REVISION_3, REVISION_4, type EngineRevision } from "./revisions.ts";
import { ResponseHeaders, type HeadersPort } from "./response-headers.ts";
import type { PollingTransport } from "./transports/polling.ts";
import { webTransportSettings, type WebTransportSession } from "./transports/webtransport.ts";
import type { UserErrors } from "../user-errors.ts";
import { revisionOf } from "./verify.ts";
import { refuseSession, WebTransportEntrances } from "./webtransport-entrance.ts";
import { endUpgrade, UpgradeResponse } from "./upgrade-response.ts";
import { holdUpgrade, WebSocketEntrance } from "./websocket-entrance.ts";

const debug = debugFor("engine", "engine");

/** Milliseconds within which a session that is closing must have sent what it still holds. */
const CLOSE_TIMEOUT = 30_000;

/** Where a session may move to from polling, in the order in which clients are told. */
const UPGRADES = ["websocket", "webtransport"] as const;

/** A session, and the room above it. */
export interface EngineConnection {
  readonly session: ServerSession;
  /** The session as applications see it. */
  readonly conn: EngineSocket;
}

/**
 * Takes a new session: makes the room above it, and with that the session itself.
 *
 * @param create - makes the session that reports to the handler
 * @param record - the request that began it
 */
export type SessionAcceptor = (
  create: (handler: SessionHandler) => ServerSession,
  record: SessionRequest,
) => EngineConnection;

/** What a refused request is told to `connection_error` listeners as. */
export interface ConnectionError extends Rejection {
  readonly req: IncomingMessage;
}

/**
 * The engine: begins sessions, finds the session of each further request, and ends them all.
 *
 * Emits `connection(conn)` for each session that has begun, `connection_error({ req, code, message, context })` for each
 * refused request, `initial_headers(headers, req)` for the first response of each session, `headers(headers, req)` for each
 * response, `flush(conn, packets)` when a session hands packets to its transport, and `drain(conn)` when nothing of them
 * waits any more.
 */
export class Engine extends GuardedEmitter implements HeadersPort {
  readonly opts: ResolvedEngineOptions;
  readonly deadlines: DeadlineQueue = new DeadlineQueue(nodeClock);
  readonly turn: Turn = new Turn(nodeClock);
  /** The HTTP server that `listen()` of `hawser/engine` made. */
  httpServer: HttpServer | undefined;
  readonly #accept: SessionAcceptor;
  readonly #connections = new Map<string, EngineConnection>();
  readonly #middlewares: EngineMiddleware[] = [];
  readonly #sessionSettings: ReadonlyMap<EngineRevision, SessionSettings>;
  readonly #admissions: Admissions;
  readonly #headers: ResponseHeaders;
  readonly #polling: PollingEntrance;
  readonly #entrances: WebTransportEntrances;
  #webSockets: WebSocketEntrance | undefined;
  #closed = true;
  #ownMiddlewares = 0;

  /**
   * @param options - how sessions begin, stay alive, and what they may carry
   * @param accept - takes each new session
   * @param userErrors - told of exceptions in the application's functions
   */
  constructor(options: EngineOptions, accept: SessionAcceptor, userErrors: UserErrors) {
    super(userErrors);
    this.opts = resolveEngineOptions(options);
    this.#accept = accept;
    const { opts } = this;
    const settingsOf = (revision: EngineRevision): SessionSettings => ({
      role: SERVER_ROLE,
      revision,
      deadlines: this.deadlines,
      turn: this.turn,
      get upgradeTimeout() {
        return opts.upgradeTimeout;
      },
      closeTimeout: CLOSE_TIMEOUT,
      onEnd: (session) => this.#connections.delete(session.id),
      onFlush: (session, packets) => this.#tellOf("flush", session, packets),
      onDrain: (session) => this.#tellOf("drain", session),
    });
    this.#sessionSettings = new Map(
      [REVISION_3, REVISION_4].map((revision) => [revision, settingsOf(revision)] as const),
    );
    this.#admissions = new Admissions(
      {
        opts,
        userErrors,
        refusal: () => this.#refusal(),
        ownGate: () => (this.verify === verifyByDefault ? undefined : (...asked) => this.verify(...asked)),
        generateId: (request) => this.generateId(request),
      },
      this.#connections,
    );
    this.#headers = new ResponseHeaders(opts, this);
    this.#polling = new PollingEntrance(opts, this.#headers);
    this.#entrances = new WebTransportEntrances({
      ...webTransportSettings(this.deadlines, opts.maxHttpBufferSize),
      timeout: opts.upgradeTimeout,
      admit: (transport, sid) => this.#admitWebTransport(transport, sid),
    });
    if (this.opts.cors) {
      this.#middlewares.push(cors(this.opts.cors, userErrors));
      // Options can't do anything to a request; a function of the application can.
      this.#ownMiddlewares = typeof this.opts.cors === "function" ? 0 : 1;
    }
    this.open();
  }

  /** Whether WebSockets are offered. */
  get takesUpgrades(): boolean {
    return this.opts.transports.includes("websocket");
  }

  /** How many sessions there are. */
  get clientsCount(): number {
    return this.#connections.size;
  }

  /** The sessions, as applications see them, by their ids. */
  get clients(): Record<string, EngineSocket> {
    const clients = Object.create(null) as Record<string, EngineSocket>;
    for (const [id, connection] of this.#connections) {
      clients[id] = connection.conn;
    }
    return clients;
  }

  /** How many bytes wait to leave on all sessions together; see `bufferedAmount` of a connection. */
  get bufferedAmount(): number {
    let amount = 0;
    for (const { session } of this.#connections.values()) {
      amount += session.bufferedAmount;
    }
    return amount;
  }

  /**
   * Adds a middleware that runs on every request, before anything else is looked at.
   *
   * @param middleware - Express-style; an error passed to `next`, thrown or rejected refuses the request
   */
  use(middleware: EngineMiddleware): this;
  use(middleware: ForeignMiddleware): this;
  use(middleware: EngineMiddleware | ForeignMiddleware): this {
    this.#middlewares.push(middleware as EngineMiddleware);
    return this;
  }

  /**
   * Puts this engine in front of an HTTP server, too: requests below the path are the engine's, all others go where they went before.
   *
   * @param httpServer - of `node:http` or `node:https`
   * @param options - the path (default: `/engine.io`), and what becomes of upgrade requests to other paths
   */
  attach(httpServer: HttpServer, options: AttachOptions = {}): this {
    attach(httpServer, this, normalisePath(options, "/engine.io"), options);
    return this;
  }

  // ── for subclasses ───────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Makes the id of a new session. Override it, or assign another function, to make ids of your own.
   *
   * @param _request - the request that begins the session
   * @returns 20 characters of `[A-Za-z0-9_-]`, or a promise of them; an error refuses the request
   */
  generateId(_request: IncomingMessage): string | PromiseLike<string> {
    return generateId();
  }

  /**
   * Decides whether a request may go on: a handshake, a further request of a session, or one that asks for a WebSocket.
   * Override it to put a gate before that; what it then lets through must still be able to become, or belong to, a session.
   *
   * @param request - its `_query` is the parsed query
   * @param upgrade - whether it asks for a WebSocket
   * @param done - takes the answer, at once or later
   * @example
   * ```ts
   * class Gated extends Server {
   *   protected override verify(request: EngineRequest, upgrade: boolean, done: VerifyCallback) {
   *     if (request.headers["x-key"] === "sesame") super.verify(request, upgrade, done);
   *     else done(Server.errors.FORBIDDEN, { message: "no key" });
   *   }
   * }
   * ```
   */
  protected verify(request: EngineRequest, upgrade: boolean, done: VerifyCallback): void {
    this.#admissions.verify(request, upgrade, (verdict) => {
      if ("code" in verdict) {
        done(verdict.code, verdict.context);
      } else {
        done();
      }
    });
  }

  /**
   * Where a session may move to; of these, clients are told what the option `transports` has.
   *
   * @param transport - the name of the transport on which it begins
   */
  upgrades(transport: string): string[] {
    return this.opts.allowUpgrades && transport === "polling" ? [...UPGRADES] : [];
  }

  // ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes an HTTP request to the engine's path. */
  handleRequest(request: EngineRequest, response: ServerResponse): void {
    // Middlewares find it on the request.
    queryOf(request);
    const refuse = (rejection: Rejection): void => {
      this.#report(request, rejection);
      if (response.headersSent) {
        // It is too late to say anything else than the middleware has begun to say.
        response.end();
        return;
      }
      const { code, message } = rejection;
      if (this.#closed) {
        closeAfterwards(response);
      }
      response.writeHead(statusOf(rejection), { "Content-Type": "application/json" });
      response.end(JSON.stringify({ code, message }));
    };
    runMiddlewares(this.#middlewares, request, response, this.userErrors, (error) => {
      if (error) {
        refuse(reject(REJECTIONS.BAD_REQUEST, { name: "MIDDLEWARE_FAILURE", error }));
        return;
      }
      if (response.headersSent) {
        return;
      }
      this.#admissions.admit(request, false, refuse, ({ session }, id) => {
        if (session) {
          (session.transport as PollingTransport).onRequest(request, response);
        } else if (!isBrokenOff(response)) {
          const transport = this.#polling.accept(request);
          this.#headers.markInitial(request, id);
          this.#begin(id, transport, request);
          transport.onRequest(request, response);
        }
      });
    });
  }

  /** Takes an upgrade request to the engine's path. */
  handleUpgrade(request: EngineRequest, socket: Duplex, head: Buffer): void {
    // Middlewares find it on the request.
    queryOf(request);
    holdUpgrade(socket);
    const onError = (error: unknown): void => this.userErrors.report(error, { phase: "engine" });
    const response = this.#middlewares.length > 0 ? new UpgradeResponse(request, socket, onError) : undefined;
    const refuse = (rejection: Rejection): void => {
      this.#report(request, rejection);
      if (response) {
        response.refuse(400, rejection.message);
      } else {
        endUpgrade(socket, 400, [], rejection.message);
      }
    };
    const fail = (error: unknown): void =>
      refuse(reject(REJECTIONS.BAD_REQUEST, { name: "MIDDLEWARE_FAILURE", error }));
    const proceed = (error?: unknown): void => {
      if (error) {
        fail(error);
        return;
      }
      if (response?.answered) {
        return;
      }
      this.#admissions.admit(request, true, refuse, ({ session }, id) => {
        const moreHeaders = response ? response.accept(fail) : [];
        if (!moreHeaders) {
          return;
        }
        if (!session) {
          this.#headers.markInitial(request, id);
        }
        this.#entranceOfWebSockets()?.accept(request, socket, head, moreHeaders, (transport) => {
          if (!session) {
            this.#begin(id, transport, request);
          } else if (!session.upgradeTo(transport)) {
            // It has closed while the handshake was answered.
            transport.handler = DEAF;
            transport.abort();
          }
        });
      });
    };
    if (response) {
      runMiddlewares(this.#middlewares, request, response, this.userErrors, proceed);
    } else {
      proceed();
    }
  }

  /**
   * Takes a WebTransport session from an HTTP/3 server. Its client has to open a stream, and to say within the option
   * `upgradeTimeout` whether it wants a new session or to move one here. While there are middlewares, the option `cors`
   * included, every session is closed at once: they expect a request, and there is none.
   *
   * @param session - as the HTTP/3 server made it
   * @returns settles when the client was let in or sent away, or has gone
   * @throws TypeError if the streams of `session` are being read by someone else
   * @example
   * ```ts
   * for await (const session of h3Server.sessionStream("/socket.io/")) {
   *   void io.engine.onWebTransportSession(session);
   * }
   * ```
   */
  async onWebTransportSession(session: WebTransportSession): Promise<void> {
    if (this.#closed) {
      await refuseSession(session, "the server is closed");
    } else if (this.#middlewares.length > 0) {
      await refuseSession(session, "there are middlewares, which can't look at it");
    } else {
      await this.#entrances.enter(session);
    }
  }

  #admitWebTransport(transport: Transport, sid: string | undefined): boolean {
    if (sid === undefined) {
      // What makes ids for the application would expect a request.
      this.#begin(generateId(), transport);
      return true;
    }
    const session = this.#connections.get(sid)?.session;
    return session?.transport.name === "polling" && session.upgradeTo(transport);
  }

  /** Why nobody is let in, if the engine is closed. */
  #refusal(): Rejection | undefined {
    return this.#closed ? reject(REJECTIONS.BAD_REQUEST, { name: "SERVER_CLOSED" }) : undefined;
  }

  #report(request: IncomingMessage, rejection: Rejection): void {
    debug("refused %s %o: %o, %o", request.method, request.url, rejection.message, rejection.context);
    if (this.listenerCount("connection_error") > 0) {
      const { code, context } = rejection;
      const error: ConnectionError = { req: request, code, message: REJECTION_MESSAGES[code], context };
      this.tell("connection_error", error);
    }
  }

  // ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** @param request - what began the session; there is none over WebTransport */
  #begin(id: string, transport: Transport, request?: EngineRequest): void {
    const record = request
      ? new RequestRecord(request, this.#applicationSees(), transport.name === "websocket")
      : new NoRequest();
    const settings = this.#sessionSettings.get(request ? revisionOf(request) : REVISION_4) as SessionSettings;
    const connection = this.#accept((handler) => new ServerSession(settings, handler, transport, id), record);
    this.#connections.set(id, connection);
    debug("handshake of session %s by %s, from %s", id, transport.name, record.remoteAddress);
    if (debugSession.enabled) {
      // It is the engine socket that tells of a session, and there is one only if somebody asks for it.
      debugSession("session %s begins on %s", connection.conn.id, transport.name);
    }
    connection.session.open(this.#handshakeFor(id, transport), this.opts.initialPacket as EngineData | undefined);
    if (this.listenerCount("connection") > 0) {
      this.tell("connection", connection.conn);
    }
  }

  /** A session has sent: tells listeners, if there are any, for otherwise nobody needs its façade. */
  #tellOf(event: "flush" | "drain", session: Session, packets?: readonly EnginePacket[]): void {
    const connection = this.listenerCount(event) > 0 ? this.#connections.get(session.id) : undefined;
    if (connection) {
      this.tell(event, ...(packets ? [connection.conn, packets] : [connection.conn]));
    }
  }

  /** Whether anything of the application may have had the request in its hands. */
  #applicationSees(): boolean {
    return (
      this.opts.allowRequest !== undefined ||
      this.#middlewares.length > this.#ownMiddlewares ||
      this.generateId !== generateIdByDefault ||
      this.verify !== verifyByDefault ||
      this.listenerCount("headers") > 0 ||
      this.listenerCount("initial_headers") > 0
    );
  }

  /** Where WebSockets come in; another one if the options have changed, for what clients are told must be what is. */
  #entranceOfWebSockets(): WebSocketEntrance | undefined {
    const current = this.#webSockets;
    if (current && current.maxPayload !== this.opts.maxHttpBufferSize) {
      current.close();
      this.#webSockets = new WebSocketEntrance(this.opts, this.turn, this.#headers);
    }
    return this.#webSockets;
  }

  #handshakeFor(sid: string, transport: Transport): Handshake {
    const { transports, pingInterval, pingTimeout, maxHttpBufferSize } = this.opts;
    return {
      sid,
      upgrades: this.upgrades(transport.name).filter((name) => (transports as string[]).includes(name)),
      pingInterval,
      pingTimeout,
      maxPayload: maxHttpBufferSize,
    };
  }

  tellOfHeaders(
    event: "headers" | "initial_headers",
    headers: Record<string, string | number>,
    request: IncomingMessage,
  ): void {
    this.tell(event, headers, request);
  }

  onIllegalHeader(error: unknown, event: "headers" | "initial_headers"): void {
    this.userErrors.report(error, { phase: "engine", event });
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes sessions, from the start and again after {@link close}. */
  open(): this {
    if (this.#closed) {
      this.#closed = false;
      this.#webSockets = this.takesUpgrades ? new WebSocketEntrance(this.opts, this.turn, this.#headers) : undefined;
    }
    return this;
  }

  /** Ends all sessions at once and takes no further ones. */
  close(): this {
    this.#closed = true;
    debug("closing %d sessions", this.#connections.size);
    for (const { session } of [...this.#connections.values()]) {
      session.abort();
    }
    this.#entrances.refuseAll("the server closes");
    this.#webSockets?.close();
    return this;
  }
}

/** What an engine does by itself, to tell whether the application has put something in its place. */
const { generateId: generateIdByDefault, verify: verifyByDefault } = Engine.prototype as unknown as {
  readonly generateId: Engine["generateId"];
  readonly verify: unknown;
};
