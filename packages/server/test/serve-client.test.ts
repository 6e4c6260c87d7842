import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { nextEvent, TestServer, until } from "./fixture.ts";

const manifest = createRequire(import.meta.url).resolve("hawser-client/package.json");
const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
const etag = `"${version}"`;
const fileOf = (name: string): string => join(dirname(manifest), "dist", name);
const BUNDLES = ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"];
const FILES = [...BUNDLES, ...BUNDLES.map((name) => `${name}.map`)];

function ask(
  server: TestServer,
  name: string,
  headers: Record<string, string> = {},
): ReturnType<ReturnType<TestServer["client"]>["request"]> {
  return server.client({ path: `/socket.io/${name}` }).request({ headers });
}

describe.runIf(existsSync(fileOf("socket.io.js")))("a bundle of the client, once it is built,", () => {
  it.each(FILES)("is served: %s", async (name) => {
    const server = await TestServer.start();
    const { status, headers, bytes } = await ask(server, name);
    expect(status).toBe(200);
    expect(Buffer.compare(bytes, readFileSync(fileOf(name)))).toBe(0);
    expect(headers).toMatchObject({
      "content-type": `application/${name.endsWith(".map") ? "json" : "javascript"}; charset=utf-8`,
      "cache-control": "public, max-age=0",
      etag,
    });
  });

  it.each([
    ["br, gzip, deflate", "br", brotliDecompressSync],
    ["gzip, deflate", "gzip", gunzipSync],
    ["deflate", "deflate", inflateSync],
  ])("is compressed for who accepts %s", async (accepted, encoding, decompress) => {
    const server = await TestServer.start();
    const { headers, bytes } = await ask(server, "socket.io.min.js", { "accept-encoding": accepted });
    expect(headers["content-encoding"]).toBe(encoding);
    expect(Buffer.compare(decompress(bytes), readFileSync(fileOf("socket.io.min.js")))).toBe(0);
  });

  it("costs no more to compress by one encoding than by another: whoever asks has done nothing for it", async () => {
    const server = await TestServer.start();
    const costOf = async (encoding: string): Promise<number> => {
      const before = process.cpuUsage();
      await ask(server, "socket.io.js.map", { "accept-encoding": encoding });
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    await costOf("gzip");
    expect((await costOf("br")) / (await costOf("gzip"))).toBeLessThan(10);
  });

  it.runIf(existsSync("/proc/self/fd"))("that nobody reads to its end leaves no file open", async () => {
    const server = await TestServer.start();
    const open = (): number =>
      readdirSync("/proc/self/fd").filter((descriptor) => {
        try {
          return readlinkSync(`/proc/self/fd/${descriptor}`).includes("socket.io");
        } catch {
          return false;
        }
      }).length;
    for (let round = 0; round < 5; round++) {
      const request = nextEvent(server.http, "request");
      const tcp = await server.tcp();
      tcp.write("GET /socket.io/socket.io.js.map HTTP/1.1\r\nHost: x\r\n\r\n");
      await request;
      tcp.reset();
      await tcp.closed;
    }
    await until(() => open() === 0);
  });
});

it.each([etag, `W/${etag}`])("who has the version already (%s) is told so", async (known) => {
  const server = await TestServer.start();
  const { status, body } = await ask(server, "socket.io.js", { "if-none-match": known });
  expect([status, body]).toEqual([304, ""]);
});

it.each([
  "other.js",
  "socket.io.js/",
  "socket.io",
  "../package.json",
  "..%2Fpackage.json",
  "constructor",
  "__proto__",
  "socket.io.js%00",
])("nothing else is a file: %s", async (name) => {
  const server = await TestServer.start();
  const tcp = await server.tcp();
  tcp.write(`GET /socket.io/${name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await tcp.closed;
  expect(tcp.received).toContain('{"code":0,"message":"Transport unknown"}');
});

it("the path is that of the server, and a query does not matter", async () => {
  const server = await TestServer.start({ path: "/chat/" });
  const client = server.client({ path: "/chat/socket.io.js?v=1" });
  expect((await client.request({ headers: { "if-none-match": etag } })).status).toBe(304);
});

it("with serveClient: false there are no files", async () => {
  const server = await TestServer.start({ serveClient: false });
  expect((await ask(server, "socket.io.js", { "if-none-match": etag })).status).not.toBe(304);
  expect(server.io.serveClient()).toBe(false);
  expect(server.io.serveClient(true)).toBe(server.io);
  expect((await ask(server, "socket.io.js", { "if-none-match": etag })).status).toBe(304);
});

it("the cors option counts for files too", async () => {
  const server = await TestServer.start({ cors: { origin: "http://page.example" } });
  const { headers } = await ask(server, "socket.io.js", { "if-none-match": etag, origin: "http://page.example" });
  expect(headers["access-control-allow-origin"]).toBe("http://page.example");
});
