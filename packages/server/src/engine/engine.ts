import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import {
  DEAF,
  DeadlineQueue,
  SERVER_ROLE,
  Session,
  Turn,
  type EngineData,
  type Handshake,
  type EnginePacket,
  type SessionHandler,
  type SessionSettings,
  type Transport,
} from "@hawser/core";
import { askWhetherAllowed, makeId, type IdGenerator } from "./application.ts";
import { sessionCookie } from "./cookie.ts";
import { cors } from "./cors.ts";
import { GuardedEmitter } from "./guarded-emitter.ts";
import type { EngineSocket } from "./engine-socket.ts";
import { closeAfterwards, isBrokenOff } from "./http2.ts";
import { generateId } from "./ids.ts";
import { runMiddlewares, UpgradeResponse, type EngineMiddleware } from "./middleware.ts";
import { nodeClock } from "./node-clock.ts";
import { resolveEngineOptions, type EngineOptions, type ResolvedEngineOptions } from "./options.ts";
import { REJECTION_MESSAGES, REJECTIONS, reject, statusOf, type Rejection } from "./rejection.ts";
import { queryOf, queryValue, type EngineRequest } from "./request.ts";
import { RequestRecord } from "./request-record.ts";
import { REVISION_3, REVISION_4, type EngineRevision } from "./revisions.ts";
import { JsonpTransport } from "./transports/jsonp.ts";
import { PollingTransport, type PollingSettings } from "./transports/polling.ts";
import { WebSocketTransport } from "./transports/websocket.ts";
import type { UserErrors } from "../user-errors.ts";
import { revisionOf, verify, verifyRevision, type Admission } from "./verify.ts";
import type { WebSocketEngine } from "./ws-door.ts";

/** Milliseconds within which a session that is closing must have sent what it still holds. */
const CLOSE_TIMEOUT = 30_000;

/** A session, and the room above it. */
export interface EngineConnection {
  readonly session: Session;
  /** The session as applications see it. */
  readonly conn: EngineSocket;
}

/**
 * Takes a new session: makes the room above it, and with that the session itself.
 *
 * @param create - makes the session that reports to the handler
 * @param record - the request that began it
 */
export type SessionAcceptor = (create: (handler: SessionHandler) => Session, record: RequestRecord) => EngineConnection;

/** What a refused request is told to `connection_error` listeners as. */
export interface ConnectionError extends Rejection {
  readonly req: IncomingMessage;
}

function ignoreError(): void {
  // A connection that breaks while its request is looked at is noticed when it is answered.
}

/**
 * The engine: begins sessions, finds the session of each further request, and ends them all.
 *
 * Emits `connection(conn)` for each session that has begun, `connection_error({ req, code, message, context })` for each
 * refused request, `initial_headers(headers, req)` for the first response of each session, `headers(headers, req)` for each
 * response, `flush(conn, packets)` when a session hands packets to its transport, and `drain(conn)` when nothing of them
 * waits any more.
 */
export class Engine extends GuardedEmitter {
  readonly opts: ResolvedEngineOptions;
  readonly deadlines: DeadlineQueue = new DeadlineQueue(nodeClock);
  readonly turn: Turn = new Turn(nodeClock);
  /** Overwrite it to make ids of your own: 20 characters of `[A-Za-z0-9_-]`, at once or by a promise. */
  generateId: IdGenerator = generateId;
  readonly #accept: SessionAcceptor;
  readonly #connections = new Map<string, EngineConnection>();
  readonly #middlewares: EngineMiddleware[] = [];
  readonly #sessionSettings: ReadonlyMap<EngineRevision, SessionSettings>;
  readonly #pollingSettings: PollingSettings;
  #ws: WebSocketEngine | undefined;
  #closed = true;
  /** Requests whose response is the first of a session, and which session that is. */
  readonly #initial = new WeakMap<IncomingMessage, string>();
  /** What middlewares want to go with the 101 of an upgrade. */
  readonly #upgradeHeaders = new WeakMap<IncomingMessage, string[]>();
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
    const settings = {
      role: SERVER_ROLE,
      deadlines: this.deadlines,
      turn: this.turn,
      upgradeTimeout: this.opts.upgradeTimeout,
      closeTimeout: CLOSE_TIMEOUT,
      onEnd: (session: Session) => this.#connections.delete(session.id),
      onFlush: (session: Session, packets: readonly EnginePacket[]) => this.#tellOf("flush", session, packets),
      onDrain: (session: Session) => this.#tellOf("drain", session),
    } satisfies Omit<SessionSettings, "revision">;
    this.#sessionSettings = new Map(
      [REVISION_3, REVISION_4].map((revision) => [revision, { ...settings, revision }] as const),
    );
    this.#pollingSettings = {
      maxPayload: this.opts.maxHttpBufferSize,
      compression: this.opts.httpCompression,
      decorate: (headers, request) => this.#decorate(headers, request),
    };
    if (this.opts.cors) {
      this.#middlewares.push(cors(this.opts.cors));
      // Options can't do anything to a request; a function of the application can.
      this.#ownMiddlewares = typeof this.opts.cors === "function" ? 0 : 1;
    }
    this.open();
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
  use(middleware: EngineMiddleware): this {
    this.#middlewares.push(middleware);
    return this;
  }

  // ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes an HTTP request to the engine's path. */
  handleRequest(request: EngineRequest, response: ServerResponse): void {
    // Middlewares find it on the request.
    queryOf(request);
    const refuse = (rejection: Rejection): void => {
      this.#report(request, rejection);
      const { code, message } = rejection;
      if (this.#closed) {
        closeAfterwards(response);
      }
      response.writeHead(statusOf(rejection), { "Content-Type": "application/json" });
      response.end(JSON.stringify({ code, message }));
    };
    runMiddlewares(this.#middlewares, request, response, this.userErrors, (error) => {
      if (response.headersSent) {
        return;
      }
      if (error) {
        refuse(reject(REJECTIONS.BAD_REQUEST, { name: "MIDDLEWARE_FAILURE", error }));
        return;
      }
      this.#admit(request, false, refuse, ({ session }, id) => {
        if (session) {
          (session.transport as PollingTransport).onRequest(request, response);
        } else if (!isBrokenOff(response)) {
          const transport = this.#createPolling(request);
          this.#markInitial(request, id);
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
    socket.on("error", ignoreError);
    const end = (status: number, headers: string[], body: string): void => {
      const lines = [
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
        "Connection: close",
        ...headers,
        `Content-Length: ${Buffer.byteLength(body)}`,
      ];
      socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
    };
    const response = new UpgradeResponse(end);
    const refuse = (rejection: Rejection): void => {
      this.#report(request, rejection);
      end(400, [...response.lines(), "Content-type: text/html"], rejection.message);
    };
    runMiddlewares(this.#middlewares, request, response, this.userErrors, (error) => {
      if (response.ended) {
        return;
      }
      if (error) {
        refuse(reject(REJECTIONS.BAD_REQUEST, { name: "MIDDLEWARE_FAILURE", error }));
        return;
      }
      this.#admit(request, true, refuse, ({ session }, id) => {
        if (response.headers.size > 0) {
          this.#upgradeHeaders.set(request, response.lines());
        }
        this.#acceptWebSocket(request, socket, head, session, id);
      });
    });
  }

  /** Decides whether a request may go on; a handshake is given its session id. */
  #admit(
    request: EngineRequest,
    upgrade: boolean,
    refuse: (rejection: Rejection) => void,
    proceed: (admission: Admission, id: string) => void,
  ): void {
    const verdict = this.#refusal() ?? verify(request, upgrade, this.opts, this.#connections);
    if ("code" in verdict) {
      refuse(verdict);
      return;
    }
    if (verdict.session) {
      proceed(verdict, verdict.session.id);
      return;
    }
    const onError = (error: unknown): void => this.userErrors.report(error, { phase: "engine", event: "allowRequest" });
    askWhetherAllowed(this.opts.allowRequest, request, onError, (forbidden) => {
      const rejection = forbidden ?? verifyRevision(request, this.opts.allowEIO3);
      if (rejection) {
        refuse(rejection);
        return;
      }
      const isTaken = (id: string): boolean => this.#connections.has(id);
      makeId(this.generateId, request, isTaken, (id) => {
        // The application may have taken its time.
        const outcome = this.#refusal() ?? id;
        if (typeof outcome === "string") {
          proceed(verdict, outcome);
        } else {
          refuse(outcome);
        }
      });
    });
  }

  /** Why nobody is let in, if the engine is closed. */
  #refusal(): Rejection | undefined {
    return this.#closed ? reject(REJECTIONS.BAD_REQUEST, { name: "SERVER_CLOSED" }) : undefined;
  }

  #report(request: IncomingMessage, rejection: Rejection): void {
    if (this.listenerCount("connection_error") > 0) {
      const { code, context } = rejection;
      const error: ConnectionError = { req: request, code, message: REJECTION_MESSAGES[code], context };
      this.tell("connection_error", error);
    }
  }

  // ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────

  #begin(id: string, transport: Transport, request: EngineRequest): void {
    const record = new RequestRecord(request, this.#applicationSees(), transport.name === "websocket");
    const settings = this.#sessionSettings.get(revisionOf(request)) as SessionSettings;
    const connection = this.#accept((handler) => new Session(settings, handler, transport, id), record);
    this.#connections.set(id, connection);
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
      this.generateId !== generateId ||
      this.listenerCount("headers") > 0 ||
      this.listenerCount("initial_headers") > 0
    );
  }

  #createPolling(request: EngineRequest): PollingTransport {
    const revision = revisionOf(request);
    const index = this.opts.allowEIO3 ? queryValue(request, "j") : undefined;
    return index === undefined
      ? new PollingTransport(this.#pollingSettings, revision, !queryOf(request)["b64"])
      : new JsonpTransport(this.#pollingSettings, revision, index);
  }

  #handshakeFor(sid: string, transport: Transport): Handshake {
    const { allowUpgrades, transports, pingInterval, pingTimeout, maxHttpBufferSize } = this.opts;
    const mayMove = allowUpgrades && transport.name === "polling" && transports.includes("websocket");
    return {
      sid,
      upgrades: mayMove ? ["websocket"] : [],
      pingInterval,
      pingTimeout,
      maxPayload: maxHttpBufferSize,
    };
  }

  #acceptWebSocket(
    request: EngineRequest,
    socket: Duplex,
    head: Buffer,
    session: Session | undefined,
    id: string,
  ): void {
    if (!session) {
      this.#markInitial(request, id);
    }
    // Held back so that the 101 and what follows in this turn leave in one write.
    socket.cork();
    this.#ws?.handleUpgrade(request, socket, head, (webSocket) => {
      socket.removeListener("error", ignoreError);
      const transport = new WebSocketTransport(webSocket, socket, revisionOf(request), !queryOf(request)["b64"]);
      if (!session) {
        this.#begin(id, transport, request);
      } else if (!session.upgradeTo(transport)) {
        // It has closed while the handshake was answered.
        transport.handler = DEAF;
        transport.abort();
      }
    });
    this.turn.awaitFlush({ flush: () => socket.uncork() });
  }

  // ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────

  #markInitial(request: IncomingMessage, id: string): void {
    if (this.opts.cookie || this.listenerCount("initial_headers") > 0) {
      this.#initial.set(request, id);
    }
  }

  #decorate(headers: Record<string, string | number>, request: IncomingMessage): void {
    const id = this.#initial.get(request);
    if (id !== undefined) {
      this.#initial.delete(request);
      if (this.opts.cookie) {
        headers["Set-Cookie"] = sessionCookie(this.opts.cookie, id);
      }
      this.tell("initial_headers", headers, request);
    }
    this.tell("headers", headers, request);
  }

  #createWebSocketEngine(): WebSocketEngine {
    const { wsEngine: WebSocketEngineClass, maxHttpBufferSize, perMessageDeflate } = this.opts;
    const ws = new WebSocketEngineClass({
      noServer: true,
      clientTracking: false,
      maxPayload: maxHttpBufferSize,
      perMessageDeflate: perMessageDeflate === true ? { threshold: 1024 } : perMessageDeflate,
    });
    ws.on("headers", (lines, request) => {
      lines.push(...(this.#upgradeHeaders.get(request) ?? []));
      const headers: Record<string, string | number> = {};
      this.#decorate(headers, request);
      for (const [name, value] of Object.entries(headers)) {
        lines.push(`${name}: ${value}`);
      }
    });
    return ws;
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes sessions, from the start and again after {@link close}. */
  open(): this {
    if (this.#closed) {
      this.#closed = false;
      this.#ws = this.opts.transports.includes("websocket") ? this.#createWebSocketEngine() : undefined;
    }
    return this;
  }

  /** Ends all sessions at once and takes no further ones. */
  close(): this {
    this.#closed = true;
    for (const { session } of [...this.#connections.values()]) {
      session.abort();
    }
    this.#ws?.close();
    return this;
  }
}
