/** The client's bundles, which the server serves to browsers. */

import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { get } from "../harness/get.ts";
import { servers } from "../harness/implementations.ts";

const BUNDLES = ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"];

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

/** Starts a server and gives its URL, path included. */
async function serve(options: ConstructorParameters<typeof servers.hawser.use>[1] = {}): Promise<string> {
  const httpServer = createServer((_request, response) => response.writeHead(404).end());
  const io = new servers.hawser.use(httpServer, options);
  close = () => io.close();
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}${options?.path ?? "/socket.io"}`;
}

describe.each(BUNDLES)("%s", (bundle) => {
  test("is served as a script that may be kept, once checked", async () => {
    const { status, headers, body } = await get(`${await serve()}/${bundle}`);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/javascript; charset=utf-8");
    expect(headers["cache-control"]).toBe("public, max-age=0");
    expect(headers.etag).toMatch(/^"[^"]+"$/);
    expect(body.length).toBeGreaterThan(10_000);
    expect(body).toContain(`//# sourceMappingURL=${bundle}.map`);
  });

  test("has a source map that names its sources", async () => {
    const { status, headers, body } = await get(`${await serve()}/${bundle}.map`);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    const map = JSON.parse(body) as { version: number; sources: string[]; mappings: string };
    expect(map.version).toBe(3);
    expect(map.sources.length).toBeGreaterThan(5);
    expect(map.mappings.length).toBeGreaterThan(1_000);
  });

  test("is not sent again to a browser that has it", async () => {
    const url = `${await serve()}/${bundle}`;
    const { etag } = (await get(url)).headers;
    for (const known of [etag!, `W/${etag}`]) {
      const { status, bytes } = await get(url, { headers: { "if-none-match": known } });
      expect([status, bytes.length]).toEqual([304, 0]);
    }
    expect((await get(url, { headers: { "if-none-match": '"another"' } })).status).toBe(200);
  });

  test("is compressed for those who ask", async () => {
    const url = `${await serve()}/${bundle}`;
    const plain = await get(url);
    const gzip = await get(url, { headers: { "accept-encoding": "gzip" } });
    const brotli = await get(url, { headers: { "accept-encoding": "br" } });
    expect([gzip, brotli].map(({ headers }) => headers["content-encoding"])).toEqual(["gzip", "br"]);
    expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
    expect(brotliDecompressSync(brotli.bytes).equals(plain.bytes)).toBe(true);
  });
});

test("the ETag is the client's version", async () => {
  const { version } = createRequire(import.meta.url)("hawser-client/package.json") as { version: string };
  expect((await get(`${await serve()}/socket.io.js`)).headers.etag).toBe(`"${version}"`);
});

test("the bundles are served below the server's path, with a query too", async () => {
  const url = await serve({ path: "/live" });
  expect((await get(`${url}/socket.io.js?v=1`)).status).toBe(200);
});

test("the cors option holds for bundles", async () => {
  const url = await serve({ cors: { origin: "https://example.com" } });
  const { headers } = await get(`${url}/socket.io.esm.min.js`, { headers: { origin: "https://example.com" } });
  expect(headers["access-control-allow-origin"]).toBe("https://example.com");
});

test("with serveClient: false there are no bundles", async () => {
  const { status, body } = await get(`${await serve({ serveClient: false })}/socket.io.js`);
  expect(status).toBe(400);
  expect(JSON.parse(body)).toEqual({ code: 0, message: "Transport unknown" });
});
