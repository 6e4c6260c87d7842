import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from "node:http";
import { runChain } from "../middleware-chain.ts";
import type { UserErrors } from "../user-errors.ts";
import { checkHeader } from "./response-headers.ts";

/**
 * The part of `http.ServerResponse` that middlewares use. On a WebSocket upgrade, where there is no response yet, an
 * {@link UpgradeResponse} takes its place.
 */
export interface MiddlewareResponse {
  setHeader(name: string, value: string | number | readonly string[]): unknown;
  getHeader(name: string): OutgoingHttpHeader | undefined;
  removeHeader(name: string): void;
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown;
  end(body?: string): unknown;
}

/** An Express-style function that runs on every request to the engine. */
export type EngineMiddleware = (
  request: IncomingMessage,
  response: MiddlewareResponse,
  next: (error?: unknown) => void,
) => unknown;

/**
 * Runs engine middlewares.
 *
 * @param userErrors - told of what they throw or reject with
 * @param done - called once, with the error of the middleware that had one; not at all if one ended the response
 */
export function runMiddlewares(
  middlewares: readonly EngineMiddleware[],
  request: IncomingMessage,
  response: MiddlewareResponse,
  userErrors: UserErrors,
  done: (error?: unknown) => void,
): void {
  if (middlewares.length === 0) {
    done();
  } else {
    const run = (middleware: EngineMiddleware, next: (error?: unknown) => void): unknown =>
      middleware(request, response, next);
    runChain(middlewares, run, done, userErrors, { phase: "engine", event: "use" });
  }
}

/** Collects what middlewares do to the response of an upgrade request, which is written by hand. */
export class UpgradeResponse implements MiddlewareResponse {
  /** The headers to go with the 101. */
  readonly headers: Map<string, string | number | readonly string[]> = new Map();
  /** Whether a middleware has ended it. */
  ended = false;
  readonly #refuse: (status: number, headers: string[], body: string) => void;
  #status = 200;

  /**
   * @param refuse - called when a middleware ends the response instead of letting the upgrade happen
   */
  constructor(refuse: (status: number, headers: string[], body: string) => void) {
    this.#refuse = refuse;
  }

  setHeader(name: string, value: string | number | readonly string[]): this {
    checkHeader(name, value);
    this.headers.set(name.toLowerCase(), value);
    return this;
  }

  getHeader(name: string): OutgoingHttpHeader | undefined {
    return this.headers.get(name.toLowerCase()) as OutgoingHttpHeader | undefined;
  }

  removeHeader(name: string): void {
    this.headers.delete(name.toLowerCase());
  }

  writeHead(status: number, headers: OutgoingHttpHeaders = {}): this {
    this.#status = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) {
        this.setHeader(name, value);
      }
    }
    return this;
  }

  end(body = ""): this {
    this.ended = true;
    this.#refuse(this.#status, this.lines(), body);
    return this;
  }

  /** The headers as they stand on the wire. */
  lines(): string[] {
    const lines: string[] = [];
    for (const [name, value] of this.headers) {
      for (const item of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) {
        lines.push(`${name}: ${item}`);
      }
    }
    return lines;
  }
}
