// @ts-check

import { readFile } from "node:fs/promises";

/** @import { IncomingMessage, ServerResponse } from "node:http" */

/** Every file that is served, by its path: what is not listed does not exist. */
const files = new Map([
  ["/", { file: "index.html", type: "text/html; charset=utf-8" }],
  ["/style.css", { file: "style.css", type: "text/css; charset=utf-8" }],
  ["/icon.svg", { file: "icon.svg", type: "image/svg+xml" }],
  ["/page.js", { file: "page.js", type: "text/javascript; charset=utf-8" }],
]);

/**
 * Answers a request for one of the page's files; for `/health`, by which the proxy knows that this node lives; or with 404.
 *
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
export async function servePage(request, response) {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const found = files.get(pathname);
  if (pathname === "/health") {
    response.writeHead(204).end();
  } else if (found && request.method === "GET") {
    const content = await readFile(new URL(`public/${found.file}`, import.meta.url));
    response.writeHead(200, {
      "Content-Type": found.type,
      "Content-Length": content.length,
      "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
      "Cache-Control": "no-cache",
    });
    response.end(content);
  } else {
    response.writeHead(404, { "Content-Type": "text/plain" }).end("Not found\n");
  }
}
