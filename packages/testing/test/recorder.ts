import type { CloseReason, EnginePacket, Transport, TransportHandler } from "@hawser/core";
import { encodeFrame, showFrame } from "../src/index.ts";

/** A handler that writes down what it is told, and may do something about packets. */
export class Recorder implements TransportHandler {
  readonly events: string[] = [];
  onPacket: (packet: EnginePacket, transport: Transport) => void = () => {};

  constructor(transport?: Transport) {
    if (transport) {
      transport.handler = this;
    }
  }

  /** What happened since this was last asked. */
  take(): string[] {
    return this.events.splice(0);
  }

  onTransportOpen(): void {
    this.events.push("open");
  }

  onTransportPacket(transport: Transport, packet: EnginePacket): void {
    this.events.push(showFrame(encodeFrame(packet)));
    this.onPacket(packet, transport);
  }

  onTransportWritable(): void {
    this.events.push("writable");
  }

  onTransportClose(_transport: Transport, reason: CloseReason): void {
    this.events.push(`closed: ${reason}`);
  }
}

/** A message packet. */
export function message(data: string): EnginePacket {
  return { type: "message", data };
}
