/** hawser at one end, Socket.IO's own packages at the other: what takes the whole API of a client in this process. */

import { clients, servers } from "../harness/implementations.ts";
import { describeLocalScenarios } from "../harness/run-scenarios.ts";
import { localScenarios } from "../scenarios.ts";

for (const [server, client] of [
  [servers.hawser, clients.official],
  [servers.official, clients.hawser],
] as const) {
  describeLocalScenarios(`${server.name} and ${client.name}`, localScenarios, server.use, client.use);
}
