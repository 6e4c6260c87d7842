import type { IncomingMessage, RequestListener, Server as HttpServer, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { AttachOptions } from "./options.ts";
import type { EngineRequest } from "./request.ts";

/** What an HTTP server hands its requests to. */
export interface RequestTaker {
  /** Whether it is given upgrade requests. Where nobody takes any, Node.js treats them as requests like any other. */
  readonly takesUpgrades: boolean;
  handleRequest(request: EngineRequest, response: ServerResponse): void;
  handleUpgrade(request: EngineRequest, socket: Duplex, head: Buffer): void;
  /** The HTTP server listens, perhaps again. */
  open(): unknown;
  /** The HTTP server is closed. */
  close(): unknown;
}

/** The path as requests must begin with. */
export function normalisePath(options: AttachOptions, fallback: string): string {
  const path = (options.path ?? fallback).replace(/\/$/, "");
  return options.addTrailingSlash === false ? path : `${path}/`;
}

/**
 * Puts `engine` in front of an HTTP server: requests below `path` are the engine's, all others go where they went
 * before.
 */
export function attach(server: HttpServer, engine: RequestTaker, path: string, options: AttachOptions): void {
  const isOurs = (request: IncomingMessage): boolean => (request.url ?? "").startsWith(path);
  const others = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    if (isOurs(request)) {
      engine.handleRequest(request, response);
    } else {
      for (const listener of others) {
        listener.call(server, request, response);
      }
    }
  });
  if (engine.takesUpgrades) {
    server.on("upgrade", (request, socket, head) => {
      if (isOurs(request)) {
        engine.handleUpgrade(request, socket, head);
      } else if (options.destroyUpgrade !== false) {
        endUnlessTaken(socket, options.destroyUpgradeTimeout ?? 1000);
      }
    });
  }
  server.on("listening", () => engine.open());
  server.on("close", () => engine.close());
}

/** Somebody else may take this upgrade: what nobody has written to by then is nobody's. */
function endUnlessTaken(socket: Duplex & { bytesWritten?: number }, timeout: number): void {
  // The HTTP server does not listen any more: without this, a client that resets the connection would end the process.
  socket.on("error", () => {});
  const timer = setTimeout(() => {
    if (socket.writable && (socket.bytesWritten ?? 0) <= 0) {
      socket.end();
    }
  }, timeout);
  socket.once("close", () => clearTimeout(timer));
}
