import type { BinaryType, Clock, Transport } from "@hawser/core";
import type { EngineOptions } from "../options.ts";
import type { Network } from "../runtime/runtime.ts";

/** What a transport is given by its connection. */
export interface TransportContext {
  readonly clock: Clock;
  readonly network: Network;
  /** What received binary data is to be. */
  readonly binaryType: BinaryType;
  /** The id of the session that the transport is to carry; empty if there is none yet. */
  readonly sid: string;
  /** What the application wants of a transport. */
  options(transport: string): EngineOptions;
  /** The address of a request made now: it holds the session id as soon as there is one. */
  url(scheme: "http" | "ws", transport: string): string;
  /** The address of the server by `https:` and without a query. */
  address(transport: string): string;
}

/** A class of transports. It begins to open when it is made; its prototype tells its name. */
export interface TransportConstructor {
  readonly prototype: { readonly name: string };
  new (context: TransportContext): Transport;
}
