import { Deadline, StreamTransport, type ByteStream, type Deadlines, type StreamSettings } from "@hawser/core";
import type { EngineTransport } from "./engine-transport.ts";
import { REVISION_4 } from "../revisions.ts";
import { TransportError } from "../transport-error.ts";

/** A WebTransport session as HTTP/3 servers hand it over: as much of it as the engine uses. */
export interface WebTransportSession {
  /** Settles when the session is established. The engine does not wait for it. */
  readonly ready?: Promise<unknown>;
  /** Settles when the session is over. */
  readonly closed: Promise<unknown>;
  /** The streams that the client opens. */
  readonly incomingBidirectionalStreams: {
    getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: ByteStream | undefined }> };
  };
  close(): unknown;
}

/** What WebTransport transports are told once, shared by all of a server. */
export interface WebTransportSettings extends StreamSettings {
  readonly deadlines: Deadlines;
}

/** Milliseconds that a client gets to take what was sent, and to end its side, before the session is closed. */
const LINGER = 2000;

/** What is the same for all servers. */
export function webTransportSettings(deadlines: Deadlines, maxPayload: number): WebTransportSettings {
  return {
    deadlines,
    maxPayload,
    binaryType: "nodebuffer",
    garbageReason: "parse error",
    wrap: (error) => new TransportError("webtransport error", error),
    defer: (callback) => void setImmediate(callback),
  };
}

/** Ends a session. Implementations differ in how they object to ending one that is over already. */
export async function endSession(session: WebTransportSession): Promise<void> {
  try {
    await session.close();
  } catch {
    // It was over.
  }
}

/** How long a client takes to end its side. */
class Linger extends Deadline {
  readonly #onExpired: () => void;

  constructor(onExpired: () => void) {
    super();
    this.#onExpired = onExpired;
  }

  override expire(): void {
    this.#onExpired();
  }
}

/**
 * One stream of a WebTransport session that carries a session of ours. When it closes, a client that knows what the end
 * of the stream means ends its side; others are given some time.
 */
export class WebTransportTransport extends StreamTransport implements EngineTransport {
  declare sid: string;
  readonly #session: WebTransportSession;
  readonly #deadlines: Deadlines;
  #linger: Linger | undefined;

  /**
   * @param session - as the HTTP/3 server made it
   * @param stream - the one that the client opened
   */
  constructor(session: WebTransportSession, stream: ByteStream, settings: WebTransportSettings) {
    super(settings);
    this.#session = session;
    this.#deadlines = settings.deadlines;
    this.$state = "open";
    this.$watch(session.closed);
    this.$carry(stream);
  }

  get protocol(): number {
    return REVISION_4.protocol;
  }

  get readyState(): "open" | "closing" | "closed" {
    // The client has opened it.
    return this.$state as Exclude<typeof this.$state, "opening">;
  }

  protected override $closeSession(): void {
    if (this.#linger) {
      this.#deadlines.stop(this.#linger);
    }
    void endSession(this.#session);
  }

  protected override $onFinished(): void {
    if (this.$state === "closing") {
      this.#linger = new Linger(() => this.$end("transport close"));
      this.#deadlines.start(this.#linger, LINGER);
    }
  }
}
