import type { CloseReason, Session, SessionHandler } from "@hawser/core";
import { Client, type ClientOwner } from "./client.ts";
import type { EngineConnection } from "./engine/engine.ts";
import { EngineSocket } from "./engine/engine-socket.ts";
import type { SessionRequest } from "./engine/request-record.ts";
import { socketRevisionOf, type SocketRevision } from "./socket-revision.ts";
import type { UserErrors } from "./user-errors.ts";

/** A client whose session is one of the library's own engine. */
export class EngineClient extends Client<Session> implements EngineConnection {
  declare readonly record: SessionRequest;
  readonly #userErrors: UserErrors;
  #conn: EngineSocket | undefined;

  constructor(owner: ClientOwner, record: SessionRequest, createSession: (handler: SessionHandler) => Session) {
    super(owner, record, createSession);
    this.#userErrors = owner.userErrors;
  }

  get session(): Session {
    return this.mux.session;
  }

  override get conn(): EngineSocket {
    return (this.#conn ??= new EngineSocket(this.session, this.record, this.#userErrors));
  }

  override get revision(): SocketRevision {
    return socketRevisionOf(this.session.protocol);
  }

  override onMuxClose(reason: CloseReason, cause?: Error): void {
    super.onMuxClose(reason, cause);
    this.#conn?.onClose(reason, cause);
  }
}
