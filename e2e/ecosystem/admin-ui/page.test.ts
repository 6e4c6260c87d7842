/** The page of `@socket.io/admin-ui` in a browser, watching a server of hawser's. */

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "../../harness/chromium.ts";
import { inbox } from "../../harness/waiting.ts";
import { Administered, application, BASIC, CREDENTIALS } from "./administered.ts";

const PATIENCE = { timeout: 16_000 };

describe.skipIf(chromiumPath === undefined)("the page", () => {
  let browser: Browser;
  let page: Page;
  let administered: Administered;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    administered = await Administered.start({ auth: BASIC, mode: "development", serverId: "one" });
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on("pageerror", (error) => problems.push(error.message));
    // The page wants fonts of other sites, and is as good without.
    await page.route(
      (url) => url.hostname !== "127.0.0.1",
      (route) => route.abort(),
    );
  });

  afterEach(async () => {
    await page.close();
    await administered[Symbol.asyncDispose]();
    expect(problems.splice(0)).toEqual([]);
  });

  async function logIn(password: string): Promise<void> {
    await page.goto(administered.url);
    await page.getByLabel("Server URL").fill(administered.url);
    await page.getByLabel("Username").fill(CREDENTIALS.username);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Connect" }).click();
  }

  async function open(name: string): Promise<void> {
    await page.getByRole("link", { name, exact: true }).click();
  }

  /** Waits for a row of a table that has these cells first. */
  async function shows(...cells: string[]): Promise<void> {
    const row = page.getByRole("row", { name: new RegExp(`^\\s*${cells.join("\\s+")}`, "i") });
    await row.first().waitFor(PATIENCE);
  }

  test("the server is hawser's", () => {
    expect(application.nameOf("socket.io")).toBe("hawser");
  });

  test("does not let everybody in", async () => {
    await logIn("wrong");
    await page.getByText("invalid credentials").waitFor(PATIENCE);
  });

  test("shows servers, namespaces, sockets, rooms, clients and events", async () => {
    const polling = await administered.connect("", { transports: ["polling"] });
    await logIn(CREDENTIALS.password);
    await page.getByRole("banner").getByText("connected", { exact: true }).first().waitFor(PATIENCE);
    await shows("/", "1");
    await shows("/admin", "1");
    await shows("HTTP long-polling", "1");
    await shows("WebSocket", "1");
    await shows("Healthy", "1");

    await open("Servers");
    await shows("one");
    await open("Sockets");
    await shows(polling.socket.id, "127.0.0.1", "HTTP long-polling");
    const { socket } = await administered.connect("", { transports: ["websocket"] });
    await shows(socket.id, "127.0.0.1", "WebSocket");
    await open("Clients");
    await shows(socket.data._admin.clientId, "127.0.0.1", "WebSocket");
    await open("Rooms");
    await socket.join("lobby");
    await shows("lobby", "Public", "1");
    await open("Events");
    socket.emit("hello", "there");
    await page.getByRole("row").filter({ hasText: socket.id }).filter({ hasText: "hello" }).waitFor(PATIENCE);
  });

  test("shows one socket, lets it join a room, and disconnects it", async () => {
    const { client, socket } = await administered.connect("", { query: { a: "letter" }, transports: ["websocket"] });
    socket.data.name = "ada";
    const gone = inbox(client, "disconnect");
    await logIn(CREDENTIALS.password);
    await open("Sockets");
    await page.getByRole("cell", { name: socket.id }).click(PATIENCE);
    for (const text of ['"name": "ada"', "letter", "127.0.0.1"]) await page.getByText(text).first().waitFor(PATIENCE);
    const joined = inbox(administered.io.sockets.adapter, "join-room");
    const form = page.locator("form", { hasText: "Join a room" });
    await form.getByRole("textbox").fill("lobby");
    await form.locator("button").click();
    expect(await joined.next()).toEqual(["lobby", socket.id]);
    await shows("lobby");
    await page.getByRole("link", { name: "Sockets" }).first().click();
    await page.getByRole("row", { name: socket.id }).getByRole("button").click();
    expect((await gone.next())[0]).toBe("io server disconnect");
  });
});
