/** The implementations under test. Socket.IO's types are the contract that hawser's classes are used through. */

import * as hawser from "hawser";
import * as hawserClient from "hawser-client";
import * as official from "socket.io";
import * as officialClient from "socket.io-client";
import type { ClientModule, ServerClass } from "./context.ts";

export interface Implementation<T> {
  readonly name: string;
  readonly use: T;
}

export const servers: { readonly hawser: Implementation<ServerClass>; readonly official: Implementation<ServerClass> } =
  {
    hawser: { name: "hawser", use: hawser.Server as unknown as ServerClass },
    official: { name: "socket.io", use: official.Server },
  };

export const clients: {
  readonly hawser: Implementation<ClientModule>;
  readonly official: Implementation<ClientModule>;
} = {
  hawser: { name: "hawser-client", use: hawserClient as unknown as ClientModule },
  official: { name: "socket.io-client", use: officialClient },
};
