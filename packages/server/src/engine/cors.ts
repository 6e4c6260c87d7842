/**
 * Cross-origin requests: which headers tell a browser that a page of another origin may read the answer.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { UserErrors } from "../user-errors.ts";

/** An origin that may be allowed: exactly this one, or those that match. */
export type OriginRule = string | RegExp;

/** Which origins are allowed: all or none, one, those that match, or any of a list of such rules. */
export type AllowedOrigins = boolean | OriginRule | (boolean | OriginRule)[];

/** Told whether, or which, origins are allowed. */
export type OriginCallback = (error: Error | null, origin?: AllowedOrigins) => void;

/** Which pages may connect, and with what. */
export interface CorsOptions {
  /**
   * `true` or `*` allows any; a string, pattern or list allows what matches; a function decides. With `undefined` or nothing else that
   * is there, no page may connect. Default: `*`.
   */
  origin?: AllowedOrigins | ((requestOrigin: string | undefined, callback: OriginCallback) => void) | undefined;
  /** Default: `GET,HEAD,PUT,PATCH,POST,DELETE`. */
  methods?: string | string[] | undefined;
  /** Request headers. Default: those that the browser asks for. */
  allowedHeaders?: string | string[] | undefined;
  /** Response headers that the page may read. Default: none. */
  exposedHeaders?: string | string[] | undefined;
  /** Whether the page may send cookies. Default: false. */
  credentials?: boolean | undefined;
  /** Seconds for which the browser may remember the answer to a preflight. */
  maxAge?: number | undefined;
  /** Whether a preflight request is passed on instead of being answered. Default: false. */
  preflightContinue?: boolean | undefined;
  /** The status of the answer to a preflight. Default: 204. */
  optionsSuccessStatus?: number | undefined;
}

/** Chooses the options by the request. */
export type CorsDelegate = (
  request: IncomingMessage,
  callback: (error: Error | null, options?: CorsOptions) => void,
) => void;

type NextFunction = (error?: unknown) => void;

const DEFAULT_METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE";

function listOf(value: string | string[]): string {
  return Array.isArray(value) ? value.join(",") : value;
}

function setList(response: ServerResponse, name: string, value: string | string[]): void {
  const list = listOf(value);
  if (list !== "") {
    response.setHeader(name, list);
  }
}

function matches(origin: string, rule: OriginRule | boolean): boolean {
  // Unlike `test`, `search` does not go on where it stopped the last time.
  return rule instanceof RegExp ? origin.search(rule) !== -1 : rule === origin || rule === true;
}

function appendVary(response: ServerResponse, field: string): void {
  const present = response.getHeader("Vary");
  const fields = present === undefined ? [] : String(present).split(/\s*,\s*/);
  if (!fields.includes(field) && !fields.includes("*")) {
    response.setHeader("Vary", [...fields, field].join(", "));
  }
}

/** Sets the headers that say who may read the answer. */
function setOrigin(response: ServerResponse, requestOrigin: string | undefined, allowed: AllowedOrigins): void {
  if (allowed === "*") {
    response.setHeader("Access-Control-Allow-Origin", "*");
  } else if (typeof allowed === "string") {
    response.setHeader("Access-Control-Allow-Origin", allowed);
    appendVary(response, "Origin");
  } else {
    const rules = Array.isArray(allowed) ? allowed : [allowed];
    if (requestOrigin !== undefined && rules.some((rule) => matches(requestOrigin, rule))) {
      response.setHeader("Access-Control-Allow-Origin", requestOrigin);
    }
    appendVary(response, "Origin");
  }
}

function answerPreflight(request: IncomingMessage, response: ServerResponse, options: CorsOptions): void {
  response.setHeader("Access-Control-Allow-Methods", listOf(options.methods ?? DEFAULT_METHODS));
  const requested = request.headers["access-control-request-headers"];
  if (options.allowedHeaders) {
    setList(response, "Access-Control-Allow-Headers", options.allowedHeaders);
  } else {
    appendVary(response, "Access-Control-Request-Headers");
    if (requested) {
      response.setHeader("Access-Control-Allow-Headers", requested);
    }
  }
  if (options.maxAge !== undefined && options.maxAge !== null) {
    response.setHeader("Access-Control-Max-Age", String(options.maxAge));
  }
}

function apply(
  request: IncomingMessage,
  response: ServerResponse,
  next: NextFunction,
  options: CorsOptions,
  allowed: AllowedOrigins | undefined,
): void {
  if (!allowed) {
    next();
    return;
  }
  setOrigin(response, request.headers.origin, allowed);
  if (options.credentials === true) {
    response.setHeader("Access-Control-Allow-Credentials", "true");
  }
  if (options.exposedHeaders) {
    setList(response, "Access-Control-Expose-Headers", options.exposedHeaders);
  }
  if (request.method !== "OPTIONS") {
    next();
    return;
  }
  answerPreflight(request, response, options);
  if (options.preflightContinue) {
    next();
  } else {
    // Some browsers wait for a body unless the length says that there is none.
    response.setHeader("Content-Length", "0");
    response.writeHead(options.optionsSuccessStatus ?? 204);
    response.end();
  }
}

/**
 * An engine middleware that answers preflight requests and marks other answers as readable.
 *
 * @param settings - the options, or a function that chooses them by the request
 * @param userErrors - told of what functions of the application throw or reject with, which refuses the request
 */
export function cors(
  settings: CorsOptions | CorsDelegate,
  userErrors: UserErrors,
): (request: IncomingMessage, response: ServerResponse, next: NextFunction) => void {
  const ask = (next: NextFunction, call: () => unknown): void => {
    const failed = (error: unknown): void => next(error || new Error("the option cors failed"));
    userErrors.contain({ phase: "engine", event: "cors" }, call, failed);
  };
  return (request, response, next) => {
    const follow = (options: CorsOptions): void => {
      const origin = "origin" in options ? options.origin : "*";
      if (typeof origin !== "function") {
        apply(request, response, next, options, origin);
        return;
      }
      const answer: OriginCallback = (error, allowed) => {
        if (error) {
          next(error);
        } else {
          apply(request, response, next, options, allowed);
        }
      };
      ask(next, () => origin(request.headers.origin, answer));
    };
    if (typeof settings !== "function") {
      follow(settings);
      return;
    }
    ask(next, () => settings(request, (error, options) => (error ? next(error) : follow(options ?? {}))));
  };
}
