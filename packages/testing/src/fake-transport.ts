import type { CloseReason, EnginePacket, Transport, TransportHandler } from "@hawser/core";
import { decodeFrame, encodeFrame, type Frame } from "./engine-frames.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { Side, Transcript } from "./transcript.ts";

/** How long an orderly close waits for the peer, in milliseconds. */
export const CLOSE_TIMEOUT = 30_000;

/** Who listens before anybody does. */
const NOBODY: TransportHandler = {
  onTransportOpen: (transport) => missed(transport, "opened"),
  onTransportPacket: (transport) => missed(transport, "received a packet"),
  onTransportWritable: () => {},
  onTransportClose: () => {},
};

function missed({ name }: Transport, what: string): never {
  throw new Error(`a ${name} transport ${what} before it was given a handler`);
}

/** What the two ends of a wire and its two flavours have in common. */
export abstract class FakeTransport implements Transport {
  readonly name: string;
  handler: TransportHandler = NOBODY;
  protected readonly side: Side;
  protected readonly clock: FakeClock;
  readonly #wire: string;
  readonly #transcript: Transcript;
  #closed = false;
  #stalled = false;

  constructor(name: string, side: Side, clock: FakeClock, wire: string, transcript: Transcript) {
    this.name = name;
    this.side = side;
    this.clock = clock;
    this.#wire = wire;
    this.#transcript = transcript;
  }

  get writable(): boolean {
    return this.ready && !this.#stalled && !this.#closed;
  }

  send(packets: EnginePacket[]): void {
    if (!this.writable) {
      throw new Error(`the ${this.side} sent on a ${this.name} transport that is not writable`);
    }
    if (packets.length === 0) {
      throw new Error(`the ${this.side} sent no packets at all`);
    }
    const frames = packets.map(encodeFrame);
    // From now on the array belongs to the transport: a session that goes on using it fails where it does so.
    Object.freeze(packets);
    this.record("sent", this.side, frames);
    this.write(frames);
  }

  abstract close(): void;

  abstract abort(): void;

  /** Whether it could be written to if it were not stalled. */
  protected abstract readonly ready: boolean;

  protected abstract write(frames: Frame[]): void;

  get closed(): boolean {
    return this.#closed;
  }

  /** Back-pressure: it is not writable from now on. */
  stall(): void {
    this.#stalled = true;
  }

  /** Ends the back-pressure, and says so. */
  relieve(): void {
    if (this.#stalled) {
      this.#stalled = false;
      this.clock.deliver(() => this.reportWritable(), 0);
    }
  }

  /** The network is gone: reports that it closed. */
  cut(reason: CloseReason): void {
    this.reportClose(reason, new Error("the wire was cut"));
  }

  /** The connection has reached the server. Whoever listened before is told that it is writable; a newcomer sees it. */
  protected introduce(accept: (server: FakeTransport) => void): void {
    const listener = this.handler;
    accept(this);
    if (this.handler === listener) {
      this.reportWritable();
    }
  }

  protected reportWritable(): void {
    if (this.writable) {
      this.handler.onTransportWritable(this);
    }
  }

  /** Hands frames to the handler, as far as it goes on listening and `accept` lets them through. */
  protected deliver(frames: readonly Frame[], accept: (packet: EnginePacket) => boolean = () => true): void {
    const from = this.side === "client" ? "server" : "client";
    for (const [index, frame] of frames.entries()) {
      if (this.#closed) {
        this.record("lost", from, frames.slice(index));
        return;
      }
      this.record("arrived", from, [frame]);
      const packet = decodeFrame(frame);
      if (accept(packet)) {
        this.handler.onTransportPacket(this, packet);
      }
    }
  }

  protected record(event: "sent" | "arrived" | "lost", from: Side, frames: readonly Frame[]): void {
    for (const frame of frames) {
      this.#transcript.entries.push({ at: this.clock.now(), wire: this.#wire, from, event, frame });
    }
  }

  /** Reports that it closed; to be called as often as one likes. */
  protected reportClose(reason: CloseReason, cause?: Error): void {
    if (!this.#closed) {
      this.#closed = true;
      this.handler.onTransportClose(this, reason, cause);
    }
  }

  /** Closes without a word. */
  protected vanish(): void {
    this.#closed = true;
  }
}
