import { violation, failure } from "../errors.ts";
import type { CloseReason } from "../codes.ts";
import { Deadline, type Deadlines } from "../deadlines.ts";
import type { Transport, TransportHandler } from "../ports.ts";
import { NOOP, PROBE_PING, PROBE_PONG, UPGRADE, type EnginePacket } from "./wire.ts";

/** What an upgrade asks of its session. */
export interface UpgradePort {
  /** The transport that still carries the session. */
  readonly transport: Transport;
  /** The candidate carries the session from now on. */
  adopt(candidate: Transport): void;
  /** The candidate is gone and the session stays where it was. */
  onUpgradeFailed(candidate: Transport, error: Error): void;
}

/** What is left to happen. `done` when the candidate was adopted, or given up. */
export type UpgradeState = "opening" | "probing" | "switching" | "done";

/**
 * Moves a session from polling to another transport without losing or reordering a packet.
 *
 * ```
 *  client (old: polling, new: candidate)                server
 *  opening    candidate opens ────────────────────────► opening
 *  probing    2probe ──────────── candidate ──────────►
 *             ◄────────────────── candidate ── 3probe   probing: answers waiting GETs with 6
 *  switching  flush nothing; wait until no GET and no
 *             POST is in flight on the old transport
 *             5 ───────────────── candidate ──────────► adopts the candidate, flushes
 *  done       adopts the candidate, flushes             done
 * ```
 *
 * Until `5` everything still flows on the old transport, so whatever goes wrong before costs the candidate alone.
 */
export abstract class Upgrade extends Deadline implements TransportHandler {
  protected $state: UpgradeState = "opening";
  protected readonly $deadlines: Deadlines;
  protected readonly $port: UpgradePort;
  protected readonly $candidate: Transport;

  constructor(deadlines: Deadlines, port: UpgradePort, candidate: Transport, timeout: number) {
    super();
    this.$deadlines = deadlines;
    this.$port = port;
    this.$candidate = candidate;
    candidate.handler = this;
    deadlines.start(this, timeout);
  }

  /** Whether the outbox waits for the switch to be over. */
  get switching(): boolean {
    return this.$state === "switching";
  }

  abstract onTransportOpen(transport: Transport): void;

  abstract onTransportPacket(transport: Transport, packet: EnginePacket): void;

  onTransportWritable(): void {
    // The candidate carries nothing but the handshake of the upgrade.
  }

  onTransportClose(_transport: Transport, _reason: CloseReason, cause?: Error): void {
    this.$fail(failure("ERR_UPGRADE", cause));
  }

  override expire(): void {
    this.$fail(failure("ERR_UPGRADE"));
  }

  /** The session is over, or does not want the candidate any more. */
  abandon(): void {
    if (this.$finish()) {
      this.$candidate.abort();
    }
  }

  protected $fail(error: Error): void {
    if (this.$finish()) {
      this.$candidate.abort();
      this.$port.onUpgradeFailed(this.$candidate, error);
    }
  }

  protected $adopt(): void {
    if (this.$finish()) {
      this.$port.adopt(this.$candidate);
    }
  }

  /** Enters the last state; false if it was entered before. */
  protected $finish(): boolean {
    if (this.$state === "done") {
      return false;
    }
    this.$state = "done";
    this.$deadlines.stop(this);
    return true;
  }
}

/** The client's half: it opened the candidate, and decides when to switch. */
export class ClientUpgrade extends Upgrade {
  override onTransportOpen(candidate: Transport): void {
    if (this.$state === "opening") {
      this.$state = "probing";
      candidate.send([PROBE_PING]);
    }
  }

  override onTransportPacket(_candidate: Transport, packet: EnginePacket): void {
    if (this.$state === "probing" && packet.type === "pong" && packet.data === "probe") {
      this.$state = "switching";
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

  private $switch(): void {
    if (this.$state === "switching") {
      this.$candidate.send([UPGRADE]);
      this.$adopt();
    }
  }
}

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
      candidate.send([PROBE_PONG]);
      this.$state = "probing";
      this.$armNudge(FIRST_NUDGE);
    } else if (packet.type === "upgrade") {
      this.$adopt();
    } else {
      this.$fail(failure("ERR_UPGRADE", violation("ERR_PACKET_ORDER")));
    }
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
