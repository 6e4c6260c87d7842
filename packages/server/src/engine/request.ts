import type { IncomingMessage } from "node:http";
import { parse } from "node:querystring";

/** The query of a request; a key that occurs twice has a list. It has no prototype, so any key is just a key. */
export type Query = NodeJS.Dict<string | string[]>;

/** A request on its way through the engine. */
export interface EngineRequest extends IncomingMessage {
  /** The parsed query, as middlewares know it from Socket.IO. */
  _query?: Query;
}

/** The query of `request`, parsed once. */
export function queryOf(request: EngineRequest): Query {
  return (request._query ??= parse(afterQuestionMark(request.url ?? "")));
}

/** One value of the query, if it is there exactly once. */
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
