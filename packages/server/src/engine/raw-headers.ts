import type { IncomingHttpHeaders } from "node:http";

/** Of these headers only the first counts, as in Node's own parser; others are joined. */
const SINGLE: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

/**
 * The headers by their names, as `IncomingMessage` would tell them.
 *
 * @param rawHeaders - names and values in turn, as received
 */
export function parseRawHeaders(rawHeaders: readonly string[]): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    const value = rawHeaders[index + 1] as string;
    const present = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (name === "set-cookie") {
      headers[name] = [...((present as string[] | undefined) ?? []), value];
    } else if (present === undefined) {
      Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
    } else if (!SINGLE.has(name)) {
      headers[name] = `${String(present)}${name === "cookie" ? "; " : ", "}${value}`;
    }
  }
  return headers;
}

/**
 * The values of each header, unjoined, as `IncomingMessage.headersDistinct` would tell them.
 *
 * @param rawHeaders - names and values in turn, as received
 */
export function parseDistinctHeaders(rawHeaders: readonly string[]): NodeJS.Dict<string[]> {
  const headers: NodeJS.Dict<string[]> = Object.create(null) as NodeJS.Dict<string[]>;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    (headers[(rawHeaders[index] as string).toLowerCase()] ??= []).push(rawHeaders[index + 1] as string);
  }
  return headers;
}
