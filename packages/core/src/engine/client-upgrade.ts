import { failure, violation } from "../errors.ts";
import type { Transport } from "../ports.ts";
import { Upgrade } from "./upgrade.ts";
import { PROBE_PING, UPGRADE, type EnginePacket } from "./wire.ts";

/** The client's half: it opened the candidate, and decides when to switch. */
export class ClientUpgrade extends Upgrade {
  override onTransportOpen(candidate: Transport): void {
    if (this.$state === "opening") {
      this.$state = "probing";
      candidate.send([PROBE_PING]);
    }
  }

  override onTransportPacket(candidate: Transport, packet: EnginePacket): void {
    if (this.$state === "probing" && packet.type === "pong" && packet.data === "probe") {
      this.$state = "switching";
      this.$port.onUpgradeChosen(candidate);
      const old = this.$port.transport;
      if (old.pause) {
        old.pause(() => this.$switch());
      } else {
        this.$switch();
      }
    } else {
      this.$fail(failure("ERR_UPGRADE", violation("ERR_PACKET_ORDER")));
    }
  }

  override onSessionClosing(): void {
    this.abandon();
  }

  private $switch(): void {
    if (this.$state === "switching") {
      this.candidate.send([UPGRADE]);
      this.$adopt();
    }
  }
}
