import type { CloseReason, ServerSession, SessionHandler } from "@hawser/core";
import { Client, type ClientOwner } from "./client.ts";
import type { Engine, EngineConnection } from "./engine/engine.ts";
import { EngineSocket } from "./engine/engine-socket.ts";
import type { SessionRequest } from "./engine/request-record.ts";
import { socketRevisionOf, type SocketRevision } from "./socket-revision.ts";

/** A client whose session is one of the library's own engine. */
export class EngineClient extends Client<ServerSession> implements EngineConnection {
  declare readonly record: SessionRequest;
  readonly #engine: Engine;
  #conn: EngineSocket | undefined;

  /**
   * @param engine - whose session it is
   * @param record - of the request that began the session
   * @param createSession - makes it
   */
  constructor(
    owner: ClientOwner,
    engine: Engine,
    record: SessionRequest,
    createSession: (handler: SessionHandler) => ServerSession,
  ) {
    super(owner, record, createSession);
    this.#engine = engine;
  }

  get session(): ServerSession {
    return this.mux.session;
  }

  override get conn(): EngineSocket {
    return (this.#conn ??= new EngineSocket(this.#engine, this.session, this.record));
  }

  override get revision(): SocketRevision {
    return socketRevisionOf(this.session.protocol);
  }

  override onMuxClose(reason: CloseReason, cause?: Error): void {
    super.onMuxClose(reason, cause);
    this.#conn?.onClose(reason, cause);
  }
}
