/**
 * Cross-origin requests: which headers tell a browser that a page of another origin may read the answer.
 */

import type { IncomingMessage } from "node:http";
import type { UserErrors } from "../user-errors.ts";
import type { MiddlewareResponse } from "./middleware.ts";

/** An origin that may be allowed: exactly this one, or those that match. */
export type OriginRule = string | RegExp;

/** Told whether, or which, origins are allowed. */
export type OriginCallback = (error: Error | null, origin?: boolean | OriginRule | OriginRule[]) => void;

/** Which pages may connect, and with what. */
export interface CorsOptions {
  /** `true` or `*` allows any; a string, pattern or list allows what matches; a function decides. Default: `*`. */
  origin?:
    boolean | OriginRule | OriginRule[] | ((requestOrigin: string | undefined, callback: OriginCallback) => void);
  /** Default: `GET,HEAD,PUT,PATCH,POST,DELETE`. */
  methods?: string | string[];
  /** Request headers. Default: those that the browser asks for. */
  allowedHeaders?: string | string[];
  /** Response headers that the page may read. Default: none. */
  exposedHeaders?: string | string[];
  /** Whether the page may send cookies. Default: false. */
  credentials?: boolean;
  /** Seconds for which the browser may remember the answer to a preflight. */
  maxAge?: number;
  /** Whether a preflight request is passed on instead of being answered. Default: false. */
  preflightContinue?: boolean;
  /** The status of the answer to a preflight. Default: 204. */
  optionsSuccessStatus?: number;
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

function matches(origin: string, rule: OriginRule | boolean): boolean {
  // Unlike `test`, `search` does not go on where it stopped the last time.
  return rule instanceof RegExp ? origin.search(rule) !== -1 : rule === origin || rule === true;
}

function appendVary(response: MiddlewareResponse, field: string): void {
  const present = response.getHeader("Vary");
  const fields = present === undefined ? [] : String(present).split(/\s*,\s*/);
  if (!fields.includes(field) && !fields.includes("*")) {
    response.setHeader("Vary", [...fields, field].join(", "));
  }
}

/** Sets the headers that say who may read the answer. */
function setOrigin(
  response: MiddlewareResponse,
  requestOrigin: string | undefined,
  allowed: boolean | OriginRule | OriginRule[],
): void {
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

function answerPreflight(request: IncomingMessage, response: MiddlewareResponse, options: CorsOptions): void {
  response.setHeader("Access-Control-Allow-Methods", listOf(options.methods ?? DEFAULT_METHODS));
  const requested = request.headers["access-control-request-headers"];
  if (options.allowedHeaders !== undefined) {
    response.setHeader("Access-Control-Allow-Headers", listOf(options.allowedHeaders));
  } else {
    appendVary(response, "Access-Control-Request-Headers");
    if (requested) {
      response.setHeader("Access-Control-Allow-Headers", requested);
    }
  }
  if (options.maxAge !== undefined) {
    response.setHeader("Access-Control-Max-Age", String(options.maxAge));
  }
}

function apply(
  request: IncomingMessage,
  response: MiddlewareResponse,
  next: NextFunction,
  options: CorsOptions,
  allowed: boolean | OriginRule | OriginRule[],
): void {
  if (allowed === false) {
    next();
    return;
  }
  setOrigin(response, request.headers.origin, allowed);
  if (options.credentials) {
    response.setHeader("Access-Control-Allow-Credentials", "true");
  }
  if (options.exposedHeaders !== undefined && options.exposedHeaders.length > 0) {
    response.setHeader("Access-Control-Expose-Headers", listOf(options.exposedHeaders));
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
): (request: IncomingMessage, response: MiddlewareResponse, next: NextFunction) => void {
  const ask = (next: NextFunction, call: () => unknown): void => {
    const failed = (error: unknown): void => next(error || new Error("the option cors failed"));
    userErrors.contain({ phase: "engine", event: "cors" }, call, failed);
  };
  return (request, response, next) => {
    const follow = (options: CorsOptions): void => {
      const { origin = "*" } = options;
      if (typeof origin !== "function") {
        apply(request, response, next, options, origin);
        return;
      }
      const answer: OriginCallback = (error, allowed) => {
        if (error) {
          next(error);
        } else {
          apply(request, response, next, options, allowed ?? false);
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
