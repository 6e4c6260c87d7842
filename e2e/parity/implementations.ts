/** The two implementations that are compared, with Socket.IO's types as the contract for both. */

import * as hawserServer from "hawser";
import * as hawserClient from "hawser-client";
import * as officialServer from "socket.io";
import * as officialClient from "socket.io-client";

export type ServerModule = typeof officialServer;
export type ClientModule = typeof officialClient;

export interface Implementation {
  readonly name: string;
  readonly server: ServerModule;
  readonly client: ClientModule;
}

export const official: Implementation = { name: "Socket.IO", server: officialServer, client: officialClient };

export const hawser: Implementation = {
  name: "hawser",
  server: hawserServer as unknown as ServerModule,
  client: hawserClient as unknown as ClientModule,
};
