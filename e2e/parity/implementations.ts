/** The two implementations that are compared, with Socket.IO's types as the contract for both. */

import * as officialEngine from "engine.io";
import * as hawserServer from "hawser";
import * as hawserClient from "hawser-client";
import * as hawserEngine from "hawser/engine";
import * as officialServer from "socket.io";
import * as officialClient from "socket.io-client";

export type ServerModule = typeof officialServer;
export type ClientModule = typeof officialClient;
export type EngineModule = typeof officialEngine;

export interface Implementation {
  readonly name: string;
  readonly server: ServerModule;
  readonly client: ClientModule;
  /** The server's engine by itself. */
  readonly engine: EngineModule;
}

export const official: Implementation = {
  name: "Socket.IO",
  server: officialServer,
  client: officialClient,
  engine: officialEngine,
};

export const hawser: Implementation = {
  name: "hawser",
  server: hawserServer as unknown as ServerModule,
  client: hawserClient as unknown as ClientModule,
  engine: hawserEngine as unknown as EngineModule,
};
