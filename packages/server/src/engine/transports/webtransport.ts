import {
  Deadline,
  PacketStream,
  type ByteStream,
  type CloseReason,
  type Deadlines,
  type EnginePacket,
  type PacketStreamOwner,
  type Transport,
  type TransportHandler,
} from "@hawser/core";
import { ProtocolError } from "@hawser/parser";
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
export interface WebTransportSettings {
  readonly deadlines: Deadlines;
  /** The longest packet to accept, in bytes. */
  readonly maxPayload: number;
}

/** Milliseconds that the client gets to take what was sent, and to end its side, before the session is closed. */
const LINGER = 2000;

/** Ends a session. Implementations differ in how they object to ending one that is over already. */
export async function endSession(session: WebTransportSession): Promise<void> {
  try {
    await session.close();
  } catch {
    // It was over.
  }
}

/**
 * One stream of a WebTransport session that carries a session of ours (`docs/protocol.md`, "WebTransport"). As a deadline,
 * it limits how long the client takes to end its side.
 */
export class WebTransportTransport extends Deadline implements Transport, PacketStreamOwner {
  readonly name = "webtransport";
  declare handler: TransportHandler;
  readonly #session: WebTransportSession;
  readonly #deadlines: Deadlines;
  readonly #stream: PacketStream;
  #state: "open" | "closing" | "closed" = "open";

  /**
   * @param session - as the HTTP/3 server made it
   * @param stream - the one that the client opened
   */
  constructor(session: WebTransportSession, stream: ByteStream, { deadlines, maxPayload }: WebTransportSettings) {
    super();
    this.#session = session;
    this.#deadlines = deadlines;
    this.#stream = new PacketStream(this, stream, maxPayload, "nodebuffer");
    session.closed.then(
      () => this.#close("transport close"),
      (error: unknown) => this.#fail(error),
    );
  }

  get writable(): boolean {
    return this.#state === "open" && this.#stream.writable;
  }

  send(packets: EnginePacket[]): void {
    this.#stream.send(packets);
  }

  /**
   * Finishes the stream first: closing the session may throw away what the client has not received. A client that knows
   * what that means ends its side; others are given some time.
   */
  close(): void {
    if (this.#state === "open") {
      this.#state = "closing";
      this.#stream.finish(() => {
        if (this.#state === "closing") {
          this.#deadlines.start(this, LINGER);
        }
      });
    }
  }

  abort(): void {
    this.#state = "closed";
    this.#deadlines.stop(this);
    void endSession(this.#session);
  }

  override expire(): void {
    this.#close("transport close");
  }

  // ── what the stream tells ────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  onStreamPacket(packet: EnginePacket): boolean {
    if (this.#state !== "closed") {
      this.handler.onTransportPacket(this, packet);
    }
    return this.#state !== "closed";
  }

  /** @internal */
  onStreamWritable(): void {
    if (this.#state === "open") {
      this.handler.onTransportWritable(this);
    }
  }

  /** @internal */
  onStreamEnd(error?: unknown): void {
    if (error === undefined) {
      this.#close("transport close");
    } else if (error instanceof ProtocolError) {
      this.#close("parse error", error);
    } else {
      // If that is because the session was closed, the session is about to say so.
      setImmediate(() => this.#fail(error));
    }
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

  #fail(error: unknown): void {
    this.#close("transport error", new TransportError("webtransport error", error));
  }

  #close(reason: CloseReason, cause?: Error): void {
    if (this.#state !== "closed") {
      this.abort();
      this.handler.onTransportClose(this, reason, cause);
    }
  }
}
