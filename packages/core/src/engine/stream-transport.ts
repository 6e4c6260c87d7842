import type { CloseReason } from "../codes.ts";
import type { Transport, TransportHandler } from "../ports.ts";
import { encodeFramedPackets, FramedPacketDecoder } from "./stream-framing.ts";
import type { BinaryType, EnginePacket } from "./wire.ts";

/** Both directions of a stream of bytes, as the Streams standard has them: as much of them as is needed here. */
export interface ByteStream {
  readonly readable: { getReader(): ByteReader };
  readonly writable: { getWriter(): ByteWriter };
}

/** Where bytes come from. */
export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

/** Where bytes go. */
export interface ByteWriter {
  /** Settled while it wants more. */
  readonly ready: Promise<unknown>;
  write(bytes: Uint8Array): Promise<unknown>;
  /** Tells the peer that nothing follows what was written. */
  close(): Promise<unknown>;
}

/** What transports on streams are told once, and in what the two ends differ. */
export interface StreamSettings {
  /** The longest packet to accept, in bytes. */
  readonly maxPayload: number;
  /** How binary data is handed out. */
  readonly binaryType: BinaryType;
  /** @internal Why a session ends whose peer sends what can't be read. */
  readonly garbageReason: CloseReason;
  /** What is told of an error of the platform. */
  wrap(error: unknown): Error;
  /** Calls back when what has happened already has been told. */
  defer(callback: () => void): void;
}

/** `closing`: the stream is being finished, and the peer may still be sending. */
export type StreamTransportState = "opening" | "open" | "closing" | "closed";

/**
 * WebTransport as far as both ends are alike (`docs/protocol.md`, "WebTransport"): packets on one stream of a session,
 * which lives no longer than the transport.
 */
export abstract class StreamTransport implements Transport {
  handler!: TransportHandler;
  protected $state: StreamTransportState = "opening";
  private readonly $settings: StreamSettings;
  private readonly $decoder: FramedPacketDecoder;
  private $reader!: ByteReader;
  private $writer!: ByteWriter;
  /** Whether the stream wants more. */
  private $ready = true;
  /** Whether packets are being encoded, which takes time where a `Blob` must be read. */
  private $encoding = false;
  protected readonly $fail = (error: unknown): void => this.$end("transport error", this.$settings.wrap(error));

  constructor(settings: StreamSettings) {
    this.$settings = settings;
    this.$decoder = new FramedPacketDecoder(settings.maxPayload, settings.binaryType);
  }

  get name(): string {
    return "webtransport";
  }

  get writable(): boolean {
    return this.$state === "open" && this.$ready;
  }

  send(packets: EnginePacket[]): void {
    this.$ready = false;
    this.$encoding = true;
    encodeFramedPackets(packets, (bytes) => this.$write(bytes), this.$fail);
  }

  /** Finishes the stream first: the end of the session would throw away what the peer has not received yet. */
  close(): void {
    if (this.$state === "open") {
      this.$state = "closing";
      this.$finish();
    } else if (this.$state === "opening") {
      this.$closeSession();
    }
  }

  abort(): void {
    this.$state = "closed";
    this.$closeSession();
  }

  /** Ends the session; it may be over already, or not have begun. */
  protected abstract $closeSession(): void;

  /** All that was sent has left, as far as the stream tells, and the peer has been told that nothing follows. */
  protected abstract $onFinished(): void;

  /** The peer sends nothing more. */
  protected $onPeerFinished(): void {
    this.$end("transport close");
  }

  /** @param closed - settles when the session is over */
  protected $watch(closed: Promise<unknown>): void {
    closed.then(() => this.$end("transport close"), this.$fail);
  }

  /** @param stream - what carries the packets from now on */
  protected $carry({ readable, writable }: ByteStream): void {
    this.$reader = readable.getReader();
    this.$writer = writable.getWriter();
    this.$read();
  }

  /** Reports the end, if that was not done before, and ends the session. */
  protected $end(reason: CloseReason, cause?: Error): void {
    this.$report(reason, cause);
    this.$closeSession();
  }

  protected $report(reason: CloseReason, cause?: Error): void {
    if (this.$state !== "closed") {
      this.$state = "closed";
      this.handler.onTransportClose(this, reason, cause);
    }
  }

  // ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────

  private $write(bytes: Uint8Array): void {
    this.$encoding = false;
    this.$writer.write(bytes).catch(this.$fail);
    this.$writer.ready.then(() => this.$onReady(), this.$fail);
    if (this.$state === "closing") {
      this.$finish();
    }
  }

  private $onReady(): void {
    this.$ready = true;
    if (this.$state === "opening") {
      this.$state = "open";
      this.handler.onTransportOpen(this);
    }
    if (this.$state === "open") {
      this.handler.onTransportWritable(this);
    }
  }

  private $finish(): void {
    if (!this.$encoding) {
      this.$writer.close().then(() => this.$onFinished(), this.$fail);
    }
  }

  // ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────

  private $read(): void {
    this.$reader.read().then(
      ({ done, value }) => {
        const violation = value && this.$decoder.read(value, (packet) => this.$receive(packet));
        if (violation) {
          this.$end(this.$settings.garbageReason, violation);
        } else if (done) {
          this.$onPeerFinished();
        } else if (this.$state !== "closed") {
          this.$read();
        }
      },
      // If that is because the session is over, the session is about to say so.
      (error) => this.$settings.defer(() => this.$fail(error)),
    );
  }

  /** Returns whether further packets are wanted. */
  private $receive(packet: EnginePacket): boolean {
    if (this.$state !== "closed") {
      this.handler.onTransportPacket(this, packet);
    }
    return this.$state !== "closed";
  }
}
