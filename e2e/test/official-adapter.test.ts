/**
 * hawser's server with the adapters of the package `socket.io-adapter`, on which every adapter for Socket.IO stands: what they do to
 * sockets goes through the compatibility port. Several servers with them are in `cluster.test.ts`.
 */

import * as hawser from "hawser";
import * as official from "socket.io-adapter";
import { expect, onTestFinished, test } from "vitest";
import type { ServerClass } from "../harness/context.ts";
import { clients } from "../harness/implementations.ts";
import { describeLocalScenarios, describeScenarios } from "../harness/run-scenarios.ts";
import { localScenarios, scenarios } from "../scenarios.ts";

/** A server of hawser that has Socket.IO's adapter where it would have its own. */
class HostingServer extends hawser.Server {
  constructor(server: hawser.AnyHttpServer, options: Partial<hawser.ServerOptions> = {}) {
    const { adapter = options.connectionStateRecovery ? official.SessionAwareAdapter : official.Adapter } = options;
    super(server, { ...options, adapter });
  }
}

const Server = HostingServer as unknown as ServerClass;
const { use: client } = clients.official;

describeScenarios("Socket.IO's adapter", scenarios, (transportMode) => ({ Server, io: client.io, transportMode }), [
  "polling",
  "websocket",
]);
describeLocalScenarios("Socket.IO's adapter", localScenarios, Server, client, ["polling", "websocket"]);
