import { Mux, Session, type CloseReason, type Inbox, type MuxOwner, type MuxSettings } from "@hawser/core";
import type { Packet, ProtocolError } from "@hawser/parser";
import { debugFor } from "./debug.ts";
import { EngineConnection } from "./engine/connection.ts";
import { Engine } from "./engine/engine.ts";
import type { Environment } from "./environment.ts";
import type { ManagerOptions } from "./options.ts";
import type { Uri } from "./url.ts";

/** What a connection tells its Manager. */
export interface ConnectionHandler {
  onConnectionOpen(): void;
  onConnectionPing(): void;
  onConnectionPacket(packet: Packet): void;
  /** The connection failed after it had been open; its sockets are told next. */
  onConnectionError(error: Error): void;
  /** The connection is over, or could not be made; not told of one that the Manager closed. */
  onConnectionClose(reason: CloseReason, cause: Error | undefined, wasOpen: boolean): void;
}

const debug = debugFor("engine", "engine.io-client:socket");

/** One connection of a Manager: what routes its packets to the sockets. */
export class Connection extends EngineConnection implements MuxOwner, Inbox {
  readonly mux: Mux;
  readonly session: Session;
  private readonly $handler: ConnectionHandler;

  /** @param timeout - milliseconds within which the handshake must be done */
  constructor(
    environment: Environment & MuxSettings,
    handler: ConnectionHandler,
    uri: Uri,
    options: ManagerOptions,
    timeout: number,
  ) {
    super(environment, uri, options);
    this.$handler = handler;
    this.mux = new Mux(environment, this, (mux) => new Session(environment.session, mux, this.$createFirst()));
    this.session = this.mux.session;
    this.$begin(timeout);
  }

  /** What applications watch the session through; made when the first one asks for it. */
  get engine(): Engine {
    return (this.$engine ??= new Engine(this));
  }

  /** Closes the connection once what was sent has left. Its sockets are told at once, and its Manager is told nothing. */
  close(): void {
    debug("closing");
    this.$finish();
    const links = [...this.mux.links.values()];
    this.mux.links.clear();
    this.session.close();
    for (const link of links) {
      link.sessionClosed("forced close");
    }
  }

  // ── what the mux tells ───────────────────────────────────────────────────────────────────────────────────────

  onMuxOpen(): void {
    this.$opened();
    // User code comes next, and that runs in its turn.
    this.$environment.turn.awaitDrain(this);
  }

  drain(): void {
    // The session may have ended by now; that is told next.
    if (this.state === "opening") {
      this.$state = "open";
      this.$handler.onConnectionOpen();
      this.$startUpgrade();
    }
  }

  onMuxPacket(packet: Packet): void {
    this.$handler.onConnectionPacket(packet);
  }

  onMuxViolation(error: ProtocolError): void {
    debug("the server broke the protocol: %s", error.code);
    this.session.abort("parse error", error);
  }

  onMuxEnd(reason: CloseReason, cause?: Error): void {
    if (this.$state === "open" && reason === "transport error" && cause) {
      this.$handler.onConnectionError(cause);
    }
  }

  onMuxClose(reason: CloseReason, cause?: Error): void {
    const state = this.$state;
    this.$closed(reason, cause);
    if (state !== "closed") {
      this.$handler.onConnectionClose(reason, cause, state === "open");
    }
  }

  onHeartbeat(): void {
    this.$handler.onConnectionPing();
  }
}
