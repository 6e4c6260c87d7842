import { failure } from "../errors.ts";
import type { CloseReason } from "../codes.ts";
import { Deadline, type Deadlines } from "../deadlines.ts";
import type { Transport, TransportHandler } from "../ports.ts";
import type { EnginePacket } from "./wire.ts";

/** What an upgrade asks of its session. */
export interface UpgradePort {
  /** The transport that still carries the session. */
  readonly transport: Transport;
  /** A server has answered the probe. */
  onUpgradeProbed?(candidate: Transport): void;
  /** A client is going to switch to the candidate: it was the first to be answered. */
  onUpgradeChosen(candidate: Transport): void;
  /** The candidate carries the session from now on. */
  adopt(candidate: Transport): void;
  /** The candidate is gone and the session stays where it was. */
  onUpgradeFailed(candidate: Transport, error: Error): void;
}

/** What is left to happen. `done` when the candidate was adopted, or given up. */
export type UpgradeState = "opening" | "probing" | "switching" | "done";

/**
 * An attempt to move a session from polling to another transport without losing or reordering a packet. Attempts for
 * different transports run side by side; the client switches to the one that is answered first.
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
  /** The transport that is tried. */
  readonly candidate: Transport;

  constructor(deadlines: Deadlines, port: UpgradePort, candidate: Transport, timeout: number) {
    super();
    this.$deadlines = deadlines;
    this.$port = port;
    this.candidate = candidate;
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

  /** The session closes, and has sent all that it is to send. */
  abstract onSessionClosing(): void;

  /** The session is over, or does not want the candidate any more. */
  abandon(): void {
    if (this.$finish()) {
      this.candidate.abort();
    }
  }

  protected $fail(error: Error): void {
    if (this.$finish()) {
      this.candidate.abort();
      this.$port.onUpgradeFailed(this.candidate, error);
    }
  }

  protected $adopt(): void {
    if (this.$finish()) {
      this.$port.adopt(this.candidate);
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
