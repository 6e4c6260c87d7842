/** hawser's server on the engine of the package `engine.io`, with hawser's client. */

import type { Server as HttpServer } from "node:http";
import { Server as OfficialEngine, type ServerOptions as EngineOptions } from "engine.io";
import { Server as HawserServer } from "hawser";
import type { ServerOptions } from "socket.io";
import type { ServerClass } from "../harness/context.ts";
import { clients } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { scenarios } from "../scenarios.ts";

/** What `new Server(httpServer, options)` does, with an engine that is not hawser's own. */
class BoundServer extends HawserServer {
  constructor(httpServer: HttpServer, options: Partial<ServerOptions> = {}) {
    super(options as ConstructorParameters<typeof HawserServer>[0]);
    const engine = new OfficialEngine(options as EngineOptions);
    engine.attach(httpServer, { path: options.path ?? "/socket.io" });
    this.httpServer = httpServer;
    this.bind(engine);
  }
}

describeScenarios("hawser on another engine, and hawser-client", scenarios, (transportMode) => ({
  Server: BoundServer as unknown as ServerClass,
  io: clients.hawser.use.io,
  transportMode,
}));
