import type { CloseReason, ServerSession, SessionHandler, SessionPort } from "@hawser/core";
import type { Engine, EngineConnection } from "./engine.ts";
import { EngineSocket } from "./engine-socket.ts";
import type { SessionRequest } from "./request-record.ts";

/** A session with nothing above it but the application, which is told of its messages by the engine socket. */
export class RawConnection implements EngineConnection, SessionHandler {
  readonly session: ServerSession;
  readonly conn: EngineSocket;

  /**
   * @param engine - whose connection it is
   * @param createSession - makes the session that reports to this connection
   * @param request - what began it
   */
  constructor(engine: Engine, createSession: (handler: SessionHandler) => ServerSession, request: SessionRequest) {
    this.session = createSession(this);
    this.conn = new EngineSocket(engine, this.session, request);
  }

  onSessionOpen(): void {
    // The engine tells of it, by its event `connection`.
  }

  onSessionMessage(): void {
    // The engine socket, which watches the session, has told the application.
  }

  onSessionClose(_session: SessionPort, reason: CloseReason, cause?: Error): void {
    this.conn.onClose(reason, cause);
  }
}
