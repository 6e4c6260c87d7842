import { Deadline, type EnginePacket, type Transport, type TransportHandler } from "@hawser/core";
import { debugFor } from "../debug.ts";
import {
  endSession,
  WebTransportTransport,
  type WebTransportSession,
  type WebTransportSettings,
} from "./transports/webtransport.ts";

const debug = debugFor("engine:webtransport", "engine:webtransport", "engine:transport");

/** Who decides what becomes of a WebTransport session. */
export interface WebTransportHost extends WebTransportSettings {
  /** Milliseconds within which the client must have said what it wants. */
  readonly timeout: number;
  /**
   * A client said what it wants.
   *
   * @param sid - the session that is to be moved here; `undefined` for a new one
   * @returns whether it gets that; if not, the WebTransport session is closed
   */
  admit(transport: Transport, sid: string | undefined): boolean;
}

/** The entrances of one engine, where clients are that have not yet said what they want. */
export class WebTransportEntrances {
  readonly #host: WebTransportHost;
  readonly #waiting = new Set<WebTransportEntrance>();

  constructor(host: WebTransportHost) {
    this.#host = host;
  }

  /**
   * Lets a client come in.
   *
   * @returns settles when it was let in or sent away, or has gone
   */
  enter(session: WebTransportSession): Promise<void> {
    return new Promise((resolve) => {
      const entrance = new WebTransportEntrance(session, this.#host, () => {
        this.#waiting.delete(entrance);
        resolve();
      });
      this.#waiting.add(entrance);
    });
  }

  /** Sends all away. */
  refuseAll(why: string): void {
    for (const entrance of [...this.#waiting]) {
      entrance.refuse(why);
    }
  }
}

/** Sends a client away. */
export function refuseSession(session: WebTransportSession, why: string): Promise<void> {
  debug("closing a session: %s", why);
  return endSession(session);
}

/** The session id in the first packet of a client that upgrades; no session has the empty one. */
function readSessionId(data: unknown): string {
  try {
    const { sid } = JSON.parse(data as string) as { sid?: unknown };
    return typeof sid === "string" ? sid : "";
  } catch {
    return "";
  }
}

/**
 * Where WebTransport sessions come in. The client has to open a stream, and to say by its first packet what it wants:
 * `0` for a new session, `0{"sid":"…"}` to move one here. Whoever says anything else, or nothing in time, is sent away.
 *
 * ```
 *  session ──► stream ──► first packet ──► admitted
 *     └──────────┴─────────────┴────────► refused, late, or gone
 * ```
 */
export class WebTransportEntrance extends Deadline implements TransportHandler {
  readonly #session: WebTransportSession;
  readonly #host: WebTransportHost;
  readonly #onDecided: () => void;
  #transport: WebTransportTransport | undefined;
  #decided = false;

  /**
   * @param onDecided - called once, when the client was let in or sent away, or has gone
   */
  constructor(session: WebTransportSession, host: WebTransportHost, onDecided: () => void) {
    super();
    this.#session = session;
    this.#host = host;
    this.#onDecided = onDecided;
    const streams = session.incomingBidirectionalStreams.getReader();
    const gone = (): void => void this.#decide();
    session.closed.then(gone, gone);
    // One that does not become ready is closed, too.
    session.ready?.catch(() => {});
    host.deadlines.start(this, host.timeout);
    streams.read().then(
      ({ done, value: stream }) => {
        if (done || !stream) {
          this.refuse("there is no stream");
        } else if (!this.#decided) {
          this.#transport = new WebTransportTransport(session, stream, host);
          this.#transport.handler = this;
        }
      },
      () => this.refuse("there is no stream"),
    );
  }

  /** Sends the client away. */
  refuse(why: string): void {
    if (this.#decide()) {
      this.#transport?.abort();
      void refuseSession(this.#session, why);
    }
  }

  override expire(): void {
    this.refuse("the client did not say in time what it wants");
  }

  // ── what the transport tells ─────────────────────────────────────────────────────────────────────────────────

  onTransportOpen(): void {}

  onTransportPacket(transport: Transport, { type, data }: EnginePacket): void {
    if (type !== "open") {
      this.refuse("its first packet is no handshake");
    } else if (this.#decide() && !this.#host.admit(transport, data === undefined ? undefined : readSessionId(data))) {
      transport.abort();
      void refuseSession(this.#session, "the client can't have the session that it wants");
    }
  }

  onTransportWritable(): void {}

  onTransportClose(): void {
    this.#decide();
  }

  /** Enters the last state; false if it was entered before. */
  #decide(): boolean {
    if (this.#decided) {
      return false;
    }
    this.#decided = true;
    this.#host.deadlines.stop(this);
    this.#onDecided();
    return true;
  }
}
