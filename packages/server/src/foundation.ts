import { MESSAGE_OVERHEAD, type BudgetLimits, type Codec, type ServerMuxSettings } from "@hawser/core";
import { DEFAULT_MAX_ATTACHMENTS } from "@hawser/parser";
import type { ClientOwner } from "./client.ts";
import { Engine, type SessionAcceptor } from "./engine/engine.ts";
import { EngineClient } from "./engine-client.ts";
import type { ServerOptions } from "./options.ts";
import type { UserErrors } from "./user-errors.ts";

/**
 * How many bytes of messages may wait in any case, however small each of them must be: more than one read of a connection can
 * bring, each message with its overhead, for that is what an honest client sends in one go.
 */
const MIN_INBOUND = 1_000_000;

/** What a server stands on: its engine, and what depends on the engine's options. */
export interface Foundation {
  readonly engine: Engine;
  readonly muxSettings: ServerMuxSettings;
  /** What each connection may hold. */
  readonly limits: BudgetLimits;
}

/**
 * Lays the foundation of a server.
 *
 * @param owner - the server, whose clients the engine's sessions become
 * @param options - those of the engine count
 * @param codec - how packets become frames
 * @param userErrors - told of exceptions in the application's functions
 */
export function layFoundation(
  owner: ClientOwner,
  options: Partial<ServerOptions>,
  codec: Codec,
  userErrors: UserErrors,
): Foundation {
  const accept: SessionAcceptor = (create, record) => new EngineClient(owner, engine, record, create);
  const engine = new Engine(options, accept, userErrors);
  const { pingInterval, pingTimeout, maxHttpBufferSize } = engine.opts;
  const { deadlines, turn } = engine;
  return {
    engine,
    muxSettings: { codec, deadlines, turn, attachmentTimeout: pingInterval + pingTimeout },
    limits: {
      // The largest packet with all its attachments, and as much again that arrived in the same read.
      inbound: Math.max(MIN_INBOUND, 2 * (maxHttpBufferSize + MESSAGE_OVERHEAD) * (DEFAULT_MAX_ATTACHMENTS + 1)),
      namespaces: options.maxNamespaces ?? 1000,
    },
  };
}
