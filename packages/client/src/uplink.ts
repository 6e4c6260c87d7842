import type { Deadlines, LinkPort, Mux, SendFlags } from "@hawser/core";
import type { Packet } from "@hawser/parser";

/** What the sockets of a Manager send through: the connection of the moment, if there is one. */
export class Uplink implements LinkPort {
  readonly deadlines: Deadlines;
  /** The connection of the moment. */
  mux: Mux | undefined;

  constructor(deadlines: Deadlines) {
    this.deadlines = deadlines;
  }

  get writable(): boolean {
    return this.mux?.session.writable ?? false;
  }

  alive(): boolean {
    return this.mux?.session.alive() ?? false;
  }

  sendPacket(packet: Packet, flags?: SendFlags): void {
    this.mux?.sendPacket(packet, flags);
  }
}
