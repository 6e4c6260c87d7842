/** The pages that browser tests load: nothing but a client's bundle, from the server's own path. */

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A file that a server serves to browsers. */
export type Bundle = "socket.io.js" | "socket.io.min.js" | "socket.io.msgpack.min.js" | "socket.io.esm.min.js";

/** The path and query of a page that loads `bundle` from `serverUrl`. */
export const pagePath = (bundle: Bundle, serverUrl: string): string =>
  `/page?${new URLSearchParams({ bundle, server: serverUrl })}`;

/** Answers with such a page. */
export const servePage: RequestListener = (request, response) => {
  const { pathname, searchParams } = new URL(request.url!, "http://page");
  if (pathname !== "/page") {
    response.writeHead(404).end();
    return;
  }
  const bundle = `${searchParams.get("server")}/socket.io/${searchParams.get("bundle")}`;
  const load = bundle.includes(".esm.")
    ? `<script type="module">import { io } from "${bundle}"; globalThis.io = io;</script>`
    : `<script src="${bundle}"></script>`;
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(`<!doctype html><html lang="en"><title>test</title><link rel="icon" href="data:,">${load}</html>`);
};

/** Serves the pages from an origin of their own. */
export async function startPageServer(): Promise<{ origin: string; close(): void }> {
  const server = createServer(servePage);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
