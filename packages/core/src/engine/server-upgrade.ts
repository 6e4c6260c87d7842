import type { Deadlines } from "../deadlines.ts";
import { failure, violation } from "../errors.ts";
import type { Transport } from "../ports.ts";
import { Upgrade, type UpgradePort } from "./upgrade.ts";
import { NOOP, PROBE_PONG, type EnginePacket } from "./wire.ts";

/** How often a waiting GET is released while the client waits for its requests to end, in milliseconds. */
const NUDGE_INTERVAL = 100;

/** The first release comes sooner: by then the client has usually read the `3probe`. */
const FIRST_NUDGE = 10;

/** The server's half: it answers the probe, and switches when told. */
export class ServerUpgrade extends Upgrade {
  private readonly $giveUpAt: number;

  constructor(deadlines: Deadlines, port: UpgradePort, candidate: Transport, timeout: number) {
    super(deadlines, port, candidate, timeout);
    this.$giveUpAt = deadlines.now() + timeout;
  }

  override onTransportOpen(): void {
    // A server's transport is open from the start.
  }

  override onTransportPacket(candidate: Transport, packet: EnginePacket): void {
    if (packet.type === "ping" && packet.data === "probe") {
      // Whoever asks again is answered again while it reads the answers; the time it has does not begin anew.
      if (candidate.writable) {
        candidate.send([PROBE_PONG]);
      }
      if (this.$state === "opening") {
        this.$state = "probing";
        this.$armNudge(FIRST_NUDGE);
        this.$port.onUpgradeProbed?.(candidate);
      }
    } else if (packet.type === "upgrade") {
      this.$adopt();
    } else {
      this.$fail(failure("ERR_UPGRADE", violation("ERR_PACKET_ORDER")));
    }
  }

  override onSessionClosing(): void {
    // The client may be about to switch, and polls no more then: the candidate is where it learns of the end.
  }

  override expire(): void {
    if (this.$state === "probing" && this.$deadlines.now() < this.$giveUpAt) {
      this.$nudge();
    } else {
      super.expire();
    }
  }

  private $armNudge(delay: number): void {
    this.$deadlines.start(this, Math.min(delay, this.$giveUpAt - this.$deadlines.now()));
  }

  /** Answers a waiting GET, so that the client, which starts no further one, finds itself with nothing in flight. */
  private $nudge(): void {
    this.$armNudge(NUDGE_INTERVAL);
    const old = this.$port.transport;
    if (old.writable) {
      old.send([NOOP]);
    }
  }
}
