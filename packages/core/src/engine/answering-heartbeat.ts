import { Deadline, type Deadlines } from "../deadlines.ts";
import type { Heartbeat, HeartbeatPort } from "./heartbeat.ts";
import { PONG } from "./wire.ts";

/** The heartbeat of the end that answers. */
export class AnsweringHeartbeat extends Deadline implements Heartbeat {
  private readonly $deadlines: Deadlines;
  protected readonly $port: HeartbeatPort;
  private readonly $patience: number;

  /**
   * @param patience - milliseconds from one ping to the next, at most
   */
  constructor(deadlines: Deadlines, port: HeartbeatPort, patience: number) {
    super();
    this.$deadlines = deadlines;
    this.$port = port;
    this.$patience = patience;
  }

  start(): void {
    this.$deadlines.start(this, this.$patience);
  }

  stop(): void {
    this.$deadlines.stop(this);
  }

  get overdue(): boolean {
    return this.$deadlines.now() > this.due;
  }

  receive(type: "ping" | "pong"): boolean {
    const taken = type === "ping" && this.armed;
    if (taken) {
      this.start();
      this.$port.sendPacket(PONG);
    }
    return taken;
  }

  override expire(): void {
    this.$port.abort("ping timeout");
  }
}
