import type { CloseReason, SessionHandler, SessionPort } from "@hawser/core";
import type { Environment } from "../environment.ts";
import type { EngineOptions } from "../options.ts";
import type { Uri } from "../url.ts";
import { EngineConnection } from "./connection.ts";
import { EagerSession } from "./eager-session.ts";
import type { Engine } from "./engine.ts";

/** A connection with nothing above it but the application, which is told of its messages by the engine's `Socket`. */
export class RawConnection extends EngineConnection implements SessionHandler {
  readonly session: EagerSession;

  /** @param timeout - milliseconds within which the handshake must be done */
  constructor(environment: Environment, uri: Uri, options: EngineOptions, timeout: number) {
    super(environment, uri, options);
    this.session = new EagerSession(environment.session, this, this.$createFirst());
    this.$begin(timeout);
  }

  /** What tells the application. There is one from the start: no transport reports anything while it is being made. */
  set engine(engine: Engine) {
    this.$engine = engine;
  }

  /** The names of the transports that may be used. */
  get transports(): string[] {
    return [...this.$transports.keys()];
  }

  onSessionOpen(): void {
    this.$state = "open";
    this.$opened();
    this.session.release();
    if (this.session.state === "open") {
      this.$startUpgrade();
    }
  }

  onHeartbeat(): void {
    // Nobody asks but listeners of the socket's.
  }

  onSessionMessage(): void {
    // The socket, which watches the session, has told the application.
  }

  onSessionClose(_session: SessionPort, reason: CloseReason, cause?: Error): void {
    // Once closed it is over for the application, whatever becomes of the transport.
    if (this.$state !== "closed") {
      this.session.observer = undefined;
      this.$closed(reason, cause);
    }
  }
}
