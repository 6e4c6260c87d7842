/** hawser at one end, Socket.IO's own packages at the other. */

import { clients, servers } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { scenarios } from "../scenarios.ts";

for (const [server, client] of [
  [servers.hawser, clients.official],
  [servers.official, clients.hawser],
] as const) {
  describeScenarios(`${server.name} and ${client.name}`, scenarios, (transportMode) => ({
    Server: server.use,
    io: client.use.io,
    transportMode,
  }));
}
