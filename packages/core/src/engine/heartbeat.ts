import type { CloseReason } from "../codes.ts";
import type { Deadline } from "../deadlines.ts";
import type { EnginePacket } from "./wire.ts";

/** What a heartbeat asks of its session. */
export interface HeartbeatPort {
  sendPacket(packet: EnginePacket): void;
  /** Ends the session: the peer was silent for too long, or beats the wrong way round. */
  abort(reason: CloseReason, cause?: Error): void;
}

/**
 * Finds out that the peer is gone. One end pings, the other answers:
 *
 * ```
 *  pinging                                  answering
 *  resting ──(interval)──► ping ──────────► pong, deadline = interval + timeout from now
 *  awaiting, deadline = timeout ◄────────── pong
 *  resting …
 * ```
 *
 * Other traffic does not prove that the peer's heartbeat works. Yet it shows that the peer is there: the first of it after a
 * ping gives the peer the timeout anew, for its pong may stand behind a large message.
 */
export interface Heartbeat extends Deadline {
  /** Begins when the session opens. */
  start(): void;
  /** Ends with the session. */
  stop(): void;
  /**
   * Whether the deadline has passed although its timer has not fired, as happens when a browser throttles the timers
   * of a hidden page or a laptop slept.
   */
  readonly overdue: boolean;
  /** Whether a packet that is no pong gives the peer more time. Asked with each packet. */
  readonly extendable?: boolean;
  /** Gives it the timeout anew. */
  extend?(): void;
  /** A ping or a pong arrived; returns whether it is one that this end takes. */
  receive(type: "ping" | "pong"): boolean;
}
