import type { BinaryType, EnginePacket } from "./wire.ts";
import { encodeFramedPackets, FramedPacketDecoder } from "./stream-framing.ts";

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

/** What a stream of packets tells its transport. */
export interface PacketStreamOwner {
  /** A packet arrived; returns whether further ones are wanted. */
  onStreamPacket(packet: EnginePacket): boolean;
  /** The stream wants more. */
  onStreamWritable(): void;
  /**
   * Nothing more will arrive, or nothing can be sent any more. May be called several times.
   *
   * @param error - a `ProtocolError` if the peer sent what can't be read, or what the stream failed with; nothing if the peer
   *   has simply finished
   */
  onStreamEnd(error?: unknown): void;
}

/**
 * Engine packets on a stream of bytes: the part of WebTransport that both ends have in common. It never calls its owner
 * back on the stack of its constructor or of `send`.
 */
export class PacketStream {
  private readonly $owner: PacketStreamOwner;
  private readonly $reader: ByteReader;
  private readonly $writer: ByteWriter;
  private readonly $decoder: FramedPacketDecoder;
  private readonly $fail = (error: unknown): void => this.$owner.onStreamEnd(error);
  private $writable = true;
  /** Whether packets are being encoded, which takes time where a `Blob` must be read. */
  private $encoding = false;
  private $onFinished: (() => void) | undefined;

  /**
   * @param stream - nobody else reads from it or writes to it
   * @param maxPayload - the longest packet to accept, in bytes
   * @param binaryType - how binary data is handed out
   */
  constructor(owner: PacketStreamOwner, stream: ByteStream, maxPayload: number, binaryType: BinaryType) {
    this.$owner = owner;
    this.$reader = stream.readable.getReader();
    this.$writer = stream.writable.getWriter();
    this.$decoder = new FramedPacketDecoder(maxPayload, binaryType);
    this.$read();
  }

  /** Whether what was sent before has left, as far as the stream tells. */
  get writable(): boolean {
    return this.$writable;
  }

  /** Sends packets in order and in one write; `onStreamWritable` follows. To be called while `writable`. */
  send(packets: readonly EnginePacket[]): void {
    this.$writable = false;
    this.$encoding = true;
    encodeFramedPackets(packets, (bytes) => this.$write(bytes), this.$fail);
  }

  /**
   * Sends nothing more.
   *
   * @param finished - called when all that was sent has left, as far as the stream tells
   */
  finish(finished: () => void): void {
    this.$onFinished = finished;
    this.$closeIfEncoded();
  }

  private $write(bytes: Uint8Array): void {
    this.$encoding = false;
    this.$writer.write(bytes).catch(this.$fail);
    this.$writer.ready.then(() => {
      this.$writable = true;
      this.$owner.onStreamWritable();
    }, this.$fail);
    this.$closeIfEncoded();
  }

  private $closeIfEncoded(): void {
    if (this.$onFinished && !this.$encoding) {
      this.$writer.close().then(this.$onFinished, this.$fail);
      this.$onFinished = undefined;
    }
  }

  private $read(): void {
    this.$reader.read().then(({ done, value }) => {
      if (done || !value) {
        this.$owner.onStreamEnd();
        return;
      }
      let wanted = true;
      const violation = this.$decoder.read(value, (packet) => (wanted = this.$owner.onStreamPacket(packet)));
      if (violation) {
        this.$owner.onStreamEnd(violation);
      } else if (wanted) {
        this.$read();
      }
    }, this.$fail);
  }
}
