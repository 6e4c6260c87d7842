import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import type { Http2SecureServer, Http2Server } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import { debugFor } from "./debug.ts";
import { attach, normalisePath, type RequestTaker } from "./engine/attach.ts";
import { cors } from "./engine/cors.ts";
import type { Engine } from "./engine/engine.ts";
import { Http2Sessions } from "./engine/http2.ts";
import { runMiddlewares, type EngineMiddleware } from "./engine/middleware.ts";
import type { ServerOptions } from "./options.ts";
import { bundleName, serveBundle } from "./serve-client.ts";

const debug = debugFor("server", "socket.io:server");

/** The HTTP servers that a server can be attached to. */
export type AnyHttpServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** What can be changed while the server runs. */
export interface FrontSettings {
  /** Where the server listens, without a slash at its end. */
  path: string;
  /** Whether the client's bundles are served. */
  serveClient: boolean;
}

/** Whether a server can be attached to `value`, or is to say why not. A port may be a text, as in an environment variable. */
export function isTarget(value: unknown): value is AnyHttpServer | number | string {
  return (
    typeof value === "number" ||
    (typeof value === "string" && value !== "") ||
    typeof value === "function" ||
    (typeof value === "object" && value !== null && "listen" in value)
  );
}

/** An HTTP server that answers everything with 404, until something is put in front of it. */
export function createNotFoundServer(): HttpServer {
  return createServer((_request, response) => {
    response.writeHead(404);
    response.end();
  });
}

/** What stands in front of an HTTP server: it serves the client's bundles, and hands all else below its path to the engine. */
export class HttpFront implements RequestTaker {
  readonly #engine: Engine;
  readonly #settings: FrontSettings;
  /** What requests for bundles pass. */
  readonly #middlewares: readonly EngineMiddleware[];
  readonly #http2Sessions: Http2Sessions;

  /**
   * @param httpServer - whose requests it takes
   * @param settings - looked at for each request
   * @param options - what becomes of other requests, and who may read the bundles
   */
  constructor(httpServer: AnyHttpServer, engine: Engine, settings: FrontSettings, options: Partial<ServerOptions>) {
    this.#engine = engine;
    this.#settings = settings;
    this.#middlewares = options.cors ? [cors(options.cors, engine.userErrors)] : [];
    this.#http2Sessions = new Http2Sessions(httpServer);
    const path = normalisePath({ ...options, path: settings.path }, settings.path);
    debug("attaching to %s", path);
    attach(httpServer as HttpServer, this, path, options);
  }

  get takesUpgrades(): boolean {
    return this.#engine.takesUpgrades;
  }

  handleRequest(request: IncomingMessage, response: ServerResponse): void {
    const { path, serveClient } = this.#settings;
    const bundle = serveClient ? bundleName(request, `${path}/`) : undefined;
    if (bundle === undefined) {
      this.#engine.handleRequest(request, response);
      return;
    }
    runMiddlewares(this.#middlewares, request, response, this.#engine.userErrors, (error) => {
      if (error) {
        // The engine meets the same error, and refuses the request.
        this.#engine.handleRequest(request, response);
      } else {
        this.#serve(request, response, bundle);
      }
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse, bundle: string): void {
    debug("serving %s", bundle);
    try {
      serveBundle(request, response, bundle);
    } catch (error) {
      // The client's package is not there, as where a server was bundled into one file.
      this.#engine.userErrors.report(error, { phase: "engine" });
      response.writeHead(404);
      response.end();
    }
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#engine.handleUpgrade(request, socket, head);
  }

  open(): void {
    this.#engine.open();
  }

  close(): void {
    this.#engine.close();
  }

  /** The HTTP server is closing: what it waits for without asking is asked to end. */
  closeConnections(): void {
    this.#http2Sessions.close();
  }
}
