/** The bundle that speaks MessagePack, in a page, and the servers that it speaks with. */

import * as hawserParser from "hawser-msgpack-parser";
import officialParser from "socket.io-msgpack-parser";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { chromiumPath, launchChromium } from "../harness/chromium.ts";
import { createContext, type DisposableContext } from "../harness/context.ts";
import { servers } from "../harness/implementations.ts";
import { inboxOfSockets } from "../harness/scenario.ts";
import { inbox } from "../harness/waiting.ts";
import { pagePath, servePage } from "./pages.ts";

/** The page's global, as far as these tests use it. */
declare const io: any;

describe.skipIf(chromiumPath === undefined)("socket.io.msgpack.min.js in Chromium", () => {
  let browser: Browser;
  let bundles: DisposableContext;
  let bundlesUrl: string;
  let page: Page;
  let context: DisposableContext | undefined;

  beforeAll(async () => {
    browser = await launchChromium();
    // The page comes from hawser whatever server it then speaks with.
    bundles = createContext({
      Server: servers.hawser.use,
      io: () => expect.fail("the clients are in the page"),
      transportMode: "websocket",
      app: servePage,
    });
    bundlesUrl = `http://127.0.0.1:${(await bundles.createServer()).port}`;
  });
  afterEach(async () => {
    await context?.dispose();
    await page?.context().close();
  });
  afterAll(async () => {
    await browser?.close();
    await bundles?.dispose();
  });

  async function load(): Promise<void> {
    page = await (await browser.newContext()).newPage();
    await page.goto(bundlesUrl + pagePath("socket.io.msgpack.min.js", bundlesUrl));
  }

  /** Starts a server and loads a page with the bundle. */
  async function open(server: keyof typeof servers, parser: unknown) {
    context = createContext({
      Server: servers[server].use,
      io: () => expect.fail("the clients are in the page"),
      transportMode: "upgrade",
      serverOptions: { parser, cors: { origin: bundlesUrl } },
    });
    const { io: running, port } = await context.createServer();
    await load();
    return { server: running, url: `http://127.0.0.1:${port}`, connections: inbox(running, "connection") };
  }

  test("its global is io, and carries what io has", async () => {
    await load();
    const members = await page.evaluate(() => ["io", "connect", "Manager", "Socket"].map((name) => typeof io[name]));
    expect(members).toEqual(["function", "function", "function", "function"]);
  });

  describe.each([
    ["hawser", "hawser's", hawserParser],
    ["official", "Socket.IO's", officialParser],
  ] as const)("with the %s server and %s parser", (whose, _parser, parser) => {
    test.each(["polling", "websocket"])("sends binary data of every kind over %s", async (transport) => {
      const { server, url } = await open(whose, parser);
      // The page may have sent it before it is known here that the page was told to.
      const binaries = inboxOfSockets(server.of("/"), "binary");
      await page.evaluate(
        ([to, name]) => {
          const memory = new Uint8Array([0, 1, 2, 3]);
          io(to, { transports: [name] }).emit("binary", memory, memory.buffer, {
            nested: [memory.subarray(1, 3), new DataView(memory.buffer, 3)],
          });
        },
        [url, transport],
      );
      const [typedArray, arrayBuffer, { nested }] = await binaries.next();
      expect([typedArray, arrayBuffer, ...nested]).toStrictEqual([
        Buffer.from([0, 1, 2, 3]),
        Buffer.from([0, 1, 2, 3]),
        Buffer.from([1, 2]),
        Buffer.from([3]),
      ]);
    });

    test.each(["polling", "websocket"])("is handed binary data as ArrayBuffers over %s", async (transport) => {
      const { url, connections } = await open(whose, parser);
      const heard = page.evaluate(
        ([to, name]) =>
          new Promise((resolve) => {
            const show = (value: unknown): unknown =>
              value instanceof ArrayBuffer ? [...new Uint8Array(value)] : Object.prototype.toString.call(value);
            io(to, { transports: [name] }).on("binary", (...values: unknown[]) => resolve(values.map(show)));
          }),
        [url, transport],
      );
      const [socket] = await connections.next();
      socket.emit("binary", Buffer.from([0, 255]), new Uint8Array([1, 2]), new Uint8Array([3]).buffer);
      expect(await heard).toEqual([[0, 255], [1, 2], [3]]);
    });

    test("dates and undefined are what they are, in either direction", async () => {
      const { url, connections } = await open(whose, parser);
      const answer = page.evaluate(
        (to) =>
          new Promise((resolve) => {
            io(to).on("ask", (date: Date, nothing: unknown, reply: (...args: unknown[]) => void) => {
              reply([new Date(date.getTime() + 1), undefined]);
              resolve([date.toISOString(), nothing === undefined]);
            });
          }),
        url,
      );
      const [socket] = await connections.next();
      expect(await socket.emitWithAck("ask", new Date(0), undefined)).toEqual([new Date(1), undefined]);
      expect(await answer).toEqual(["1970-01-01T00:00:00.000Z", true]);
    });
  });

  test("a file can't be sent, and whoever tries is told what can", async () => {
    const { url } = await open("hawser", hawserParser);
    const message = page.evaluate((to) => {
      const socket = io(to);
      return new Promise<string>((resolve) => {
        socket.on("connect", () => {
          try {
            socket.emit("file", new File(["file"], "name.txt"));
          } catch (error) {
            resolve(String(error));
          }
        });
      });
    }, url);
    expect(await message).toBe("TypeError: a Blob can't be sent, but its arrayBuffer() can");
  });
});
