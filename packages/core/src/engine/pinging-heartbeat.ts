import { Deadline, type Deadlines } from "../deadlines.ts";
import { violation } from "../errors.ts";
import type { Heartbeat, HeartbeatPort } from "./heartbeat.ts";
import { PING } from "./wire.ts";

/** `resting` until the next ping is due, or `awaiting` the pong. */
type PingingState = "stopped" | "resting" | "awaiting";

/** The heartbeat of the end that pings. */
export class PingingHeartbeat extends Deadline implements Heartbeat {
  private readonly $deadlines: Deadlines;
  private readonly $port: HeartbeatPort;
  private readonly $interval: number;
  private readonly $timeout: number;
  private $state: PingingState = "stopped";
  extendable: boolean = false;

  /**
   * @param interval - milliseconds from a pong to the next ping
   * @param timeout - milliseconds within which a ping must be answered
   */
  constructor(deadlines: Deadlines, port: HeartbeatPort, interval: number, timeout: number) {
    super();
    this.$deadlines = deadlines;
    this.$port = port;
    this.$interval = interval;
    this.$timeout = timeout;
  }

  start(): void {
    this.$enter("resting", this.$interval);
  }

  stop(): void {
    this.$state = "stopped";
    this.extendable = false;
    this.$deadlines.stop(this);
  }

  get overdue(): boolean {
    return this.$state === "awaiting" && this.$deadlines.now() > this.due;
  }

  extend(): void {
    this.extendable = false;
    this.$deadlines.start(this, this.$timeout);
  }

  /** A pong that nobody asked for puts the next ping off, too; a ping is a violation. */
  receive(type: "ping" | "pong"): boolean {
    if (type === "ping") {
      this.$port.abort("transport error", violation("ERR_HEARTBEAT_DIRECTION"));
      return false;
    }
    if (this.$state !== "stopped") {
      this.$enter("resting", this.$interval);
    }
    return true;
  }

  override expire(): void {
    if (this.$state === "resting") {
      this.$enter("awaiting", this.$timeout);
      this.$port.sendPacket(PING);
    } else {
      this.stop();
      this.$port.abort("ping timeout");
    }
  }

  private $enter(state: PingingState, duration: number): void {
    this.$state = state;
    this.extendable = state === "awaiting";
    this.$deadlines.start(this, duration);
  }
}
