import type { IncomingMessage } from "node:http";

/**
 * The query of a request, an object like any other; of a key that occurs more than once, the last value. Lists are there only if
 * somebody else has parsed it.
 */
export type Query = NodeJS.Dict<string | string[]>;

/** A request on its way through the engine. */
export interface EngineRequest extends IncomingMessage {
  /** The parsed query, as middlewares know it from Socket.IO. */
  _query?: Query;
}

/** The query of `request`, parsed once. Every key becomes a property of the object's own, `__proto__` too. */
export function queryOf(request: EngineRequest): Query {
  return (request._query ??= Object.fromEntries(new URLSearchParams(afterQuestionMark(request.url ?? ""))));
}

/** One value of the query, if it is there. */
export function queryValue(request: EngineRequest, key: string): string | undefined {
  const value = queryOf(request)[key];
  return typeof value === "string" ? value : undefined;
}

/** The path of `url`, without the query. */
export function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

function afterQuestionMark(url: string): string {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start + 1);
}
