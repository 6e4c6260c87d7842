/** The two implementations that are compared, with Socket.IO's types as the contract for both. */

import * as officialEngine from "engine.io";
import * as officialEngineClient from "engine.io-client";
import * as hawserServer from "hawser";
import * as hawserClient from "hawser-client";
import * as hawserEngineClient from "hawser-client/engine";
import * as hawserEngine from "hawser/engine";
import * as officialServer from "socket.io";
import * as officialClient from "socket.io-client";

export type ServerModule = typeof officialServer;
export type ClientModule = typeof officialClient;
export type EngineModule = typeof officialEngine;
export type EngineClientModule = typeof officialEngineClient;

export interface Implementation {
  readonly name: string;
  readonly server: ServerModule;
  readonly client: ClientModule;
  /** The server's engine by itself. */
  readonly engine: EngineModule;
  /** The client's engine by itself. */
  readonly engineClient: EngineClientModule;
}

export const official: Implementation = {
  name: "Socket.IO",
  server: officialServer,
  client: officialClient,
  engine: officialEngine,
  engineClient: officialEngineClient,
};

export const hawser: Implementation = {
  name: "hawser",
  server: hawserServer as unknown as ServerModule,
  client: hawserClient as unknown as ClientModule,
  engine: hawserEngine as unknown as EngineModule,
  engineClient: hawserEngineClient as unknown as EngineClientModule,
};
