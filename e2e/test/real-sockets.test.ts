/** hawser at both ends, over real sockets. */

import { clients, servers } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { scenarios } from "../scenarios.ts";

describeScenarios("hawser and hawser-client", scenarios, (transportMode) => ({
  Server: servers.hawser.use,
  io: clients.hawser.use,
  transportMode,
}));
