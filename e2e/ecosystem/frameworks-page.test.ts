/** What `docs/frameworks.md` tells to write holds. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Socket as ClientSocket } from "socket.io-client";
import { afterEach, expect, test } from "vitest";
import type { ClientModule } from "../harness/context.ts";
import { programsOf } from "../harness/documentation.ts";
import { inbox, until, withTimeout } from "../harness/waiting.ts";
import { Application } from "./application.ts";
import { applications, DEFAULT_REPLACED } from "./applications.mjs";

const PAGE = "docs/frameworks.md";
const text = readFileSync(new URL(`../../${PAGE}`, import.meta.url), "utf8");
const preload = new URL("../harness/listen-anywhere.mjs", import.meta.url).href;

const children: ChildProcess[] = [];
const sockets: ClientSocket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** The blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(([, block]) => block!);
}

/** What is to be written for the version of hawser's package that takes the place of one of Socket.IO's. */
function substitutes(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(DEFAULT_REPLACED).map(([official, ours]) => {
      const manifest = new URL(`../node_modules/${ours}/package.json`, import.meta.url);
      const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
      return [official, `npm:${ours}@^${version}`];
    }),
  );
}

/** Writes a section's programs into an application, and starts the last one. Returns a way to connect, and what it prints. */
async function start(section: string, name: string, ...args: string[]) {
  const application = new Application(name);
  const programs = programsOf(PAGE).filter((program) => program.section === section);
  for (const { file, source } of programs) writeFileSync(join(application.folder, file), source);
  const child = spawn(process.execPath, ["--import", preload, ...args, programs.at(-1)!.file], {
    cwd: application.folder,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  children.push(child);
  const printed: string[] = [];
  child.stdout!.setEncoding("utf8").on("data", (words: string) => printed.push(words));
  const [port] = (await withTimeout(once(child, "message"), `the program of "${section}" to listen`)) as [number];
  const { io } = application.require("socket.io-client") as ClientModule;
  const connect = (namespace = "", options: object = {}): ClientSocket => {
    const socket = io(`http://127.0.0.1:${port}${namespace}`, { forceNew: true, ...options });
    sockets.push(socket);
    return socket;
  };
  return { connect, output: () => printed.join("") };
}

test("the words for npm, pnpm and Yarn put hawser in the place of what the tests replace", () => {
  const [npm, yarn] = blocks("json").map((block) => JSON.parse(block) as Record<string, object>);
  expect(npm).toEqual({
    dependencies: substitutes(),
    overrides: Object.fromEntries(Object.keys(DEFAULT_REPLACED).map((official) => [official, `$${official}`])),
  });
  expect(yarn).toEqual({ resolutions: substitutes() });
  const lines = Object.entries(substitutes()).map(([official, ours]) => `  ${official}: "${ours}"\n`);
  expect(blocks("yaml")).toEqual([`overrides:\n${lines.join("")}`]);
});

test("the versions that are told are those of the tests", () => {
  const told = [...text.matchAll(/^\| \[?`(?<name>[^`]+)`\S*\s+\| (?<versions>[\d., ]+?)\s+\|/gm)];
  expect(told.length).toBe(8);
  for (const { groups } of told) {
    const { name, versions } = groups as { name: string; versions: string };
    const installed = Object.values(applications).flatMap(({ dependencies }) => dependencies[name] ?? []);
    const short = new Set(installed.map((version) => version.split(".").slice(0, 2).join(".")));
    expect([name, versions.split(", ")]).toEqual([name, [...short]]);
  }
});

test("fastify-socket.io", async () => {
  const { connect } = await start("fastify-socket.io", "fastify");
  await inbox(connect(), "hello").next();
});

test("OpenTelemetry", async () => {
  const { connect, output } = await start("OpenTelemetry", "opentelemetry", "--require", "./tracing.cjs");
  expect(await connect().emitWithAck("question")).toBe("42");
  await until(() => /name: 'receive \/'/.test(output()), "the span of what was received");
  await until(() => /name: 'send \/'/.test(output()), "the span of what was sent");
});

test("the admin UI", async () => {
  const { connect } = await start("The admin UI", "admin-ui");
  const config = inbox(connect("/admin", { auth: { username: "admin", password: "changeit" } }), "config");
  expect(await config.next()).toMatchObject([{ supportedFeatures: expect.arrayContaining(["EMIT"]) as unknown }]);
});
