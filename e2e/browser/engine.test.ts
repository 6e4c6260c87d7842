/** `hawser-client/engine` in a page, as Vite finds and bundles it. */

import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { attach, type Server as Engine, type Socket } from "hawser/engine";
import { build, type Rolldown } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { chromiumPath, launchChromium } from "../harness/chromium.ts";
import { bytes } from "../harness/scenario.ts";
import { inbox, type Inbox } from "../harness/waiting.ts";

/** The page's globals. */
declare const engine: any;
declare let socket: any;

const PAGE = `<!doctype html><html lang="en"><title>test</title><link rel="icon" href="data:,">
<script type="module">import * as engine from "/engine.js"; globalThis.engine = engine;</script></html>`;

/** Bundles the module for a page. */
async function bundle(): Promise<string> {
  const entry = "not-a-file.js";
  const output = await build({
    root: fileURLToPath(new URL("..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    build: { write: false, minify: false, lib: { entry, formats: ["es"], fileName: "engine" } },
    plugins: [
      {
        name: "entry",
        enforce: "pre",
        resolveId: (id) => (id.endsWith(entry) ? id : null),
        load: (id) => (id.endsWith(entry) ? 'export * from "hawser-client/engine";' : null),
      },
    ],
  });
  const [{ output: chunks }] = output as Rolldown.RolldownOutput[] as [Rolldown.RolldownOutput];
  return chunks[0].code;
}

describe.skipIf(chromiumPath === undefined)("hawser-client/engine in Chromium", () => {
  let code: string;
  let browser: Browser;
  let http: HttpServer;
  let server: Engine;
  let connections: Inbox;
  let page: Page;

  beforeAll(async () => {
    [code, browser] = await Promise.all([bundle(), launchChromium()]);
  });
  beforeEach(async () => {
    http = createServer((request, response) => {
      const isCode = request.url === "/engine.js";
      response.setHeader("content-type", isCode ? "text/javascript" : "text/html");
      response.end(isCode ? code : PAGE);
    });
    server = attach(http);
    connections = inbox(server, "connection");
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    page = await (await browser.newContext()).newPage();
    await page.goto(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`);
    await page.waitForFunction("globalThis.engine");
  });
  afterEach(async () => {
    await page.context().close();
    server.close();
    http.closeAllConnections();
    http.close();
  });
  afterAll(() => browser?.close());

  /** Makes a socket in the page, the global `socket`, and gives its other end once both are where they should be. */
  async function connect(options: object = {}): Promise<Socket> {
    await page.evaluate(
      (wishes) =>
        new Promise<void>((resolve) => {
          const upgrades = !("transports" in wishes);
          (globalThis as { socket?: unknown }).socket = new engine.Socket(wishes);
          socket.on(upgrades ? "upgrade" : "open", () => resolve());
        }),
      options,
    );
    return ((await connections.next()) as [Socket])[0];
  }

  /** What answers a message of the page: its class, and its bytes. */
  function answerTo(question: string, binaryType: string): Promise<unknown> {
    return page.evaluate(
      ([text, type]) =>
        new Promise((resolve) => {
          socket.binaryType = type;
          socket.once("message", async (data: ArrayBuffer | Blob) => {
            const kind = Object.prototype.toString.call(data).slice(8, -1);
            resolve([kind, ...new Uint8Array(await new Response(data).arrayBuffer())]);
          });
          socket.send(text);
        }),
      [question, binaryType],
    );
  }

  test("needs nothing of Node.js", () => {
    expect(code).not.toMatch(/node:|require\(|process\./);
  });

  test("connects to where the page came from, and moves to a WebSocket", async () => {
    const other = await connect();
    const seen = await page.evaluate(() => [socket.readyState, socket.transport.name, socket.id, socket.hostname]);
    expect(seen).toEqual(["open", "websocket", other.id, "127.0.0.1"]);
    expect(other.transport.name).toBe("websocket");
  });

  test.each(["polling", "websocket"])("text, bytes and files travel over %s", async (transport) => {
    const other = await connect({ transports: [transport] });
    const messages = inbox(other, "message");
    await page.evaluate(() => {
      socket.send("text");
      socket.send(new Uint8Array([1, 255]));
      socket.send(new File(["file"], "name.txt"));
    });
    const [text, typedArray, file] = await messages.take(3);
    expect([text![0], bytes(typedArray![0]), Buffer.from(bytes(file![0])).toString()]).toEqual([
      "text",
      [1, 255],
      "file",
    ]);
  });

  test.each(["polling", "websocket"])("binary data is what binaryType says, over %s", async (transport) => {
    const other = await connect({ transports: [transport] });
    other.on("message", () => other.send(Buffer.from([0, 255])));
    expect(await answerTo("as usual?", "arraybuffer")).toEqual(["ArrayBuffer", 0, 255]);
    expect(await answerTo("and now?", "blob")).toEqual(["Blob", 0, 255]);
  });

  test("its close is over at once, and told to the server", async () => {
    const other = await connect();
    const ends = inbox(other, "close");
    expect(await page.evaluate(() => socket.close().readyState)).toBe("closed");
    expect((await ends.next())[0]).toBe("transport close");
  });

  test("ends when the page goes offline", async () => {
    await connect();
    const told = page.evaluate(
      () =>
        new Promise((resolve) =>
          socket.on("close", (reason: string, error: Error) => resolve([reason, error.message])),
        ),
    );
    await page.evaluate(() => void dispatchEvent(new Event("offline")));
    expect(await told).toEqual(["transport close", "network connection lost"]);
  });
});
