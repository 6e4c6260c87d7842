import type { CloseReason, EnginePacket, Transport, TransportHandler } from "../src/index.ts";
import { decodeFrame, encodeFrame, type Frame } from "@hawser/testing";

/** A transport that a test plays by hand: what a session does with it is written down, what arrives the test says. */
export class StubTransport implements Transport {
  readonly name: string;
  handler!: TransportHandler;
  writable = true;
  bufferedAmount = 0;
  /** Each call of `send`, as frames. */
  readonly writes: Frame[][] = [];
  /** How it was ended, if it was. */
  readonly ended: ("close" | "abort")[] = [];

  constructor(name = "websocket") {
    this.name = name;
  }

  /** All frames that were sent. */
  get sent(): Frame[] {
    return this.writes.flat();
  }

  send(packets: EnginePacket[]): void {
    if (!this.writable || this.ended.length > 0) {
      throw new Error("sent on a transport that is not writable");
    }
    this.writes.push(packets.map(encodeFrame));
  }

  close(): void {
    this.ended.push("close");
  }

  abort(): void {
    this.ended.push("abort");
  }

  /** Frames arrive, in one read. */
  receive(...frames: Frame[]): void {
    for (const frame of frames) {
      this.handler.onTransportPacket(this, decodeFrame(frame));
    }
  }

  /** It has opened. */
  open(): void {
    this.handler.onTransportOpen(this);
  }

  /** It can be written to again. */
  relieve(): void {
    this.writable = true;
    this.handler.onTransportWritable(this);
  }

  /** It is gone. */
  die(reason: CloseReason = "transport close", cause?: Error): void {
    this.handler.onTransportClose(this, reason, cause);
  }
}

/** A stub that a client can pause, as polling can be: the test says when nothing is in flight any more. */
export class PausableStub extends StubTransport {
  /** What was asked of it: `pause` and `resume`. */
  readonly asked: string[] = [];
  /** Nothing is in flight any more. */
  paused: () => void = () => {
    throw new Error("nobody asked for a pause");
  };

  constructor() {
    super("polling");
  }

  pause(paused: () => void): void {
    this.asked.push("pause");
    this.paused = paused;
  }

  resume(): void {
    this.asked.push("resume");
  }
}
