import { createReadStream, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream";
import { chooseEncoding, compressor } from "./engine/compression.ts";
import { pathOf } from "./engine/request.ts";

const BUNDLES: ReadonlySet<string> = new Set(
  ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"].flatMap((name) => [
    name,
    `${name}.map`,
  ]),
);

/** Where the client package's bundles are, and which version they are of. */
interface Bundles {
  readonly folder: string;
  readonly etag: string;
}

let found: Bundles | undefined;

function findBundles(): Bundles {
  if (!found) {
    const manifest = createRequire(import.meta.url).resolve("hawser-client/package.json");
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
    found = { folder: join(dirname(manifest), "dist"), etag: `"${version}"` };
  }
  return found;
}

/**
 * The name of the bundle that is asked for, if it is one.
 *
 * @param prefix - the path below which they are, with a slash at its end
 */
export function bundleName(request: IncomingMessage, prefix: string): string | undefined {
  const path = pathOf(request.url ?? "");
  const name = path.startsWith(prefix) ? path.slice(prefix.length) : "";
  return BUNDLES.has(name) ? name : undefined;
}

/**
 * Serves a bundle of the client.
 *
 * @throws if the client's package can't be found; nothing is answered then
 */
export function serveBundle(request: IncomingMessage, response: ServerResponse, name: string): void {
  const { folder, etag } = findBundles();
  const known = request.headers["if-none-match"];
  if (known === etag || known === `W/${etag}`) {
    response.writeHead(304);
    response.end();
    return;
  }
  const type = name.endsWith(".map") ? "application/json" : "application/javascript";
  const encoding = chooseEncoding(String(request.headers["accept-encoding"] ?? ""), ["br", "gzip", "deflate"]);
  response.writeHead(200, {
    "Cache-Control": "public, max-age=0",
    "Content-Type": `${type}; charset=utf-8`,
    ETag: etag,
    ...(encoding && { "Content-Encoding": encoding }),
  });
  const file = createReadStream(join(folder, name));
  const stages = encoding ? [file, compressor(encoding), response] : [file, response];
  pipeline(stages, () => {
    // A client that goes away, or a file that can't be read, ends the response; there is nobody left to tell.
  });
}
