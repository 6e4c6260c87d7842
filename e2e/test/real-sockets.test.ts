/** hawser at both ends, over real sockets. */

import { clients, servers } from "../harness/implementations.ts";
import { describeLocalScenarios, describeScenarios } from "../harness/run-scenarios.ts";
import { localScenarios, scenarios } from "../scenarios.ts";

const [title, Server, client] = ["hawser and hawser-client", servers.hawser.use, clients.hawser.use];

describeScenarios(title, scenarios, (transportMode) => ({ Server, io: client.io, transportMode }));

// Each end is tried with Socket.IO's other one over all transports; together they are tried where most happens.
describeLocalScenarios(title, localScenarios, Server, client, ["upgrade"]);
