/** As a user installs it: tarballs, npm, an empty folder outside of the workspace. */

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { pnpm } from "../../scripts/run.mjs";
import { chromiumPath, launchChromium } from "../harness/chromium.ts";
import { servers } from "../harness/implementations.ts";
import { programOfReadme, toCommonJs } from "../harness/readme.ts";
import { withTimeout } from "../harness/waiting.ts";

const run = promisify(execFile);

/** Says something to the README's server and prints what it hears; it ends when nothing keeps it. */
const CLIENT = `
  const socket = io(process.env.URL);
  socket.on("said", (text) => {
    console.log("heard " + text);
    socket.disconnect();
  });
  socket.emit("say", "ahoy");
`;

const SPA = {
  "index.html": `<!doctype html><title>waiting</title><script type="module" src="/main.js"></script>`,
  "main.js": `
    import { io } from "hawser-client";
    const socket = io();
    socket.emit("greet", new Uint8Array([1, 2, 3]), (answer) => (document.title = answer));
  `,
};

/** Milliseconds that it may take to pack and install everything. */
const INSTALLING = 240_000;
/** Milliseconds that a program, or a page, may take to do what it is to do. */
const PATIENCE = 16_000;

let folder: string;
let browser: Browser | undefined;
const children: ChildProcess[] = [];

beforeAll(async () => {
  const launching = chromiumPath === undefined ? undefined : launchChromium();
  folder = await mkdtemp(join(tmpdir(), "hawser-install-"));
  const packing = pnpm(["--recursive", "--filter", "./packages/*", "pack", "--pack-destination", folder], {
    quiet: true,
  });
  if (!packing.ok) throw new Error(packing.output);
  await writeFile(join(folder, "package.json"), '{ "private": true }');
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith(".tgz")).map((name) => `./${name}`);
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...tarballs], { cwd: folder });
  browser = await launching;
}, INSTALLING);

afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

afterAll(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true });
});

/** Starts a program that prints its URL, and gives that URL. */
async function start(file: string, program: string): Promise<string> {
  await writeFile(join(folder, file), program);
  const child = spawn(process.execPath, [file], { cwd: folder, env: { ...process.env, PORT: "0" } });
  children.push(child);
  let printed = "";
  const url = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const found = /http:\/\/localhost:\d+/.exec(printed);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code}:\n${printed}`)));
  });
  return withTimeout(url, `the URL that ${file} prints`);
}

/** Runs a program to its end and gives what it printed. */
async function complete(file: string, program: string, url: string): Promise<string> {
  await writeFile(join(folder, file), program);
  const { stdout } = await run(process.execPath, [file], {
    cwd: folder,
    env: { ...process.env, URL: url },
    timeout: PATIENCE,
  });
  return stdout.trim();
}

describe("the README's first program", () => {
  test.skipIf(chromiumPath === undefined)(
    "as an ES module shows in one window what is typed in the other",
    async () => {
      const url = await start("server.mjs", programOfReadme("server.mjs"));
      const [one, other] = await Promise.all([browser!.newPage(), browser!.newPage()]);
      await Promise.all([one.goto(url), other.goto(url)]);
      const say = async (page: Page, text: string): Promise<void> => {
        await page.fill("input", text);
        await page.press("input", "Enter");
      };
      const shown = (page: Page, text: string): Promise<void> => page.getByText(text).waitFor({ timeout: PATIENCE });
      // Whoever hears itself is connected.
      await say(other, "anybody there?");
      await shown(other, "anybody there?");
      await say(one, "ahoy");
      await Promise.all([shown(one, "ahoy"), shown(other, "ahoy")]);
      await Promise.all([one.close(), other.close()]);
    },
  );

  test.each([
    ["ES module", "server.mjs", (program: string) => program],
    ["CommonJS", "server.cjs", toCommonJs],
  ])("as %s answers clients of either kind, which end when they are done", async (_kind, file, convert) => {
    const url = await start(file, convert(programOfReadme("server.mjs")));
    expect(await complete("client.mjs", `import { io } from "hawser-client";${CLIENT}`, url)).toBe("heard ahoy");
    expect(await complete("client.cjs", `const { io } = require("hawser-client");${CLIENT}`, url)).toBe("heard ahoy");
    expect(await complete("default.cjs", `const io = require("hawser-client");${CLIENT}`, url)).toBe("heard ahoy");
  });
});

test("the MessagePack parser is the same as an ES module and as CommonJS, by its names and by default", async () => {
  const url = await start(
    "msgpack-server.mjs",
    `
      import { createServer } from "node:http";
      import { Server } from "hawser";
      import parser from "hawser-msgpack-parser";
      const httpServer = createServer();
      const io = new Server(httpServer, { parser });
      io.on("connection", (socket) => socket.on("date", (date, answer) => answer(date.getTime())));
      httpServer.listen(0, () => console.log("http://localhost:" + httpServer.address().port));
    `,
  );
  const program = `
    const socket = io(process.env.URL, { parser });
    socket.emit("date", new Date(7), (time) => {
      console.log("the time is " + time);
      socket.disconnect();
    });
  `;
  const clientModule = 'import { io } from "hawser-client";';
  const commonJs = 'const io = require("hawser-client"); const parser = require("hawser-msgpack-parser")';
  for (const [file, imports] of [
    ["msgpack-names.mjs", `${clientModule} import * as parser from "hawser-msgpack-parser";`],
    ["msgpack-default.mjs", `${clientModule} import parser from "hawser-msgpack-parser";`],
    ["msgpack-names.cjs", `${commonJs};`],
    ["msgpack-default.cjs", `${commonJs}.default;`],
  ] as const) {
    expect(await complete(file, imports + program, url)).toBe("the time is 7");
  }
});

test("what is installed brings no more packages than it says", async () => {
  const installed = await readdir(join(folder, "node_modules"));
  const own = ["@hawser", "hawser", "hawser-client", "hawser-msgpack-parser"];
  const known = [...own, "debug", "engine.io-parser", "ms", "ws"];
  expect(installed.filter((name) => !name.startsWith(".")).toSorted()).toEqual(known.toSorted());
});

test.skipIf(chromiumPath === undefined)("a page built by Vite with hawser-client talks to a server", async () => {
  const root = join(folder, "spa");
  await mkdir(root);
  for (const [name, content] of Object.entries(SPA)) await writeFile(join(root, name), content);
  await build({ root, configFile: false, logLevel: "error" });
  const assets = join(root, "dist/assets");
  const [script] = await readdir(assets);
  expect(await readFile(join(assets, script!), "utf8")).not.toMatch(/node:|require\(/);

  const httpServer = createServer((request, response) => {
    const path = join(root, "dist", request.url === "/" ? "index.html" : request.url!);
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.setHeader("content-type", path.endsWith(".html") ? "text/html" : "text/javascript");
    createReadStream(path).pipe(response);
  });
  const io = new servers.hawser.use(httpServer);
  io.on("connection", (socket) => {
    socket.on("greet", (bytes: Buffer, reply: (answer: string) => void) => reply(`built, ${bytes.join()}`));
  });
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  const page = await browser!.newPage();
  try {
    await page.goto(`http://127.0.0.1:${(httpServer.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => document.title !== "waiting", undefined, { timeout: PATIENCE });
    expect(await page.title()).toBe("built, 1,2,3");
  } finally {
    await page.close();
    httpServer.closeAllConnections();
    await io.close();
  }
});
