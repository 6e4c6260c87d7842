// @ts-check

import { readFile } from "node:fs/promises";

/** @import { IncomingMessage, ServerResponse } from "node:http" */

/** Every file that is served, by its path: what is not listed does not exist. */
const files = new Map([
  ["/", { file: "index.html", type: "text/html; charset=utf-8" }],
  ["/style.css", { file: "style.css", type: "text/css; charset=utf-8" }],
  ["/icon.svg", { file: "icon.svg", type: "image/svg+xml" }],
  ...["chat.js", "connection.js", "dom.js", "entries.js", "limits.js", "people.js", "pictures.js"].map(
    (file) => /** @type {const} */ ([`/${file}`, { file, type: "text/javascript; charset=utf-8" }]),
  ),
]);

/** The page runs its own scripts and talks to its own server, and shows pictures from memory; nothing else. */
const contentSecurityPolicy = "default-src 'self'; img-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'";

/**
 * Answers a request for one of the page's files, or 404.
 *
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
export async function servePage(request, response) {
  const found = files.get(new URL(request.url ?? "/", "http://localhost").pathname);
  if (!found || (request.method !== "GET" && request.method !== "HEAD")) {
    response.writeHead(404, { "Content-Type": "text/plain" }).end("Not found\n");
    return;
  }
  const content = await readFile(new URL(`public/${found.file}`, import.meta.url));
  response.writeHead(200, {
    "Content-Type": found.type,
    "Content-Length": content.length,
    "Content-Security-Policy": contentSecurityPolicy,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : content);
}
