import { Deadline, type Deadlines } from "../deadlines.ts";

/** What a heartbeat asks of its session. */
export interface HeartbeatPort {
  /** Sends a `ping` or a `pong`. */
  sendHeartbeat(type: "ping" | "pong"): void;
  /** The peer was silent for too long. */
  onHeartbeatTimeout(): void;
}

/** `resting` until the next ping is due, or `awaiting` a packet from the peer. */
type HeartbeatState = "stopped" | "resting" | "awaiting";

/**
 * Finds out that the peer is gone. One end is the pinger, the other answers:
 *
 * ```
 *  pinger                                   responder
 *  resting ──(interval)──► ping ──────────► pong, deadline = interval + timeout from now
 *  awaiting, deadline = timeout ◄────────── pong
 *  resting …
 * ```
 *
 * Only pings and pongs count; other traffic does not prove that the peer's heartbeat works.
 */
export class Heartbeat extends Deadline {
  private readonly $deadlines: Deadlines;
  private readonly $port: HeartbeatPort;
  private readonly $pinger: boolean;
  private readonly $interval: number;
  private readonly $timeout: number;
  private $state: HeartbeatState = "stopped";

  /**
   * @param pinger - whether this end sends the pings
   * @param interval - milliseconds from a pong to the next ping
   * @param timeout - milliseconds within which a ping must be answered
   */
  constructor(deadlines: Deadlines, port: HeartbeatPort, pinger: boolean, interval: number, timeout: number) {
    super();
    this.$deadlines = deadlines;
    this.$port = port;
    this.$pinger = pinger;
    this.$interval = interval;
    this.$timeout = timeout;
  }

  /** Begins when the session opens. */
  start(): void {
    if (this.$pinger) {
      this.$enter("resting", this.$interval);
    } else {
      this.$enter("awaiting", this.$interval + this.$timeout);
    }
  }

  /** Ends with the session. */
  stop(): void {
    this.$state = "stopped";
    this.$deadlines.stop(this);
  }

  /**
   * Whether the deadline has passed although its timer has not fired, as happens when a browser throttles the timers
   * of a hidden page or a laptop slept.
   */
  get overdue(): boolean {
    return this.$state === "awaiting" && this.$deadlines.now() > this.due;
  }

  /** A ping arrived; returns false if this end is the one to send them. */
  receivePing(): boolean {
    if (this.$pinger) {
      return false;
    }
    if (this.$state !== "stopped") {
      this.$enter("awaiting", this.$interval + this.$timeout);
      this.$port.sendHeartbeat("pong");
    }
    return true;
  }

  /** A pong arrived; returns false if this end is the one to send them. One that nobody asked for changes nothing. */
  receivePong(): boolean {
    if (this.$pinger && this.$state === "awaiting") {
      this.$enter("resting", this.$interval);
    }
    return this.$pinger;
  }

  override expire(): void {
    if (this.$state === "resting") {
      this.$enter("awaiting", this.$timeout);
      this.$port.sendHeartbeat("ping");
    } else {
      this.$state = "stopped";
      this.$port.onHeartbeatTimeout();
    }
  }

  private $enter(state: HeartbeatState, duration: number): void {
    this.$state = state;
    this.$deadlines.start(this, duration);
  }
}
