import type { AdapterConstructor, RecoveryOptions } from "@hawser/adapter";
import type { Parser } from "@hawser/core";
import { numberOf, type AttachOptions, type EngineOptions } from "./engine/options.ts";
import type { HandlerErrorPolicy } from "./user-errors.ts";

/** Whether, and how, a client that lost its connection finds its socket as it was. */
export interface ConnectionStateRecoveryOptions extends RecoveryOptions {
  /** Whether a recovered socket passes the middlewares by. Default: true. */
  skipMiddlewares?: boolean;
}

/** Options that are numbers, beside those of the engine. */
const NUMBERS = ["connectTimeout", "maxNamespaces", "broadcastAckTimeout", "adapterTimeout"] as const;

/**
 * Fills in the defaults of what adapters ask for, and makes numbers of those that are text.
 *
 * @throws TypeError if an option that is a number is something else
 */
export function resolveOptions(options: Partial<ServerOptions>): Partial<ServerOptions> {
  const numbers = NUMBERS.flatMap((name) => {
    const number = numberOf(options, name);
    return number === options[name] ? [] : [[name, number]];
  });
  const recovery = options.connectionStateRecovery;
  if (!recovery && numbers.length === 0) {
    return options;
  }
  const resolved: Partial<ServerOptions> = { ...options, ...(Object.fromEntries(numbers) as Partial<ServerOptions>) };
  if (recovery) {
    const { skipMiddlewares = true } = recovery;
    const maxDisconnectionDuration = numberOf(recovery, "maxDisconnectionDuration") ?? 120_000;
    resolved.connectionStateRecovery = { ...recovery, maxDisconnectionDuration, skipMiddlewares };
  }
  return resolved;
}

/** Options of a {@link Server}, beside those of its engine and of attaching it. */
export interface ServerOptions extends EngineOptions, AttachOptions {
  /** Where the server listens. Default: `/socket.io`. */
  path: string;
  /** Whether the client's bundles are served below `path`. Default: true. */
  serveClient: boolean;
  /** Makes the adapter of each namespace. Default: rooms in memory. */
  adapter: AdapterConstructor;
  /** How packets become frames; both ends must agree. Default: JSON, as in `docs/protocol.md`. */
  parser: Parser;
  /** Milliseconds within which a client must have joined a namespace. Default: 45,000. */
  connectTimeout: number;
  /** How many namespaces one connection may have joined, or be joining, at once. Default: 1,000. */
  maxNamespaces: number;
  /** Milliseconds that a broadcast waits for acknowledgements if `timeout()` does not say otherwise. Default: 10,000. */
  broadcastAckTimeout: number;
  /**
   * Milliseconds that an adapter may take for what it asks of other servers, or of its service: `fetchSockets()`, `serverSideEmit()` with an
   * acknowledgement, the session of a client that comes back. Adapters have limits of their own, which come first if they are shorter.
   * Default: 10,000.
   */
  adapterTimeout: number;
  /** What becomes of an exception or rejection in a handler. Default: `contain`. */
  handlerErrors: HandlerErrorPolicy;
  /**
   * Lets clients recover their id, rooms, data and missed events after a connection was lost. An adapter of your own must
   * be able to keep sessions. Default: off.
   */
  connectionStateRecovery: ConnectionStateRecoveryOptions;
  /** Whether a namespace that a pattern or function brought about goes when its last socket does. Default: false. */
  cleanupEmptyChildNamespaces: boolean;
}
