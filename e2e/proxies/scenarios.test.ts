/** All scenarios with nginx or HAProxy between both ends, configured as docs/behind-a-proxy.md says. */

import { afterAll, describe } from "vitest";
import type { Detour } from "../harness/context.ts";
import { clients, servers } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { scenarios } from "../scenarios.ts";
import { documented } from "./documented.ts";
import { HAPROXY, NGINX } from "./programs.ts";
import { Proxy } from "./proxy.ts";

/** Nobody else waits for the proxies to end. */
const ends: Promise<void>[] = [];
afterAll(() => Promise.all(ends));

for (const [program, configuration] of [
  [NGINX, documented("nginx")],
  [HAPROXY, documented("haproxy")],
] as const) {
  const detour = async (port: number): Promise<Detour> => {
    const proxy = await Proxy.start(program, configuration, { servers: [port] });
    return { url: proxy.url, close: () => ends.push(proxy[Symbol.asyncDispose]()) };
  };
  describe.skipIf(program.path === undefined)(program.name, () => {
    describeScenarios("hawser and hawser-client", scenarios, (transportMode) => ({
      Server: servers.hawser.use,
      io: clients.hawser.use.io,
      transportMode,
      detour,
    }));
  });
}
