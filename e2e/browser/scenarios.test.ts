/** The scenarios with the client in Chromium: bundles from the server's own path, from its own origin and from another. */

import parser from "hawser-msgpack-parser";
import { afterAll, beforeAll, describe } from "vitest";
import type { Browser } from "playwright-core";
import { chromiumPath, launchChromium } from "../harness/chromium.ts";
import type { ContextSettings, TransportMode } from "../harness/context.ts";
import { servers } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { scenarios } from "../scenarios.ts";
import { acknowledgementScenarios } from "../scenarios/acknowledgements.ts";
import { eventScenarios } from "../scenarios/events.ts";
import { lifecycleScenarios } from "../scenarios/lifecycle.ts";
import { namespaceScenarios } from "../scenarios/namespaces.ts";
import { pagePath, servePage, startPageServer, type Bundle } from "./pages.ts";
import { RemoteClients, RemotePage } from "./remote-client.ts";

describe.skipIf(chromiumPath === undefined)("in Chromium", () => {
  let browser: Browser;
  let page: RemotePage;
  let pageServer: Awaited<ReturnType<typeof startPageServer>>;

  beforeAll(async () => {
    [browser, pageServer] = await Promise.all([launchChromium(), startPageServer()]);
    page = await RemotePage.open(browser);
  });
  afterAll(async () => {
    await browser?.close();
    pageServer?.close();
  });

  const inPage = (transportMode: TransportMode, bundle: Bundle, origin?: string): ContextSettings => {
    const clients = new RemoteClients(page);
    return {
      Server: servers.hawser.use,
      io: clients.io,
      transportMode,
      app: servePage,
      prepare: (serverUrl) => clients.load((origin ?? serverUrl) + pagePath(bundle, serverUrl)),
    };
  };

  describeScenarios("UMD by script tag, same origin,", scenarios, (mode) => inPage(mode, "socket.io.js"), ["upgrade"]);

  // Namespaces, rooms and broadcasts are the server's doing: one transport is enough for them.
  describeScenarios(
    "UMD by script tag, same origin,",
    [...eventScenarios, ...acknowledgementScenarios, ...lifecycleScenarios],
    (mode) => inPage(mode, "socket.io.js"),
    ["polling", "websocket"],
  );

  // Another bundle and another origin change what polling may do and what arrives, not how rooms work.
  describeScenarios(
    "ESM by import, another origin with credentials,",
    [...eventScenarios, ...lifecycleScenarios],
    (mode) => ({
      ...inPage(mode, "socket.io.esm.min.js", pageServer.origin),
      serverOptions: { cors: { origin: pageServer.origin, credentials: true }, cookie: true },
      clientOptions: { withCredentials: true },
    }),
    ["polling", "upgrade"],
  );

  describeScenarios(
    "minified UMD with MessagePack by script tag, same origin,",
    // `undefined` is not null there.
    eventScenarios.filter(({ name }) => !name.includes("undefined")),
    (mode) => ({ ...inPage(mode, "socket.io.msgpack.min.js"), serverOptions: { parser } }),
    ["polling", "websocket"],
  );

  describeScenarios(
    "minified UMD by script tag, another origin,",
    namespaceScenarios,
    (mode) => ({
      ...inPage(mode, "socket.io.min.js", pageServer.origin),
      serverOptions: { cors: { origin: "*" } },
    }),
    ["upgrade"],
  );
});
