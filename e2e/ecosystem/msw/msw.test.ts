/** `@mswjs/socket.io-binding`: what stands in for a server of hawser's client, or between the two, in a browser. */

import { copyFile, mkdir, readFile } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "vite";
import type { Browser, Page } from "playwright-core";
import type { Server } from "socket.io";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "../../harness/chromium.ts";
import type { ServerClass } from "../../harness/context.ts";
import { Application } from "../application.ts";

const application = new Application("msw");

test("the client is hawser's, and so is the server", () => {
  expect(application.nameOf("socket.io-client")).toBe("hawser-client");
  expect(application.nameOf("socket.io")).toBe("hawser");
});

describe.skipIf(chromiumPath === undefined)("in a browser", () => {
  let browser: Browser;
  let page: Page;
  let httpServer: HttpServer;
  let io: Server;
  let url: string;

  beforeAll(async () => {
    const root = application.place(new URL("application/", import.meta.url));
    await mkdir(join(root, "public"));
    const worker = application.require.resolve("msw/mockServiceWorker.js");
    await copyFile(worker, join(root, "public/mockServiceWorker.js"));
    await build({ root, configFile: false, logLevel: "error" });

    httpServer = createServer((request, response) => {
      const path = request.url === "/" ? "/index.html" : request.url!;
      readFile(join(root, "dist", path)).then(
        (content) => {
          response.setHeader("content-type", path.endsWith(".html") ? "text/html" : "text/javascript");
          response.end(content);
        },
        () => response.writeHead(404).end(),
      );
    });
    const { Server: HawserServer } = application.require("socket.io") as { Server: ServerClass };
    io = new HawserServer(httpServer);
    io.on("connection", (socket) => {
      socket.on("question", (question: string, answer: (text: string) => void) => {
        socket.emit("news", "old");
        answer(`${question} because`);
      });
    });
    await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
    browser = await launchChromium();
    page = await browser.newPage();
    await page.goto(url);
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    httpServer.closeAllConnections();
    await io.close();
  });

  /** What the page's scenario of that name comes to. */
  function outcome(name: string): Promise<unknown> {
    return page.evaluate(
      ([scenario, server]) =>
        (window as unknown as { scenarios: Record<string, (url: string) => unknown> }).scenarios[scenario!]!(server!),
      [name, url],
    );
  }

  test("events are heard and answered in the place of a server", async () => {
    expect(await outcome("mock")).toEqual({ id: "test", greeting: ["ADA", 1], message: ["heard ahoy"] });
  });

  test("what client and server say is heard on its way, and may be changed", async () => {
    expect(await outcome("between")).toEqual({
      seen: ["why?"],
      answer: "why? because",
      news: ["old, changed"],
    });
  });

  test("where nobody listens in, the client reaches the server", async () => {
    expect(await outcome("through")).toBe("why? because");
  });

  test("Mock Service Worker's handlers answer", async () => {
    expect(await outcome("worker")).toEqual(["bob"]);
  });
});
