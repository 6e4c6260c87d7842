/** The example in `examples/chat`, started as `pnpm demo` starts it and used as people do: in two windows. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";
import { io } from "hawser-client";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findProgram, programs } from "../../scripts/programs.mjs";

const program = fileURLToPath(new URL("../../examples/chat/server.mjs", import.meta.url));
const executablePath = findProgram(programs.chromium);
const patience = { timeout: 20_000, interval: 50 };

/** The demo as a process of its own, and the address that its first line tells. */
class Demo {
  readonly process: ChildProcess;
  readonly address: string;

  private constructor(process: ChildProcess, address: string) {
    this.process = process;
    this.address = address;
  }

  static async start(port: number | string): Promise<Demo> {
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(lines, "line"), once(child, "exit")])) as [unknown];
    const address = /http:\S+/.exec(String(line))?.[0];
    if (!address) throw new Error(`The demo did not tell its address: ${String(line)}`);
    return new Demo(child, address);
  }

  /** Ctrl-C. Resolves with the exit code: null if it took another signal to end the process. */
  async interrupt(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    const lastResort = setTimeout(() => this.process.kill("SIGKILL"), 5000);
    this.process.kill("SIGINT");
    await once(this.process, "exit");
    clearTimeout(lastResort);
    return this.process.exitCode;
  }
}

/** One person's window. */
class ChatWindow {
  readonly page: Page;
  readonly problems: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(message.text());
    });
  }

  static async open(context: BrowserContext, address: string, name: string, room: string): Promise<ChatWindow> {
    const page = await context.newPage();
    const window = new ChatWindow(page);
    await page.addInitScript((own) => sessionStorage.setItem("name", own), name);
    await page.goto(`${address}/#${room}`);
    await expect.poll(() => window.text("#transport"), patience).toBe("websocket");
    return window;
  }

  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).innerText()).trim();
  }

  people(): Promise<string[]> {
    return this.page.locator("#people li").allInnerTexts();
  }

  messages(): Promise<string[]> {
    return this.page.locator("#entries .text").allInnerTexts();
  }

  async write(text: string): Promise<void> {
    await this.page.locator("#text").fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Saves the newest picture, as a person would, and gives its bytes. */
  async savePicture(): Promise<Buffer> {
    const download = this.page.waitForEvent("download");
    await this.page.locator("#entries figure a").last().click();
    return readFile(await (await download).path());
  }

  state(): Promise<string | null> {
    return this.page.locator("body").getAttribute("data-state");
  }

  /** Has its requests to the server wait until the function that is returned is called. */
  async holdRequests(): Promise<() => void> {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    await this.page.route("**/socket.io/*", async (route) => {
      await released;
      await route.continue();
    });
    return release;
  }

  async cut(): Promise<void> {
    await this.page.locator("#cut").click();
    await expect.poll(() => this.state(), patience).toBe("waiting");
  }
}

/** A PNG file with little that repeats, and so larger than one packet of the network. */
function makePicture(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits a channel, three channels
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let i = 0; i < rows.length; i++) rows[i] = i % (1 + 3 * width) === 0 ? 0 : (i * i * 31) >> 5;
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

describe.skipIf(executablePath === undefined)("the demo", () => {
  let demo: Demo;
  let browser: Browser;
  let context: BrowserContext;
  let anna: ChatWindow;
  let berta: ChatWindow;
  let rooms = 0;

  beforeAll(async () => {
    demo = await Demo.start(0);
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      chromiumSandbox: false,
      args: [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.interrupt();
  });

  beforeEach(async () => {
    const room = `room-${++rooms}`;
    context = await browser.newContext({ acceptDownloads: true });
    anna = await ChatWindow.open(context, demo.address, "Anna", room);
    berta = await ChatWindow.open(context, demo.address, "Berta", room);
  });

  afterEach(async () => {
    await context.close();
    expect([...anna.problems, ...berta.problems]).toEqual([]);
  });

  test("starts with polling, upgrades to WebSocket and tells when, and measures the round trip", async () => {
    await expect.poll(() => anna.text("#events"), patience).toContain("opened with polling");
    expect(await anna.text("#upgraded")).toMatch(/, in \d+ ms$/);
    await expect.poll(() => anna.text("#round-trip"), patience).toMatch(/^\d+(\.\d)?$/);
    expect(await anna.text("#reconnections")).toBe("0");
  });

  test("shows in both windows who is in the room, and who leaves", async () => {
    await expect.poll(() => anna.people(), patience).toEqual(["Anna (you)", "Berta"]);
    await expect.poll(() => berta.people(), patience).toEqual(["Anna", "Berta (you)"]);

    await berta.page.close();
    await expect.poll(() => anna.people(), patience).toEqual(["Anna (you)"]);
    expect(await anna.page.locator("#entries .notice").allInnerTexts()).toEqual(["Berta joined", "Berta left"]);
  });

  test("a message crosses to the other window, and is confirmed to its author", async () => {
    await anna.write("Good morning");
    await expect.poll(() => berta.messages(), patience).toEqual(["Good morning"]);
    await expect.poll(() => anna.text("#entries .own .state"), patience).toMatch(/^delivered/);
  });

  test("a message stays in its room", async () => {
    await berta.page.locator("#room").fill("kitchen");
    await berta.page.locator("#place button").click();
    await expect.poll(() => berta.text("#room-title"), patience).toBe("# kitchen");
    await anna.write("Who is still here?");
    await expect.poll(() => anna.text("#entries .own .state"), patience).toMatch(/^delivered/);

    await berta.write("Only me");
    await expect.poll(() => berta.text("#entries .own .state"), patience).toMatch(/^delivered/);
    expect(await berta.messages()).toEqual(["Only me"]);
    expect(await anna.messages()).toEqual(["Who is still here?"]);
  });

  test("markup in names and messages is shown as it was written", async () => {
    const markup = '<img src="/icon.svg"><b>bold</b>';
    await anna.page.locator("#name").fill("<b>A</b>");
    await anna.page.locator("#place button").click();
    await anna.write(markup);
    await expect.poll(() => berta.messages(), patience).toEqual([markup]);
    expect(await berta.text("#entries .author")).toBe("<b>A</b>");
    expect(await berta.page.locator("#entries img, #entries b").count()).toBe(0);
  });

  test("a chosen picture arrives in the other window, byte by byte", async () => {
    const picture = makePicture(160, 120);
    await anna.page.locator("#file").setInputFiles({ name: "chosen.png", mimeType: "image/png", buffer: picture });
    const image = berta.page.getByAltText("Picture: chosen.png");
    await image.waitFor();
    await expect.poll(() => image.evaluate((shown: HTMLImageElement) => shown.naturalWidth), patience).toBe(160);
    expect((await berta.savePicture()).equals(picture)).toBe(true);
    await expect.poll(() => anna.text("#entries .own .state"), patience).toMatch(/^delivered/);
  });

  test("a picture dropped on the page arrives, too", async () => {
    const picture = makePicture(40, 30);
    const dataTransfer = await anna.page.evaluateHandle(
      (bytes) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
        return transfer;
      },
      [...picture],
    );
    await anna.page.dispatchEvent("#chat", "drop", { dataTransfer });
    await berta.page.getByAltText("Picture: dropped.png").waitFor();
    expect((await berta.savePicture()).equals(picture)).toBe(true);
  });

  test("a file that only claims to be a picture is refused with a reason", async () => {
    const buffer = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');
    await anna.page.locator("#file").setInputFiles({ name: "not.png", mimeType: "image/png", buffer });
    await expect.poll(() => anna.text("#entries .failed .state"), patience).toContain("PNG, JPEG, GIF or WebP");
    expect(await berta.page.locator("#entries figure").count()).toBe(0);
  });

  test("after a cut, both sides receive in order what was written meanwhile", async () => {
    const earlierId = await anna.text("#socket-id");
    const release = await anna.holdRequests();
    await anna.cut();
    await expect.poll(() => berta.people(), patience).toEqual(["Berta (you)"]);
    await anna.write("one");
    await berta.write("meanwhile");
    await anna.write("two");
    await anna.write("three");
    expect(await anna.page.locator("#entries .pending").count()).toBe(3);
    expect(await anna.state()).not.toBe("connected");
    release();

    const expected = ["meanwhile", "one", "two", "three"];
    await expect.poll(() => berta.messages(), patience).toEqual(expected);
    await expect.poll(() => anna.messages(), patience).toEqual(expected);
    expect(await anna.page.locator("#entries .pending").count()).toBe(0);
    expect(await anna.text("#reconnections")).toBe("1");
    expect(await anna.text("#socket-id")).not.toBe(earlierId);
    await expect.poll(() => anna.text("#transport"), patience).toBe("websocket");
    await expect.poll(() => anna.people(), patience).toEqual(["Berta", "Anna (you)"]);
  });

  test("input that breaks the rules is refused or ignored, and the server lives on", async () => {
    const stranger = io(demo.address, { forceNew: true, auth: { name: "", room: "lobby" } });
    const refusal = await new Promise<Error>((resolve) => stranger.on("connect_error", resolve));
    stranger.auth = { name: "Mallory", room: "lobby" };
    stranger.connect();

    for (const event of ["enter", "message", "picture", "echo"])
      stranger.emit(event).emit(event, null, "not a function");
    const ask = async (event: string, value: unknown): Promise<string> =>
      (await stranger.emitWithAck(event, value)).reason;
    const reasons = [
      refusal.message,
      await ask("enter", { name: "Mallory", room: "two words" }),
      await ask("message", { key: "a", text: "x".repeat(2001) }),
      await ask("message", { key: "<b>", text: "x" }),
      await ask("picture", { key: "a", name: "a.png", bytes: "not bytes" }),
      await ask("picture", null),
    ];
    stranger.disconnect();
    expect(reasons).toEqual([
      "A name has 1 to 24 characters.",
      "A room's name consists of letters, digits, - and _.",
      "A message has 1 to 2000 characters.",
      "The key is not valid.",
      "A picture consists of bytes.",
      "This is not what the server expects.",
    ]);
    await anna.write("Still here");
    await expect.poll(() => berta.messages(), patience).toEqual(["Still here"]);
  });

  test("takes the next free port, and ends cleanly on Ctrl-C while a window is connected", async () => {
    const taken = new URL(demo.address).port;
    const second = await Demo.start(taken);
    try {
      expect(Number(new URL(second.address).port)).toBeGreaterThan(Number(taken));
      const window = await ChatWindow.open(context, second.address, "Carla", "lobby");
      expect(await second.interrupt()).toBe(0);
      await expect.poll(() => window.state(), patience).toBe("waiting");
    } finally {
      second.process.kill("SIGKILL");
    }
  });
});
