/** WebTransport over QUIC: bundles in Chromium, and servers in Deno, which has an HTTP/3 server. */

import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "../harness/chromium.ts";
import { Inbox } from "../harness/waiting.ts";
import { makeCertificate } from "./certificate.ts";

/** The page's globals, as far as these tests use them. */
declare const io: any;
declare let socket: any;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** A server in Deno. */
class DenoServer {
  readonly certificate = makeCertificate();
  /** What it tells, line by line. */
  readonly told = new Inbox("a line of the server");
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param library - the package of the server */
  constructor(library: "hawser" | "socket.io") {
    const command = [
      path("node_modules/.bin/deno"),
      ["run", "-A", "--unstable-net", path("webtransport-server.mjs"), library],
    ];
    const child = spawn(...(command as [string, string[]]), { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.on("close", resolve));
    createInterface({ input: child.stdout! }).on("line", (line) => this.told.put(...(JSON.parse(line) as unknown[])));
    child.stdin!.write(`${JSON.stringify(this.certificate)}\n`);
  }

  async close(): Promise<void> {
    this.#child.stdin!.end();
    await this.#ended;
  }
}

/** The bundles of the clients. */
const bundles = {
  hawser: path("../node_modules/hawser-client/dist/socket.io.min.js"),
  "socket.io": path("../node_modules/socket.io-client/dist/socket.io.min.js"),
};

let browser: Browser;
let server: DenoServer;
let url: string;
let page: Page;
let bundle: string;

beforeAll(async () => {
  if (chromiumPath !== undefined) browser = await launchChromium();
});
afterAll(() => browser?.close());

/** Lets the tests of a group run with a server of their own, and with a page for each. */
function between(client: keyof typeof bundles, library: "hawser" | "socket.io"): void {
  beforeAll(async () => {
    bundle = bundles[client];
    server = new DenoServer(library);
    const [line, port] = await server.told.next();
    expect(line).toBe("listening");
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
    await page.goto(url);
    await page.addScriptTag({ path: bundle });
  });
  afterEach(async () => {
    await page.context().close();
    for (const line of server.told.drain()) expect(line[0]).not.toBe("uncaught");
  });
}

/** Connects from the page, whose `socket` it is. */
async function connect(options: object = {}, sha256: number[] = server.certificate.sha256): Promise<void> {
  await page.evaluate(
    ([given, hash]) => {
      const serverCertificateHashes = [{ algorithm: "sha-256", value: new Uint8Array(hash as number[]) }];
      const globals = globalThis as unknown as { socket: unknown };
      globals.socket = io({ transportOptions: { webtransport: { serverCertificateHashes } }, ...(given as object) });
      return new Promise<void>((resolve) => socket.on("connect", () => resolve()));
    },
    [options, sha256] as const,
  );
}

/** What the server says next, but for what does not matter. */
async function next(wanted: string): Promise<unknown[]> {
  for (;;) {
    const line = await server.told.next();
    if (line[0] === wanted) return line;
    expect(line[0]).not.toBe("uncaught");
  }
}

/** Sends values of several kinds and lengths to the server and back. */
const echo = (): Promise<unknown[]> =>
  page.evaluate(async () => {
    const texts = ["€", "", "x".repeat(125), "y".repeat(70_000), "z".repeat(900_000)];
    const answers: string[] = await Promise.all(texts.map((text) => socket.emitWithAck("echo", text)));
    const bytes = new Uint8Array([0, 255, 7]);
    const binary: { bytes: [ArrayBuffer] } = await socket.emitWithAck("echo", { bytes: [bytes.subarray(1)] });
    const file: ArrayBuffer = await socket.emitWithAck("echo", new File(["file"], "name.txt"));
    return [
      answers.every((answer, index) => answer === texts[index]),
      [...new Uint8Array(binary.bytes[0])],
      new TextDecoder().decode(file),
    ];
  });
const ECHOED = [true, [255, 7], "file"];

/** Sends binary data without a byte to the server and back. */
const echoNothing = (): Promise<number> =>
  page.evaluate(async () => (await socket.emitWithAck("echo", new Uint8Array())).byteLength);

describe.skipIf(chromiumPath === undefined).each([
  ["hawser", "hawser"],
  ["socket.io", "hawser"],
  ["hawser", "socket.io"],
] as const)("a client of %s and a server of %s", (client, library) => {
  between(client, library);

  test("begin by polling and move to WebTransport, and events go both ways", async () => {
    await connect({ transports: ["polling", "webtransport"] });
    expect(await next("connection")).toEqual(["connection", "polling"]);
    const early = echo();
    expect(await next("upgrade")).toEqual(["upgrade", "webtransport"]);
    expect(await early).toEqual(ECHOED);
    expect(await echo()).toEqual(ECHOED);
    expect(await page.evaluate(() => socket.io.engine.transport.name)).toBe("webtransport");
  });

  test("may begin on WebTransport", async () => {
    await connect({ transports: ["webtransport"] });
    expect(await next("connection")).toEqual(["connection", "webtransport"]);
    expect(await echo()).toEqual(ECHOED);
  });
});

describe.skipIf(chromiumPath === undefined).each(["hawser", "socket.io"] as const)("a client of %s", (client) => {
  between(client, "hawser");

  test("sends and receives binary data without a byte", async () => {
    await connect({ transports: ["webtransport"] });
    expect(await echoNothing()).toBe(0);
  });
});

describe.skipIf(chromiumPath === undefined)("a client and a server of hawser", () => {
  between("hawser", "hawser");

  test("what the server sends before it disconnects arrives, and the client learns who did it", async () => {
    await connect({ transports: ["webtransport"] });
    const ended = await page.evaluate(() => {
      let length = 0;
      socket.on("last", (text: string) => (length = text.length));
      socket.emit("bye");
      return new Promise((resolve) => socket.on("disconnect", (reason: string) => resolve([length, reason])));
    });
    expect(ended).toEqual([500_000, "io server disconnect"]);
    expect(await next("disconnect")).toEqual(["disconnect", "server namespace disconnect"]);
    expect(await next("close")).toEqual(["close", "forced close"]);
  });

  test("the server notices at once that the client disconnects", async () => {
    await connect({ transports: ["webtransport"] });
    await page.evaluate(() => void socket.disconnect());
    expect(await next("disconnect")).toEqual(["disconnect", "client namespace disconnect"]);
    expect(await next("close")).toEqual(["close", "transport close"]);
  });

  test("a session that can't move to WebTransport moves to a WebSocket", async () => {
    await connect({}, Array(32).fill(0));
    expect(await next("upgrade")).toEqual(["upgrade", "websocket"]);
    expect(await echo()).toEqual(ECHOED);
  });

  test("a session that can't begin on WebTransport fails with the platform's error", async () => {
    const told = await page.evaluate(() => {
      const failing = io({ transports: ["webtransport"], reconnection: false });
      return new Promise((resolve) => {
        failing.on("connect_error", ({ message, description }: { message: string; description: Error }) =>
          resolve([message, description.name]),
        );
      });
    });
    expect(told).toEqual(["webtransport error", "WebTransportError"]);
  });
});
