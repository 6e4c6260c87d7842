/** The example of three nodes as people use it, and as the documentation shows it. */

import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram, programs } from "../../../scripts/programs.mjs";
import { chromiumPath, launchChromium } from "../../harness/chromium.ts";
import { ThreeNodes, type Part } from "./three-nodes.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

const PATIENCE = { timeout: 10_000 };

test("the configuration of HAProxy that the documentation shows is that of the example", () => {
  const [, shown] = /```haproxy\n([^]*?)```/.exec(read("docs/multi-node.md"))!;
  expect(shown).toBe(read("examples/three-nodes/haproxy.cfg"));
});

describe.skipIf(findProgram(programs.haproxy) === undefined || chromiumPath === undefined)("three nodes", () => {
  let nodes: ThreeNodes;
  let browser: Browser;

  beforeAll(async () => {
    [nodes, browser] = await Promise.all([ThreeNodes.start(), launchChromium()]);
  });

  afterAll(async () => {
    await browser?.close();
    await nodes?.[Symbol.asyncDispose]();
  });

  /** A page with cookies of its own. */
  async function open(name: string): Promise<Page> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript((own) => sessionStorage.setItem("name", own), name);
    await page.goto(nodes.url);
    await expect.poll(() => stateOf(page), PATIENCE).toBe("connected");
    return page;
  }

  const stateOf = (page: Page): Promise<string | null> => page.locator("body").getAttribute("data-state");
  const nodeOf = (page: Page): Promise<string> => page.locator("#node").textContent() as Promise<string>;
  /** The process that the page is welcome at; the former one until it is. */
  const processOf = async (page: Page): Promise<string> => {
    await expect.poll(() => page.textContent("#status"), PATIENCE).toMatch(/^process \d+/);
    return (await page.textContent("#status"))!.match(/\d+/)![0];
  };
  const said = (page: Page): Promise<string[]> => page.locator("#entries li:not(.note)").allTextContents();
  const write = async (page: Page, text: string): Promise<void> => {
    await page.fill("#text", text);
    await page.press("#text", "Enter");
  };

  test(
    "share a chat and a counter, recover lost connections, and take each other's place",
    { timeout: 60_000 },
    async () => {
      const [anna, berta] = [await open("Anna"), await open("Berta")];
      const [first, second] = [await nodeOf(anna), await nodeOf(berta)];
      expect(first).not.toBe(second);
      await anna.click("#count");
      await berta.click("#count");
      for (const page of [anna, berta]) await expect.poll(() => page.textContent("#counter"), PATIENCE).toBe("2");
      const people = [`${first}Anna`, `${second}Berta (you)`].sort();
      await expect.poll(() => berta.locator("#people li").allTextContents(), PATIENCE).toEqual(people);

      await anna.click("#lose");
      await expect.poll(() => stateOf(anna), PATIENCE).toBe("waiting");
      await write(berta, "while you were away");
      await expect.poll(() => said(anna), PATIENCE).toEqual([`${second}Berta while you were away`]);
      await expect.poll(() => anna.textContent("#status"), PATIENCE).toContain("recovered");

      // Another node, or another process in the place of the same: whichever the proxy finds well when she comes back.
      const former = await processOf(anna);
      process.kill(nodes.pid(`node ${first}` as Part), "SIGTERM");
      await expect.poll(() => processOf(anna), PATIENCE).not.toBe(former);
      expect(await anna.textContent("#status")).toContain("recovered");

      const next = await processOf(anna);
      await anna.click("#kill-node");
      await expect.poll(() => processOf(anna), PATIENCE).not.toBe(next);
      expect(await anna.textContent("#status")).not.toContain("recovered");
      await write(anna, "from another process");
      await expect.poll(async () => (await said(berta)).at(-1), PATIENCE).toContain("Anna from another process");
    },
  );
});
