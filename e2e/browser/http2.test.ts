/** A browser on an HTTP/2 server: it polls over HTTP/2, opens its WebSocket over HTTP/1.1, and keeps connections open. */

import { readFileSync } from "node:fs";
import { createSecureServer, type Http2ServerRequest } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Browser } from "playwright-core";
import { chromiumPath, launchChromium } from "../harness/chromium.ts";
import { servers } from "../harness/implementations.ts";
import { inbox } from "../harness/waiting.ts";
import { pagePath, servePage } from "./pages.ts";

/** The page's globals, as far as this test uses them. */
declare const io: any;

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

describe.skipIf(chromiumPath === undefined)("a page in Chromium on an HTTP/2 server", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  test("talks over both transports, and the server can close although the page stays", async () => {
    const versions = new Set<string>();
    const cert = fixture("localhost.certificate.pem");
    const httpServer = createSecureServer({ allowHTTP1: true, cert, key: fixture("localhost.key.pem") });
    httpServer.on("request", servePage as never);
    const server = new servers.hawser.use(httpServer);
    httpServer.prependListener("request", ({ httpVersion }: Http2ServerRequest) => versions.add(httpVersion));
    const upgrades = inbox(httpServer, "upgrade");
    const connections = inbox(server, "connection");
    await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    try {
      const url = `https://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
      const page = await context.newPage();
      await page.goto(url + pagePath("socket.io.min.js", url));
      await page.evaluate(() => {
        const socket = io({ reconnection: false });
        socket.on("ask", (value: string, answer: (value: string) => void) => answer(`${value} from the page`));
        (globalThis as any).ended = new Promise((resolve) => socket.on("disconnect", resolve));
      });
      const [socket] = await connections.next();
      expect(socket.handshake).toMatchObject({ secure: true, query: { transport: "polling" } });
      expect(socket.request.httpVersion).toBe("2.0");
      if (socket.conn.transport.name !== "websocket") await inbox(socket.conn, "upgrade").next();
      expect(await socket.emitWithAck("ask", "hello")).toBe("hello from the page");
      expect((await upgrades.next())[0].httpVersion).toBe("1.1");
      expect([...versions]).toEqual(["2.0"]);

      await server.close();
      expect(await page.evaluate(() => (globalThis as any).ended)).toBe("transport close");
    } finally {
      await context.close();
      await server.close();
    }
  });
});
