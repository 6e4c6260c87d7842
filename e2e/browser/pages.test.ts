/** What only browsers have: origins, cookies, files, and pages that are left. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { chromiumPath, launchChromium } from "../harness/chromium.ts";
import { createContext, type ContextSettings, type DisposableContext } from "../harness/context.ts";
import { servers } from "../harness/implementations.ts";
import { bytes, inboxOfSockets } from "../harness/scenario.ts";
import { inbox } from "../harness/waiting.ts";
import { pagePath, servePage, startPageServer, type Bundle } from "./pages.ts";

/** The page's globals, as far as these tests use them. */
declare const io: any;

describe.skipIf(chromiumPath === undefined)("a page in Chromium", () => {
  let browser: Browser;
  let otherOrigin: Awaited<ReturnType<typeof startPageServer>>;
  let page: Page;
  let context: DisposableContext;

  beforeAll(async () => {
    [browser, otherOrigin] = await Promise.all([launchChromium(), startPageServer()]);
  });
  afterEach(async () => {
    await context?.dispose();
    await page?.context().close();
  });
  afterAll(async () => {
    await browser?.close();
    otherOrigin?.close();
  });

  /** Starts a server and loads a page with its client. */
  async function open(
    serverOptions: ContextSettings["serverOptions"] = {},
    { bundle = "socket.io.min.js", elsewhere = false }: { bundle?: Bundle; elsewhere?: boolean } = {},
  ) {
    context = createContext({
      Server: servers.hawser.use,
      io: () => expect.fail("the clients are in the page"),
      transportMode: "upgrade",
      serverOptions,
      app: servePage,
    });
    const { io: server, port } = await context.createServer();
    const url = `http://127.0.0.1:${port}`;
    page = await (await browser.newContext()).newPage();
    await page.goto((elsewhere ? otherOrigin.origin : url) + pagePath(bundle, url));
    return { server, url, connections: inbox(server, "connection") };
  }

  test("io() without a URL connects to where the page came from", async () => {
    const { connections } = await open();
    await page.evaluate(() => void io());
    const [socket] = await connections.next();
    expect(socket.handshake.headers["user-agent"]).toContain("Chrome");
    expect(socket.handshake.xdomain).toBe(false);
  });

  test("io() with a path connects to a namespace of where the page came from", async () => {
    const { server } = await open();
    const connections = inbox(server.of("/deck"), "connection");
    await page.evaluate(() => void io("/deck"));
    await connections.next();
  });

  test("the UMD bundle's global is io, and carries what io has", async () => {
    await open({}, { bundle: "socket.io.js" });
    const members = await page.evaluate(() => ["io", "connect", "Manager", "Socket"].map((name) => typeof io[name]));
    expect(members).toEqual(["function", "function", "function", "function"]);
  });

  test("the ESM bundle exports io by name and by default", async () => {
    const { url } = await open({}, { bundle: "socket.io.esm.min.js" });
    // As text, since the test runner would make the import its own.
    const exported = await page.evaluate<string[]>(
      `import("${url}/socket.io/socket.io.esm.min.js").then((all) => {
        if (all.default !== all.io) throw new Error("the default export is another");
        return Object.keys(all);
      })`,
    );
    expect(exported).toEqual(expect.arrayContaining(["Manager", "Socket", "connect", "default", "io", "protocol"]));
  });

  test.each(["polling", "websocket"])("files and blobs travel as binary over %s", async (transport) => {
    const { server } = await open();
    const files = inboxOfSockets(server.of("/"), "files");
    await page.evaluate((name) => {
      const socket = io({ transports: [name] });
      socket.emit(
        "files",
        new File(["file"], "name.txt"),
        { nested: [new Blob([new Uint8Array([0, 255, 7])])] },
        "end",
      );
    }, transport);
    const [file, { nested }, end] = await files.next();
    expect(Buffer.from(bytes(file)).toString()).toBe("file");
    expect(bytes(nested[0])).toEqual([0, 255, 7]);
    expect(end).toBe("end");
  });

  test("what arrives as binary is an ArrayBuffer", async () => {
    const { connections } = await open();
    const kind = page.evaluate(
      () =>
        new Promise((resolve) => {
          io().on("binary", (value: unknown) => resolve(Object.prototype.toString.call(value)));
        }),
    );
    const [socket] = await connections.next();
    socket.emit("binary", Buffer.from("data"));
    expect(await kind).toBe("[object ArrayBuffer]");
  });

  test("without the cors option a page from elsewhere cannot poll", async () => {
    const { url, connections } = await open({}, { elsewhere: true });
    const message = await page.evaluate(
      (server) =>
        new Promise((resolve) => {
          const socket = io(server, { transports: ["polling"], reconnection: false });
          socket.on("connect_error", (error: Error) => resolve(error.message));
        }),
      url,
    );
    expect(message).toBe("xhr poll error");
    expect(connections.size).toBe(0);
  });

  test("with credentials the server's cookie comes back from another origin", async () => {
    const { server, url, connections } = await open(
      { cors: { origin: otherOrigin.origin, credentials: true }, cookie: { name: "ship", sameSite: "lax" } },
      { elsewhere: true, bundle: "socket.io.esm.min.js" },
    );
    const requests = inbox(server.engine, "headers");
    await page.evaluate((to) => void io(to, { transports: ["polling"], withCredentials: true }), url);
    const [socket] = await connections.next();
    expect(socket.handshake.xdomain).toBe(true);
    const sessionId = socket.conn.id as string;
    let cookie: string | undefined;
    while (cookie === undefined) cookie = (await requests.next())[1].headers.cookie;
    expect(cookie).toBe(`ship=${sessionId}`);
  });

  test.each(["polling", "websocket"])("leaving the page ends a connection over %s", async (transport) => {
    const { connections } = await open();
    await page.evaluate((name) => {
      const socket = io({ transports: [name] });
      return new Promise<void>((resolve) => socket.on("connect", () => resolve()));
    }, transport);
    const [socket] = await connections.next();
    const left = inbox(socket, "disconnect");
    await page.goto("about:blank");
    expect(["transport close", "transport error"]).toContain((await left.next())[0]);
  });
});
