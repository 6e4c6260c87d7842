import { createServer, type Server as HttpServer } from "node:http";
import { UserErrors, type HandlerErrorPolicy, type UserErrorContext } from "../user-errors.ts";
import { Engine } from "./engine.ts";
import type { AttachOptions, EngineOptions } from "./options.ts";
import { RawConnection } from "./raw-connection.ts";
import { REJECTION_MESSAGES, REJECTIONS } from "./rejection.ts";

/** Methods of `engine.io`'s server that would not be called here: who overrides one counts on it, and on what it keeps out. */
const NOT_CALLED = ["handshake", "createTransport", "_applyMiddlewares"] as const;

/** Options of a {@link Server}. */
export interface ServerOptions extends EngineOptions {
  /** What becomes of an exception or rejection in a listener. Default: `contain` */
  handlerErrors?: HandlerErrorPolicy;
}

/**
 * An engine by itself: connections that carry messages, without namespaces, events or acknowledgements on top.
 *
 * Emits what every engine does, `connection(socket)` first of all, and `handler_error(error, context)` when a listener throws
 * or rejects; without a listener for that, the stack goes to stderr.
 *
 * @example
 * ```ts
 * const engine = new Server();
 * engine.on("connection", (socket) => {
 *   socket.on("message", (data) => socket.send(data));
 * });
 * engine.attach(httpServer);
 * ```
 */
export class Server extends Engine {
  /** The numbers of refusals, as clients and `connection_error` listeners are told them, by name. */
  static readonly errors: typeof REJECTIONS = REJECTIONS;
  /** What each of them means, in words. */
  static readonly errorMessages: typeof REJECTION_MESSAGES = REJECTION_MESSAGES;

  /**
   * @param options - how sessions begin, stay alive, and what they may carry
   * @throws TypeError for a subclass with a `handshake`, `createTransport` or `_applyMiddlewares`, which would not be called
   */
  constructor(options: ServerOptions = {}) {
    const userErrors = new UserErrors(options.handlerErrors ?? "contain", (error, context) =>
      this.#tellHandlerError(error, context),
    );
    super(options, (createSession, request) => new RawConnection(this, createSession, request), userErrors);
    const method = NOT_CALLED.find((name) => name in this);
    if (method) {
      throw new TypeError(`${method}() of a subclass would not be called: override verify(), or use middlewares`);
    }
  }

  #tellHandlerError(error: unknown, context: UserErrorContext): boolean {
    return this.emit("handler_error", error, context);
  }

  override close(): this {
    super.close();
    this.userErrors.flush();
    return this;
  }

  /** @internal A `handler_error` listener is not told of its own rejection: that could go on for ever. */
  override onRejection(error: unknown, event: string): void {
    if (event === "handler_error") {
      this.userErrors.reportListener(error);
    } else {
      super.onRejection(error, event);
    }
  }
}

/**
 * Makes an engine and attaches it to an HTTP server.
 *
 * @param httpServer - of `node:http` or `node:https`
 * @param options - of the engine, and of attaching it
 */
export function attach(httpServer: HttpServer, options: ServerOptions & AttachOptions = {}): Server {
  return new Server(options).attach(httpServer, options);
}

/**
 * Makes an engine with an HTTP server of its own, which answers all other requests with 501.
 *
 * @param port - where it listens; 0 for any that is free
 * @param options - of the engine, and of attaching it. May be left out
 * @param listening - called when it listens
 */
export function listen(
  port: number,
  options?: (ServerOptions & AttachOptions) | (() => void) | null,
  listening?: () => void,
): Server {
  const [settings, callback] = typeof options === "function" ? [undefined, options] : [options, listening];
  const httpServer = createServer((_request, response) => {
    response.writeHead(501);
    response.end("Not Implemented");
  });
  const engine = attach(httpServer, settings ?? {});
  engine.httpServer = httpServer;
  httpServer.listen(port, callback);
  return engine;
}
